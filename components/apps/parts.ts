import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { MeshHandle } from "../mesh/mesh-handle";

export type Labels = Readonly<Record<string, string>>;

/** What the cluster around an application asks of its pods. */
export interface PodHabits {
  /**
   * Names the proxy that the pods' namespace gives them; it stands in the pods' annotations, so that another one starts
   * them anew. Without that a pod keeps the proxy it was born with. Default: none is noted.
   */
  readonly proxy?: string | undefined;
  /**
   * Seconds between a pod's leaving of its Service and the program's order to end, in which callers that have not heard
   * of it yet are still answered; without it each replaced pod costs them a 503. Kubelet's own sleep, since many images
   * have none: Kubernetes 1.30 and later. Default 0.
   */
  readonly drainSeconds?: number | undefined;
}

/** What every application takes. */
export interface AppArgs {
  readonly namespace: string;
  /** Default: no mesh, so that there are no gateways and routes either. */
  readonly mesh?: Pick<MeshHandle, "version" | "ingress"> | undefined;
  /** Default: none of them. */
  readonly pods?: PodHabits | undefined;
}

export interface AppComponentArgs extends AppArgs {
  /** What has to be there before: the namespace, and `mesh.ready`, since a pod made earlier gets no proxy. */
  readonly after: readonly pulumi.Resource[];
  /** The step with whose undoing these objects are gone too. Default: they are deleted one by one. */
  readonly cluster?: pulumi.Resource | undefined;
}

/** What an application's objects have in common. */
export const childOptions = (
  parent: pulumi.Resource,
  { after, cluster }: Pick<AppComponentArgs, "after" | "cluster">,
): pulumi.CustomResourceOptions => ({
  parent,
  dependsOn: [...after],
  ...(cluster === undefined ? {} : { deletedWith: cluster }),
});

/** A container's port; its name decides how the mesh treats it. */
export interface NamedPort {
  readonly name: string;
  readonly port: number;
}

export interface WorkloadArgs extends AppArgs {
  readonly name: string;
  /** Labels of the pods. */
  readonly labels: Labels;
  /** Those by which the workload finds its pods; can never be changed. Default: all of them. */
  readonly selector?: Labels;
  readonly container: string;
  readonly image: string;
  /** Default: the image's own. */
  readonly command?: readonly string[];
  /** Default: the image's own. */
  readonly args?: readonly string[];
  /** Default none. */
  readonly env?: readonly object[];
  /** Default none. */
  readonly ports?: readonly NamedPort[];
  /** A path on the first port that answers 200; `tcp` asks only whether it is open. Default: no probes. */
  readonly health?: string | "tcp";
  /** The user that the program runs as. Default: the image's, perhaps root, because it wants port 80. */
  readonly user?: number;
  /** Default: the namespace's account. */
  readonly account?: string;
  /** Whether the program gets its account's token, to talk to the API server. Default false. */
  readonly token?: boolean;
  /** Sockets of the node that it uses, by their path. Default none. */
  readonly sockets?: readonly string[];
  /** Folders that live as long as the pod, by their path. Default none. */
  readonly scratch?: readonly string[];
  /** Annotations of the pods. Default none. */
  readonly annotations?: Labels;
  /**
   * Seconds that it has to end by itself. Default: Kubernetes' own, 30. Shells and sleep do not listen as a container's
   * first process, so that each of their pods would take all of it.
   */
  readonly grace?: number;
  /** Memory that is set aside. Default `32Mi`. */
  readonly memory?: string;
  /** Default 1. */
  readonly replicas?: number;
}

/** Three minutes to start, on slow computers too; half a minute of silence takes a pod out, a minute ends it. */
function probes(health: string | undefined, port: NamedPort | undefined): object {
  if (health === undefined || port === undefined) return {};
  const ask =
    health === "tcp" ? { tcpSocket: { port: port.name } } : { httpGet: { path: health, port: port.name } };
  return {
    startupProbe: { ...ask, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 90 },
    readinessProbe: { ...ask, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...ask, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
}

/** Said for the container and not for the pod: Istio's own init container has to be root. */
const confinement = (user: number | undefined) => ({
  allowPrivilegeEscalation: false,
  ...(user === undefined
    ? {}
    : {
        runAsUser: user,
        runAsNonRoot: true,
        capabilities: { drop: ["ALL"] },
        seccompProfile: { type: "RuntimeDefault" },
      }),
});

const scratchName = (at: number) => `scratch-${at}`;
const socketName = (at: number) => `socket-${at}`;

/** Volumes of a pod and where they are seen, as lists that are left out while empty. */
function places({ scratch = [], sockets = [] }: Pick<WorkloadArgs, "scratch" | "sockets">) {
  const mounts = [
    ...scratch.map((mountPath, at) => ({ name: scratchName(at), mountPath })),
    ...sockets.map((mountPath, at) => ({ name: socketName(at), mountPath })),
  ];
  const volumes = [
    ...scratch.map((_, at) => ({ name: scratchName(at), emptyDir: {} })),
    ...sockets.map((path, at) => ({ name: socketName(at), hostPath: { path, type: "Socket" } })),
  ];
  return mounts.length === 0
    ? { mounts: {}, volumes: {} }
    : { mounts: { volumeMounts: mounts }, volumes: { volumes } };
}

/** What a mesh's reader of pods wants to see of one. */
export const podAnnotations = (args: Pick<WorkloadArgs, "annotations" | "pods">): object => {
  const all = {
    ...args.annotations,
    ...(args.pods?.proxy === undefined ? {} : { "mesh-platform/proxy": args.pods.proxy }),
  };
  return Object.keys(all).length === 0 ? {} : { annotations: all };
};

/** The one container of an application's pods. */
export function renderContainer(args: Omit<WorkloadArgs, "labels" | "namespace">): object {
  const { container, image, command, env = [], ports = [], memory = "32Mi" } = args;
  const { drainSeconds = 0 } = args.pods ?? {};
  // Whom nobody calls has nothing to wait for.
  const drains = drainSeconds > 0 && ports.length > 0;
  return {
    name: container,
    image,
    imagePullPolicy: "IfNotPresent",
    ...(command === undefined ? {} : { command }),
    ...(args.args === undefined ? {} : { args: args.args }),
    ...(env.length === 0 ? {} : { env }),
    ...(ports.length === 0
      ? {}
      : { ports: ports.map(({ name, port }) => ({ name, containerPort: port, protocol: "TCP" })) }),
    ...probes(args.health, ports[0]),
    ...(drains ? { lifecycle: { preStop: { sleep: { seconds: drainSeconds } } } } : {}),
    resources: { requests: { cpu: "10m", memory } },
    securityContext: confinement(args.user),
    ...places(args).mounts,
  };
}

export function renderDeployment(args: WorkloadArgs): KubeObject {
  const { name, namespace, labels, selector = labels, account, token = false, grace, replicas = 1 } = args;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels, ...podAnnotations(args) },
        spec: {
          ...(account === undefined ? {} : { serviceAccountName: account }),
          ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }),
          automountServiceAccountToken: token,
          // Variables made from Services have names that programs take for settings, such as DRONE_SERVER_PORT.
          enableServiceLinks: false,
          containers: [renderContainer(args)],
          ...places(args).volumes,
        },
      },
    },
  };
}

export interface ServiceArgs {
  readonly name: string;
  readonly namespace: string;
  /** Default: as the selector. */
  readonly labels?: Labels;
  readonly selector: Labels;
  /** `targetPort` is that of the container by number. Default: as `port`. */
  readonly ports: readonly (NamedPort & { readonly targetPort?: number })[];
}

export const renderService = ({ name, namespace, labels, selector, ports }: ServiceArgs): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels: labels ?? selector },
  spec: {
    type: "ClusterIP",
    selector,
    ports: ports.map(({ name: portName, port, targetPort = port }) => ({
      name: portName,
      port,
      protocol: "TCP",
      targetPort,
    })),
  },
});

export const renderAccount = (name: string, namespace: string, labels: Labels): KubeObject => ({
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name, namespace, labels },
});
