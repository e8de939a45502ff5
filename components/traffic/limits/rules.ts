import { type Place, show } from "../faults";
import { integer, oneOf } from "../values";
import { checkEntry, type Entry, fixedValue, isOptional, keyOf } from "./entries";

/** Windows that the rate limit service counts in. They begin with the clock's second, minute, hour, day. */
export const units = ["second", "minute", "hour", "day"] as const;

/** So many requests per window. A burst around the turn of two windows can reach twice as many. */
export interface Limit {
  /** 0 refuses all. */
  readonly requestsPerUnit: number;
  readonly unit: (typeof units)[number];
}

/** A rule of a global limit: what requests are counted by, and how many there may be. */
export interface LimitRule {
  /** Together they are one descriptor. In order: the service looks them up one inside the other. */
  readonly entries: readonly Entry[];
  /** For each combination of values. `unlimited` counts and never refuses. */
  readonly limit: Limit | "unlimited";
  /** Other limits for single values, by the entry's key; entries that are not named keep having any value. */
  readonly overrides?: readonly {
    readonly values: Readonly<Record<string, string>>;
    readonly limit: Limit | "unlimited";
  }[];
  /** Counts and reports, and never refuses. Default false. */
  readonly shadow?: boolean;
}

/** Rules under one name. The service keeps domains apart. */
export interface LimitDomain {
  readonly name: string;
  readonly rules: readonly LimitRule[];
}

/** One of the service's descriptors, as its file has it. */
export interface Descriptor {
  readonly key: string;
  readonly value?: string;
  readonly rate_limit?: object;
  readonly shadow_mode?: boolean;
  readonly descriptors?: readonly Descriptor[];
}

interface Node {
  readonly key: string;
  readonly value: string | undefined;
  leaf?: { readonly limit: Limit | "unlimited"; readonly shadow: boolean; readonly from: string };
  readonly below: Map<string, Node>;
}

/** Every list of entries that requests may bring: with and without those that may be absent. */
export const variantsOf = (entries: readonly Entry[]): (readonly Entry[])[] =>
  entries.reduce<(readonly Entry[])[]>(
    (variants, entry) => [
      ...variants.map((variant) => [...variant, entry]),
      ...(isOptional(entry) ? variants : []),
    ],
    [[]],
  );

/** The service's file for a domain: the rules merged into one tree. Rules that claim the same place are faults. */
export function renderDomain(
  { name, rules }: LimitDomain,
  at: Place,
): { domain: string; descriptors: Descriptor[] } {
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name))
    at.in("name").fault(name, "small letters, digits, - and .", "correct the spelling");
  if (rules.length === 0) at.in("rules").fault([], "one or more", "add one");
  const root = new Map<string, Node>();
  rules.forEach((rule, index) => {
    const here = at.in("rules", index);
    checkRule(rule, here);
    const { entries, limit, overrides = [], shadow = false } = rule;
    plant(root, entries, {}, { limit, shadow, from: here.path }, here);
    overrides.forEach((override, place) => {
      const there = here.in("overrides", place);
      plant(root, entries, override.values, { limit: override.limit, shadow, from: there.path }, there);
    });
  });
  return { domain: name, descriptors: [...root.values()].map(descriptorOf) };
}

function checkRule({ entries, limit, overrides = [] }: LimitRule, at: Place): void {
  if (entries.length === 0) at.in("entries").fault([], "one or more", "add a constant to count all requests");
  entries.forEach((entry, index) => void checkEntry(entry, at.in("entries", index)));
  const keys = entries.map(keyOf);
  keys.forEach((key, index) => {
    if (keys.indexOf(key) < index) at.in("entries", index, "key").fault(key, "a key of its own", "rename it");
  });
  checkLimit(limit, at.in("limit"));
  const variable = entries.filter((entry) => fixedValue(entry) === undefined).map(keyOf);
  overrides.forEach(({ values, limit: other }, index) => {
    const here = at.in("overrides", index);
    checkLimit(other, here.in("limit"));
    if (Object.keys(values).length === 0)
      here.in("values").fault({}, "one value or more", "change limit instead");
    for (const key of Object.keys(values).filter((name) => !variable.includes(name))) {
      here
        .in("values", key)
        .fault(key, variable.join(", ") || "no entry has values of its own", "name the key of an entry");
    }
  });
}

function checkLimit(limit: Limit | "unlimited", at: Place): void {
  if (limit === "unlimited") return;
  integer(limit.requestsPerUnit, at.in("requestsPerUnit"), { max: 4_294_967_295 });
  oneOf(limit.unit, units, at.in("unit"));
}

function plant(
  root: Map<string, Node>,
  entries: readonly Entry[],
  values: Readonly<Record<string, string>>,
  leaf: NonNullable<Node["leaf"]>,
  at: Place,
): void {
  for (const variant of variantsOf(entries)) {
    const named = variant.map(keyOf);
    // Without the entry that an override names, it is the general limit that holds.
    if (Object.keys(values).some((key) => !named.includes(key)) || variant.length === 0) continue;
    const path = variant.map((entry) => ({
      key: keyOf(entry),
      value: fixedValue(entry) ?? values[keyOf(entry)],
    }));
    const node = grow(root, path);
    if (node === undefined) continue;
    if (node.leaf !== undefined) {
      const place = path.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`)).join(", ");
      at.fault(place, `entries that ${node.leaf.from} does not have`, "change one of them, or join the two");
    }
    node.leaf = leaf;
  }
}

function grow(
  root: Map<string, Node>,
  path: readonly { key: string; value: string | undefined }[],
): Node | undefined {
  let level = root;
  let node: Node | undefined;
  for (const { key, value } of path) {
    const id = show([key, value ?? null]);
    node = level.get(id) ?? { key, value, below: new Map() };
    level.set(id, node);
    level = node.below;
  }
  return node;
}

const rateLimit = (limit: Limit | "unlimited"): object =>
  limit === "unlimited"
    ? { unlimited: true }
    : { unit: limit.unit, requests_per_unit: limit.requestsPerUnit };

const descriptorOf = ({ key, value, leaf, below }: Node): Descriptor => ({
  key,
  ...(value === undefined ? {} : { value }),
  ...(leaf === undefined ? {} : { rate_limit: rateLimit(leaf.limit) }),
  ...(leaf?.shadow === true ? { shadow_mode: true } : {}),
  ...(below.size === 0 ? {} : { descriptors: [...below.values()].map(descriptorOf) }),
});
