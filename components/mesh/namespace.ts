import { type KubeObject, patchAnnotation } from "../lib/objects";
import { revisionLabel } from "./revisions";

export { revisionLabel } from "./revisions";

/**
 * How the pods of a namespace get into the mesh.
 *
 * - `enabled`: a sidecar from the default revision.
 * - `disabled`: no sidecar, said on purpose: a pod's own label cannot ask for one either.
 * - `ambient`: no sidecar; ztunnel on the node carries the traffic.
 * - `revision`: a sidecar from the control plane of that revision or tag.
 */
export type Injection = "enabled" | "disabled" | "ambient" | { readonly revision: string };

export interface NamespaceArgs {
  /** A DNS label of at most 63 characters. */
  readonly name: string;
  /** Default: none; pods are injected only where their own label asks for it. */
  readonly injection?: Injection | undefined;
  /** Further labels. Those that decide about injection are refused: they have this one owner. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Default none. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export const injectionLabel = "istio-injection";
export const dataplaneModeLabel = "istio.io/dataplane-mode";

const owned = [injectionLabel, revisionLabel, dataplaneModeLabel];

/** Namespaces that a cluster has from the start. */
export const givenNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** Namespaces that the injector passes by, whatever their labels say. */
export const neverInjected = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"] as const;

const isOneOf = (names: readonly string[], name: string) => names.includes(name);

/** Whether a namespace exists without this program, so that it is patched instead of created. */
export const isGiven = (name: string): boolean => isOneOf(givenNamespaces, name);

/** Whether Istio's injector leaves a namespace alone for good. */
export const isNeverInjected = (name: string): boolean => isOneOf(neverInjected, name);

/** The labels of a choice; never two that speak of injection, as their combination means something else. */
export function renderInjectionLabels(injection: Injection | undefined): Record<string, string> {
  if (injection === undefined) return {};
  if (injection === "ambient") return { [dataplaneModeLabel]: "ambient" };
  if (typeof injection === "string") return { [injectionLabel]: injection };
  // With istio-injection beside it, the older label would win and the revision would be without effect.
  return { [revisionLabel]: injection.revision };
}

/**
 * A namespace that owns its injection label. One that the cluster has from the start carries `pulumi.com/patchForce`,
 * by which declareObjects makes it a NamespacePatch: it takes these labels, leaves the rest, and its removal from the
 * program does not delete the namespace.
 */
export function renderNamespace(args: NamespaceArgs): KubeObject {
  const { name, injection, labels = {}, annotations = {} } = args;
  const foreign = owned.filter((label) => label in labels);
  if (foreign.length > 0) {
    throw new Error(
      `namespace ${name}: labels has ${foreign.join(" and ")}; allowed are others; say it by injection instead`,
    );
  }
  if (isNeverInjected(name) && injection !== undefined && injection !== "disabled") {
    throw new Error(
      `namespace ${name}: injection is ${typeof injection === "string" ? injection : injection.revision}; ` +
        "Istio never injects this one; put the pods into a namespace of their own",
    );
  }
  const given = isGiven(name);
  const noted = { ...(given ? { [patchAnnotation]: "true" } : {}), ...annotations };
  const all = { ...renderInjectionLabels(injection), ...labels };
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      ...(Object.keys(all).length === 0 ? {} : { labels: all }),
      ...(Object.keys(noted).length === 0 ? {} : { annotations: noted }),
    },
  };
}
