import type * as pulumi from "@pulumi/pulumi";
import { type Persistence, renderStorage } from "../addons/persistence";
import type { KubeObject } from "../lib/objects";
import { type Exposure, expose } from "../mesh/exposure";
import { giteaService } from "./gitea";
import { appImages } from "./images";
import { fromSecret, renderKeeper, variables } from "./keeper";
import { type AppArgs, renderAccount, renderDeployment, renderService } from "./parts";

export interface DroneArgs extends AppArgs {
  /** Id of the OAuth2 application that was made for Drone in Gitea. */
  readonly clientId: string;
  /** Gitea's user who may do everything in Drone. */
  readonly admin: string;
  /** Host, perhaps with a port, by which browsers and Gitea's hooks reach Drone. Default: its Service. */
  readonly host?: string | undefined;
  /** `http` or `https`, as browsers see it. Default `http`. */
  readonly proto?: "http" | "https" | undefined;
  /** Where Drone and browsers find Gitea. Default: Gitea's Service. */
  readonly giteaUrl?: string | undefined;
  /** Of the server's Service. Default: inside the cluster only. */
  readonly expose?: Exposure | undefined;
  /** The server's database. Default: in the pod. */
  readonly persistence?: Persistence | undefined;
  /**
   * Where steps run: as pods of the same namespace, or in the Docker of the runner's node, which clusters on containerd
   * do not have. Default `kubernetes`.
   */
  readonly runner?: "kubernetes" | "docker" | undefined;
  /** Steps that run at once. Default 2. */
  readonly capacity?: number | undefined;
}

export interface DroneSecrets {
  /** What server and runner know each other by. Made once, by Pulumi. */
  readonly rpc: pulumi.Input<string>;
  /** That of the OAuth2 application, from Gitea's page. */
  readonly client: pulumi.Input<string>;
}

const SECRET = "drone";
const server = "drone-server";
const serverPort = 10001;
const runnerName = "drone-runner";

export function renderDroneServer(args: DroneArgs, secrets: DroneSecrets): KubeObject[] {
  const { namespace, pods, expose: exposure = { kind: "clusterIP" }, persistence = { kind: "none" } } = args;
  const labels = { app: server, version: "v1" };
  const storage = renderStorage({ name: server, namespace, labels, persistence, user: 0 });
  const { service, ingress, pod } = expose(exposure, {
    name: server,
    namespace,
    labels: { app: server },
    selector: { app: server },
    ports: [{ name: "http", port: serverPort, targetPort: 80 }],
  });
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: SECRET, namespace, labels },
      type: "Opaque",
      stringData: { rpcSecret: secrets.rpc, clientSecret: secrets.client },
    },
    ...storage.objects,
    service,
    ...(ingress === undefined ? [] : [ingress]),
    renderKeeper({
      namespace,
      pods,
      name: server,
      labels,
      container: server,
      image: appImages.drone,
      env: [
        ...variables({
          DRONE_AGENTS_ENABLED: "true",
          DRONE_SERVER_HOST: args.host ?? `${server}.${namespace}:${serverPort}`,
          DRONE_SERVER_PROTO: args.proto ?? "http",
          DRONE_GITEA_SERVER: args.giteaUrl ?? giteaService(namespace),
          DRONE_GITEA_CLIENT_ID: args.clientId,
          DRONE_USER_CREATE: `username:${args.admin},admin:true`,
        }),
        fromSecret("DRONE_GITEA_CLIENT_SECRET", SECRET, "clientSecret"),
        fromSecret("DRONE_RPC_SECRET", SECRET, "rpcSecret"),
      ],
      ports: [{ name: "http", port: 80 }],
      health: "/healthz",
      memory: "64Mi",
      storage,
      dataPath: "/data",
      pod,
    }),
  ];
}

/** What the runner does for a build: a pod for its steps, a Secret for what they need to know. */
function renderRights(namespace: string): KubeObject[] {
  const labels = { app: runnerName };
  const metadata = { name: runnerName, namespace, labels };
  const apiVersion = "rbac.authorization.k8s.io/v1";
  return [
    renderAccount(runnerName, namespace, labels),
    {
      apiVersion,
      kind: "Role",
      metadata,
      rules: [
        { apiGroups: [""], resources: ["secrets"], verbs: ["create", "delete"] },
        { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
        {
          apiGroups: [""],
          resources: ["pods"],
          verbs: ["get", "create", "delete", "list", "watch", "update"],
        },
      ],
    },
    {
      apiVersion,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: runnerName },
      subjects: [{ kind: "ServiceAccount", name: runnerName, namespace }],
    },
  ];
}

export function renderDroneRunner(args: DroneArgs): KubeObject[] {
  const { namespace, pods, runner = "kubernetes", capacity = 2 } = args;
  const kubernetes = runner === "kubernetes";
  const labels = { app: runnerName, version: "v1" };
  const deployment = renderDeployment({
    namespace,
    pods,
    name: runnerName,
    labels,
    container: runnerName,
    image: kubernetes ? appImages.droneKubernetesRunner : appImages.droneDockerRunner,
    env: [
      ...variables({
        DRONE_RPC_PROTO: "http",
        DRONE_RPC_HOST: `${server}:${serverPort}`,
        DRONE_RUNNER_NAME: "drone_runner_1",
        DRONE_RUNNER_CAPACITY: String(capacity),
        ...(kubernetes ? { DRONE_NAMESPACE_DEFAULT: namespace } : {}),
      }),
      fromSecret("DRONE_RPC_SECRET", SECRET, "rpcSecret"),
    ],
    ports: [{ name: "http", port: 3000 }],
    health: "tcp",
    ...(kubernetes ? { account: runnerName, token: true } : { sockets: ["/var/run/docker.sock"] }),
  });
  return [
    ...(kubernetes ? renderRights(namespace) : []),
    renderService({
      name: runnerName,
      namespace,
      selector: { app: runnerName },
      ports: [{ name: "http", port: 10002, targetPort: 3000 }],
    }),
    deployment,
  ];
}
