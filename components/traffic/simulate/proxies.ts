import { type Labels, matches, Undecided } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import { type KubeObject, titleOf } from "../../lib/objects";
import type { Workload } from "../../lib/workloads";
import { injectionOf, ownProxy } from "../../mesh/injection-objects";
import { fieldsOf, textOf } from "./objects";
import type { PodSource } from "./types";

/** Whoever sends or takes a request. */
export interface Party {
  readonly kind: "sidecar" | "gateway" | "plain" | "outside";
  /** For people: `Deployment shop/cart`. */
  readonly title: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly serviceAccount: string;
  /** Why it has a sidecar or none. */
  readonly because: string;
  readonly object?: KubeObject;
}

/** Fields below a dotted path. */
const below = (object: KubeObject, path: string) =>
  path.split(".").reduce<unknown>((value, key) => fieldsOf(value)[key], object);

export const podSpecOf = ({ object, spec }: Workload): Readonly<Record<string, unknown>> =>
  fieldsOf(spec === "spec" ? object.spec : below(object, spec));

export interface Injection {
  readonly injected: boolean;
  readonly because: string;
  /** False where the namespace is not declared. */
  readonly known: boolean;
}

/** Whether the pods of a workload have a proxy, put in by the injector or brought along. */
export function injectionAt(workload: Workload, index: ObjectIndex): Injection {
  try {
    if (ownProxy(workload) !== undefined)
      return { injected: true, because: "it brings its own proxy", known: true };
    const decision = injectionOf(workload, index);
    if (decision !== undefined) return { ...decision, known: true };
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return { injected: false, because: error.message, known: false };
  }
  return { injected: false, because: `the Namespace ${workload.namespace} is not declared`, known: false };
}

/** A workload as the one who sends or takes. */
export function partyOf(workload: Workload, index: ObjectIndex, gateway = false): Party {
  const { injected, because } = injectionAt(workload, index);
  return {
    kind: gateway ? "gateway" : injected ? "sidecar" : "plain",
    title: titleOf(workload.object),
    namespace: workload.namespace,
    labels: workload.labels ?? {},
    serviceAccount: textOf(podSpecOf(workload).serviceAccountName) ?? "default",
    because,
    object: workload.object,
  };
}

/** A client that is not declared. */
export const describedParty = (source: PodSource): Party => ({
  kind: source.injected === false ? "plain" : "sidecar",
  title: `a pod in ${source.namespace}`,
  namespace: source.namespace,
  labels: source.labels ?? {},
  serviceAccount: source.serviceAccount ?? "default",
  because: "the request says so",
});

/** Someone outside of the cluster. */
export const outsider: Party = {
  kind: "outside",
  title: "a client outside the mesh",
  namespace: "",
  labels: {},
  serviceAccount: "",
  because: "it is outside",
};

/** Pods of a gateway that is not declared: what its Gateway asks for, where Istio is installed. */
export const assumedGateway = (selector: Labels, namespace: string): Party => ({
  kind: "gateway",
  title: `a gateway in ${namespace}`,
  namespace,
  labels: selector,
  serviceAccount: "istio-ingressgateway-service-account",
  because: "its Gateway asks for it",
});

/** The workload of `namespace/name`. Of several kinds the one that is declared first. */
export const workloadNamed = (name: string, index: ObjectIndex): Workload | undefined => {
  const [namespace = "", ...rest] = name.split("/");
  return index
    .workloadsIn(namespace)
    .find(({ object }) => object.metadata.name === rest.join("/") || matchesApp(object, rest.join("/")));
};

const matchesApp = (object: KubeObject, name: string): boolean =>
  `${object.kind.toLowerCase()}/${object.metadata.name}` === name.toLowerCase();

export const chooses = (selector: Labels, { labels }: Party): boolean => matches(selector, labels);
