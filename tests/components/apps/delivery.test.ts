import { describe, expect, it } from "vitest";
import { renderDelivery } from "../../../components/apps/delivery";
import { type KubeObject, titleOf } from "../../../components/lib/objects";

const secrets = { databaseRoot: "canary-root", database: "canary-database", rpc: "canary-rpc" };
const drone = { clientId: "id-of-drone", admin: "root", clientSecret: "canary-client" };

interface PodSpec {
  readonly nodeSelector?: object;
  readonly initContainers?: readonly object[];
  readonly securityContext?: object;
  readonly containers: readonly {
    readonly image: string;
    readonly env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
    readonly volumeMounts?: readonly object[];
  }[];
  readonly volumes?: readonly object[];
}

const find = (objects: readonly KubeObject[], title: string) =>
  objects.find((object) => titleOf(object) === title);
const podOf = (objects: readonly KubeObject[], title: string) =>
  (find(objects, title)?.spec as { template: { spec: PodSpec } } | undefined)?.template.spec;
const variablesOf = (objects: readonly KubeObject[], title: string) =>
  Object.fromEntries(
    podOf(objects, title)?.containers[0]?.env.map(({ name, value, valueFrom }) => [
      name,
      value ?? valueFrom,
    ]) ?? [],
  );
const portsOf = (objects: readonly KubeObject[], title: string) => {
  const { ports = [] } = (find(objects, title)?.spec ?? {}) as {
    ports?: readonly { name: string; port: number; targetPort: number }[];
  };
  return ports.map(({ name, port, targetPort }) => [name, port, targetPort]);
};
const secret = (name: string, key: string) => ({ secretKeyRef: { name, key } });

describe("renderDelivery", () => {
  const all = renderDelivery({ namespace: "ci", drone }, secrets);

  it("begins with Gitea alone, on whose pages Drone's application is made", () => {
    expect(renderDelivery({ namespace: "ci" }, secrets).map(titleOf)).toEqual([
      "Secret ci/gitea-database",
      "Service ci/db",
      "StatefulSet ci/db",
      "Service ci/gitea",
      "StatefulSet ci/gitea",
    ]);
  });

  it("adds Drone's server, and a runner that may make pods", () => {
    expect(all.slice(5).map(titleOf)).toEqual([
      "Secret ci/drone",
      "Service ci/drone-server",
      "StatefulSet ci/drone-server",
      "ServiceAccount ci/drone-runner",
      "Role ci/drone-runner",
      "RoleBinding ci/drone-runner",
      "Service ci/drone-runner",
      "Deployment ci/drone-runner",
    ]);
  });

  it("keeps secret values in Secrets", () => {
    expect(find(all, "Secret ci/gitea-database")?.stringData).toEqual({
      rootPassword: "canary-root",
      password: "canary-database",
    });
    expect(find(all, "Secret ci/drone")?.stringData).toEqual({
      rpcSecret: "canary-rpc",
      clientSecret: "canary-client",
    });
    const others = all.filter(({ kind }) => kind !== "Secret");
    expect(JSON.stringify(others)).not.toContain("canary");
  });

  it("has the ports of document 001", () => {
    expect(portsOf(all, "Service ci/gitea")).toEqual([
      ["http", 10000, 10000],
      ["tcp-ssh", 2222, 2222],
    ]);
    expect(portsOf(all, "Service ci/db")).toEqual([["tcp-mysql", 3306, 3306]]);
    expect(portsOf(all, "Service ci/drone-server")).toEqual([["http", 10001, 80]]);
    expect(portsOf(all, "Service ci/drone-runner")).toEqual([["http", 10002, 3000]]);
  });

  // The document's variables are those of the image with root; the one without takes settings by section and key.
  it("gives Gitea and its database the settings of document 001", () => {
    expect(variablesOf(all, "StatefulSet ci/gitea")).toEqual({
      GITEA_APP_INI: "/var/lib/gitea/conf/app.ini",
      GITEA__server__DOMAIN: "gitea.ci",
      GITEA__server__SSH_DOMAIN: "gitea.ci",
      GITEA__server__ROOT_URL: "http://gitea.ci:10000/",
      GITEA__server__HTTP_PORT: "10000",
      GITEA__server__SSH_PORT: "2222",
      GITEA__server__SSH_LISTEN_PORT: "2222",
      GITEA__server__START_SSH_SERVER: "true",
      GITEA__database__DB_TYPE: "mysql",
      GITEA__database__HOST: "db:3306",
      GITEA__database__NAME: "gitea",
      GITEA__database__USER: "gitea",
      GITEA__security__INSTALL_LOCK: "true",
      GITEA__database__PASSWD: secret("gitea-database", "password"),
    });
    expect(variablesOf(all, "StatefulSet ci/db")).toEqual({
      MYSQL_ROOT_PASSWORD: secret("gitea-database", "rootPassword"),
      MYSQL_PASSWORD: secret("gitea-database", "password"),
      MYSQL_DATABASE: "gitea",
      MYSQL_USER: "gitea",
    });
  });

  // Deviation: the document's runner reaches the server on its container's port 80; here it is the Service's.
  it("gives Drone the settings of document 001", () => {
    expect(variablesOf(all, "StatefulSet ci/drone-server")).toEqual({
      DRONE_AGENTS_ENABLED: "true",
      DRONE_SERVER_HOST: "drone-server.ci:10001",
      DRONE_SERVER_PROTO: "http",
      DRONE_GITEA_SERVER: "http://gitea.ci:10000",
      DRONE_GITEA_CLIENT_ID: "id-of-drone",
      DRONE_USER_CREATE: "username:root,admin:true",
      DRONE_GITEA_CLIENT_SECRET: secret("drone", "clientSecret"),
      DRONE_RPC_SECRET: secret("drone", "rpcSecret"),
    });
    const runner = renderDelivery({ namespace: "ci", drone: { ...drone, runner: "docker" } }, secrets);
    expect(variablesOf(runner, "Deployment ci/drone-runner")).toEqual({
      DRONE_RPC_PROTO: "http",
      DRONE_RPC_HOST: "drone-server:10001",
      DRONE_RUNNER_NAME: "drone_runner_1",
      DRONE_RUNNER_CAPACITY: "2",
      DRONE_RPC_SECRET: secret("drone", "rpcSecret"),
    });
    expect(podOf(runner, "Deployment ci/drone-runner")).toMatchObject({
      containers: [{ volumeMounts: [{ name: "socket-0", mountPath: "/var/run/docker.sock" }] }],
      volumes: [{ name: "socket-0", hostPath: { path: "/var/run/docker.sock", type: "Socket" } }],
    });
  });

  it("keeps data on a claim or on one node", () => {
    const kept = renderDelivery(
      {
        namespace: "ci",
        persistence: { kind: "hostPath", path: "/var/lib/gitea", node: "worker1" },
        databasePersistence: { kind: "claim", size: "10Gi" },
      },
      secrets,
    );
    expect(podOf(kept, "StatefulSet ci/gitea")).toMatchObject({
      nodeSelector: { "kubernetes.io/hostname": "worker1" },
      initContainers: [{ command: ["chown", "1000:1000", "/data"] }],
      securityContext: { fsGroup: 1000 },
      containers: [{ volumeMounts: [{ name: "data", mountPath: "/var/lib/gitea" }] }],
      volumes: [{ name: "data", hostPath: { path: "/var/lib/gitea", type: "DirectoryOrCreate" } }],
    });
    expect(find(kept, "PersistentVolumeClaim ci/db")?.spec).toMatchObject({
      resources: { requests: { storage: "10Gi" } },
    });
    expect(podOf(kept, "StatefulSet ci/db")?.volumes).toEqual([
      { name: "data", persistentVolumeClaim: { claimName: "db" } },
    ]);
  });

  it("can be reached on ports of the nodes", () => {
    const exposed = renderDelivery(
      { namespace: "ci", expose: { kind: "nodePort", nodePorts: { http: 31000, "tcp-ssh": 31022 } } },
      secrets,
    );
    expect(find(exposed, "Service ci/gitea")?.spec).toMatchObject({
      type: "NodePort",
      ports: [{ nodePort: 31000 }, { nodePort: 31022 }],
    });
  });
});
