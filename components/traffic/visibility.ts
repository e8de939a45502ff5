import type { Place } from "./faults";
import { dnsLabel } from "./values";

/** Which namespaces see an object. */
export interface Visibility {
  readonly exportTo: readonly string[] | undefined;
  /** The object's own. */
  readonly namespace: string;
  /** Whether `~` is possible, for no one. Default false. */
  readonly nobody?: boolean;
  /** Whether it is for some pods of its namespace alone. Default false. */
  readonly hasSelector?: boolean;
}

/** `exportTo` as Istio allows it; undefined for all. */
export function renderVisibility(visibility: Visibility, at: Place): readonly string[] | undefined {
  const { exportTo, namespace, nobody = false, hasSelector = false } = visibility;
  if (exportTo === undefined) return undefined;
  if (exportTo.length === 0) at.fault([], "one namespace or more, or *", "leave it out for all");
  const names = exportTo.map((entry) => (entry === "." ? namespace : entry));
  names.forEach((name, index) => {
    const here = at.in(index);
    if (names.indexOf(name) < index) here.fault(exportTo[index], "each namespace once", "remove one");
    if (name === "*" || (nobody && name === "~")) {
      if (names.length > 1) here.fault(exportTo, `${name} alone, or namespaces`, "leave the others out");
    } else dnsLabel(name, here);
  });
  if (hasSelector && names.some((name) => name !== namespace)) {
    at.fault(
      exportTo,
      "its own namespace, with workloadSelector",
      'write ["."], or leave workloadSelector out',
    );
  }
  return exportTo;
}
