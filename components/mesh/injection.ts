import type { Labels } from "../lib/fields";
import { injectionLabel, isNeverInjected, revisionLabel } from "./namespace";

/** Label of a pod that asks for a sidecar or refuses one; the annotation of this name is its older form. */
export const injectLabel = "sidecar.istio.io/inject";

/** A control plane as its webhooks show it. */
export interface Injector {
  /** Empty or `default` for the one without a revision. */
  readonly revision: string;
  /** Names that lead to it beside its revision. The tag `default` makes it serve `istio-injection`. Default none. */
  readonly tags?: readonly string[];
  /** Chart value sidecarInjectorWebhook.enableNamespacesByDefault. Default false. */
  readonly everyNamespace?: boolean;
  /** Chart value global.proxy.autoInject is `enabled`: a pod that says nothing is injected. Default true. */
  readonly autoInject?: boolean;
}

/** What decides about a pod when it is created. */
export interface PodSubject {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  /** Labels and annotations of the pod, not of what makes it. */
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** Default false. */
  readonly hostNetwork?: boolean;
}

export interface InjectionDecision {
  readonly injected: boolean;
  /** Revision of the control plane that injects, `default` for the one without. Only where injected. */
  readonly by?: string;
  /** The label or field that decided, as a half sentence: `the namespace has istio-injection=disabled`. */
  readonly because: string;
}

/** Names in `istio.io/rev` that reach a control plane. */
export const namesOf = ({ revision, tags = [] }: Injector): string[] => [revision || "default", ...tags];

/** What is asked for, before it is known whether some control plane answers. */
interface Request {
  /** A revision or tag; `default` for whoever serves istio-injection. Empty: nobody is asked. */
  readonly asks: string;
  /** Only a control plane that takes namespaces without any label answers. */
  readonly unasked?: boolean;
  readonly because: string;
}

/**
 * Which webhook the API server calls, by the selectors in them. Only labels count here: an annotation brings no pod to
 * the injector. The namespace decides before the pod, and istio-injection before istio.io/rev, whatever its value.
 */
function requestOf({ namespaceLabels, labels = {} }: PodSubject): Request {
  const legacy = namespaceLabels[injectionLabel];
  const namespaceRevision = namespaceLabels[revisionLabel];
  const wish = labels[injectLabel];
  const revision = labels[revisionLabel];
  const nobody = (because: string): Request => ({ asks: "", because });
  if (wish === "false") return nobody(`the pod has the label ${injectLabel}=false`);
  if (legacy === "enabled")
    return { asks: "default", because: `the namespace has ${injectionLabel}=enabled` };
  if (legacy !== undefined) return nobody(`the namespace has ${injectionLabel}=${legacy}`);
  if (namespaceRevision !== undefined) {
    return { asks: namespaceRevision, because: `the namespace has ${revisionLabel}=${namespaceRevision}` };
  }
  if (revision !== undefined) {
    return { asks: revision, because: `the pod has the label ${revisionLabel}=${revision}` };
  }
  if (wish === "true") return { asks: "default", because: `the pod has the label ${injectLabel}=true` };
  const because = "neither the namespace nor the pod has a label for injection";
  return wish === undefined ? { asks: "default", unasked: true, because } : nobody(because);
}

/** What the injector does with a pod that reached it. */
function verdictOf(pod: PodSubject, { autoInject = true }: Injector, because: string): [boolean, string] {
  if (pod.hostNetwork === true)
    return [false, "the pod uses the host's network, which a sidecar would redirect"];
  if (isNeverInjected(pod.namespace)) return [false, `Istio never injects into ${pod.namespace}`];
  // The label wins over the annotation, also with a value that is neither true nor false.
  const label = pod.labels?.[injectLabel];
  const wish = label ?? pod.annotations?.[injectLabel];
  const form = label === undefined ? "annotation" : "label";
  if (wish === "true") return [true, because];
  if (wish === "false") return [false, `the pod has the ${form} ${injectLabel}=false`];
  return autoInject ? [true, because] : [false, "the control plane injects only pods that ask for it"];
}

/**
 * Whether a new pod gets a sidecar, as Istio's webhooks and injector decide it.
 *
 * Without control planes (undefined: nothing is known of them) every revision that is asked for counts as there, and
 * namespaces without a label are left alone.
 */
export function decideInjection(
  pod: PodSubject,
  injectors: readonly Injector[] | undefined = undefined,
): InjectionDecision {
  const { asks, unasked = false, because } = requestOf(pod);
  if (asks === "") return { injected: false, because };
  const assumed: readonly Injector[] = [{ revision: asks }];
  const answering = (injectors ?? assumed).find((one) => namesOf(one).includes(asks));
  if (unasked && answering?.everyNamespace !== true) return { injected: false, because };
  if (answering === undefined) return { injected: false, because: `${because}, which no control plane has` };
  const reason = unasked ? "the control plane takes every namespace without a label" : because;
  const [injected, why] = verdictOf(pod, answering, reason);
  return injected
    ? { injected, by: answering.revision || "default", because: why }
    : { injected, because: why };
}
