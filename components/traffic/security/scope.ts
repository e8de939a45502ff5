import { ofMinor } from "../../mesh/api-versions";
import type { TrafficContext } from "../context";
import type { Place } from "../faults";
import { dnsLabel, filledText, labelMap } from "../values";

type Labels = Readonly<Record<string, string>>;

/** Something that a policy is attached to, in the policy's own namespace. Needs Istio 1.22. */
export interface TargetRef {
  readonly kind: "Service" | "ServiceEntry" | "Gateway" | "GatewayClass";
  readonly name: string;
}

/**
 * Where a policy holds.
 *
 * - `mesh`: everywhere. It lies in Istio's root namespace.
 * - `namespace`: all workloads of one namespace.
 * - `workload`: pods with these labels, in one namespace.
 * - `attached`: gateways of the Gateway API, and waypoints, by what they serve.
 */
export type Scope =
  | { readonly kind: "mesh" /** Default `istio-system`. */; readonly rootNamespace?: string }
  | { readonly kind: "namespace"; readonly namespace: string }
  | { readonly kind: "workload"; readonly namespace: string; readonly labels: Labels }
  | { readonly kind: "attached"; readonly namespace: string; readonly targetRefs: readonly TargetRef[] };

const groups: Readonly<Record<TargetRef["kind"], string>> = {
  Service: "",
  ServiceEntry: "networking.istio.io",
  Gateway: "gateway.networking.k8s.io",
  GatewayClass: "gateway.networking.k8s.io",
};

/** Namespace of a policy with this scope. */
export const namespaceOfScope = (scope: Scope): string =>
  scope.kind === "mesh" ? (scope.rootNamespace ?? "istio-system") : scope.namespace;

/** The fields of a policy's spec that say where it holds; none for a whole namespace. */
export function scopeFields(scope: Scope, { version }: TrafficContext, at: Place): object {
  dnsLabel(namespaceOfScope(scope), at.in(scope.kind === "mesh" ? "rootNamespace" : "namespace"));
  if (scope.kind === "workload")
    return { selector: { matchLabels: labelMap(scope.labels, at.in("labels")) } };
  if (scope.kind !== "attached") return {};
  const { targetRefs } = scope;
  // An empty list would mean the whole namespace, which nobody writes in this way on purpose.
  if (targetRefs.length === 0) at.in("targetRefs").fault([], "one or more", "name one");
  if (!ofMinor(version, "1.22")) {
    at.in("targetRefs").fault(`Istio ${version}`, "Istio 1.22 or later", "choose the workload by its labels");
  }
  targetRefs.forEach(({ name }, index) => void filledText(name, at.in("targetRefs", index, "name")));
  return { targetRefs: targetRefs.map(({ kind, name }) => ({ group: groups[kind], kind, name })) };
}
