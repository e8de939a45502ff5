import { titleFor, unknownBelow } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import type { Open } from "./types";

/** Fields of an object of the API; what they may hold is checked elsewhere. */
export type Fields = Readonly<Record<string, unknown>>;

const none: Fields = {};

export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : none;
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const fieldsIn = (value: unknown): readonly Fields[] => listOf(value).map(fieldsOf);
export const textsOf = (value: unknown): readonly string[] => listOf(value).map(String);
export const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
export const numberOf = (value: unknown): number | undefined =>
  typeof value === "number" ? value : typeof value === "string" && value !== "" ? Number(value) : undefined;
export const specOf = ({ spec }: KubeObject): Fields => fieldsOf(spec);

/** Labels, selectors and other maps of texts. */
export const mapOf = (value: unknown): Readonly<Record<string, string>> =>
  fieldsOf(value) as Record<string, string>;

export interface Readable {
  readonly objects: readonly KubeObject[];
  readonly open: readonly Open[];
}

const created = ({ metadata }: KubeObject): string => textOf(metadata.creationTimestamp) ?? "";
const dotted = (object: KubeObject): string => `${object.metadata.name}.${namespaceOf(object)}`;

/** Oldest first, as Istio takes them; those without a time by their name, which is Istio's choice at a tie. */
const byAge = (a: KubeObject, b: KubeObject): number =>
  compare(created(a), created(b)) || compare(dotted(a), dotted(b));

/** Not localeCompare: the order must not depend on the computer's language. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Objects of a kind in Istio's order, without those that have a value which is known only after `up`. */
export function readable(index: ObjectIndex, kind: string): Readable {
  const open: Open[] = [];
  const objects = index.ofKind(kind).filter((object) => {
    const unknown = unknownBelow(object.spec, "spec") ?? unknownBelow(object.metadata, "metadata");
    if (unknown === undefined) return true;
    open.push({
      object: titleFor(object),
      text: `${unknown} is known only after up; the object is left out`,
    });
    return false;
  });
  return { objects: [...objects].sort(byAge), open };
}

/** Whether it is not known which of two objects is older. */
export const tied = (a: KubeObject, b: KubeObject): boolean => created(a) === "" && created(b) === "";
