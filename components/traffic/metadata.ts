import type { Place } from "./faults";
import { dnsLabel } from "./values";

/** What objects of a namespace are called. */
export interface Named {
  readonly name: string;
  readonly namespace: string;
}

/** The name of an object, which may have dots. */
export function objectName(name: string, at: Place): string {
  if (name.length > 253 || !/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) {
    at.fault(name, "small letters, digits, - and . within, at most 253", "correct the spelling");
  }
  return name;
}

/** Name and namespace as metadata. */
export const metadataOf = ({ name, namespace }: Named, at: Place): { name: string; namespace: string } => ({
  name: objectName(name, at.in("name")),
  namespace: dnsLabel(namespace, at.in("namespace")),
});
