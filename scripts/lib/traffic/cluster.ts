import type { KubeObject } from "../../../components/lib/objects";
import { mapOf } from "../../../components/traffic/simulate/objects";
import type { Kubectl } from "./kubectl";
import type { Pod } from "./snapshots";

/** Kinds that say where requests go, as `kubectl api-resources` names them. No Secrets. */
const KINDS = [
  ...["namespaces", "services", "deployments.apps", "statefulsets.apps", "daemonsets.apps"],
  "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  ...["virtualservices", "destinationrules", "gateways", "serviceentries", "workloadentries"].map(
    (kind) => `${kind}.networking.istio.io`,
  ),
  ...["sidecars.networking.istio.io", "envoyfilters.networking.istio.io"],
  ...["peerauthentications", "requestauthentications", "authorizationpolicies"].map(
    (kind) => `${kind}.security.istio.io`,
  ),
  ...["httproutes.gateway.networking.k8s.io", "grpcroutes.gateway.networking.k8s.io"],
];

interface List<T> {
  readonly items: readonly T[];
}

/**
 * All objects by which the simulator predicts. They are read from the cluster and not rendered from the config: what is
 * measured is what the cluster does, with every object that somebody else has put there.
 */
export async function readObjects(kubectl: Kubectl, meshNamespace: string): Promise<KubeObject[]> {
  const served = new Set((await kubectl.run(["api-resources", "--verbs=list", "-o", "name"])).split("\n"));
  const kinds = KINDS.filter((kind) => served.has(kind));
  if (!kinds.some((kind) => kind.endsWith("istio.io")))
    throw new Error("the cluster has no Istio: none of its definitions is there; run `npm run up` first");
  const settings = ["get", "configmap", "istio", "--namespace", meshNamespace, "--ignore-not-found"];
  const [all, config] = await Promise.all([
    kubectl.json<List<KubeObject>>(["get", kinds.join(","), "--all-namespaces"]),
    kubectl.json<List<KubeObject> | KubeObject>(settings),
  ]);
  return [...all.items, ...("kind" in config ? [config as KubeObject] : [])];
}

export interface LivePod extends Pod {
  readonly namespace: string;
  readonly podName: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly string[];
  readonly ready: boolean;
  /** Of its application. */
  readonly image: string;
}

interface StoredPod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: object;
    readonly deletionTimestamp?: string;
  };
  readonly spec: Readonly<
    Record<"containers" | "initContainers", readonly { name: string; image: string }[] | undefined>
  >;
  readonly status: {
    readonly podIP?: string;
    readonly phase?: string;
    readonly conditions?: readonly { type: string; status: string }[];
  };
}

const livePod = ({ metadata, spec, status }: StoredPod): LivePod => {
  const labels = mapOf(metadata.labels);
  return {
    name: `${metadata.namespace}/${metadata.name}`,
    namespace: metadata.namespace,
    podName: metadata.name,
    version: labels.version ?? "",
    ip: status.podIP ?? "",
    labels,
    // A native sidecar is an init container that goes on.
    containers: [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ name }) => name),
    ready:
      status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false,
    image: spec.containers?.find(({ name }) => name !== "istio-proxy")?.image ?? "",
  };
};

/** Pods that run, without those that are leaving. */
export async function readPods(kubectl: Kubectl): Promise<LivePod[]> {
  const { items } = await kubectl.json<List<StoredPod>>(["get", "pods", "--all-namespaces"]);
  return items
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === "Running")
    .map(livePod);
}

export const matchesLabels = (
  labels: Readonly<Record<string, string>>,
  selector: object | undefined,
): boolean => {
  const wanted = Object.entries(mapOf(selector));
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
};
