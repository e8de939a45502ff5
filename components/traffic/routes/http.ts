import type { TrafficContext } from "../context";
import type { Place } from "../faults";
import { gatewayText, mesh } from "../handles";
import { duration, integer } from "../values";
import { actionSpec } from "./actions";
import { checkFragment } from "./combinations";
import { type Conditions, conditionsOf, matchSpec } from "./conditions";
import { corsSpec, faultSpec, headersSpec, mirrorsSpec, retrySpec } from "./modifiers";
import { compareRanked, goesBySource, type Ranked, takesAll } from "./order";
import { rewriteSpec } from "./rewrite";
import type { FragmentBase, HttpFragment, HttpMatch } from "./types";

/** One of the matches of a fragment: what is put in order. */
export interface Entry extends Ranked {
  readonly fragment: HttpFragment;
  /** The match as it was given. */
  readonly match: HttpMatch;
  /** What happens to the requests, as fields of a route. */
  readonly result: object;
}

/** A route of the VirtualService with the entries whose matches it has, match by match. */
export interface HttpRoute {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly entries: readonly Entry[];
}

export const gatewaysOf = ({ gateways = [mesh] }: FragmentBase): string[] =>
  [...new Set(gateways.map(gatewayText))].sort();

/** `cart/canary`, or the name alone where no module is told. */
export const titleOfFragment = ({ module, name }: FragmentBase): string =>
  module === undefined ? name : `${module}/${name}`;

export const listOf = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value as T];

/** Routes of all fragments in order. `all` are the gateways of the whole object. */
export function httpRoutes(
  fragments: readonly HttpFragment[],
  all: readonly string[],
  context: TrafficContext,
  at: Place,
): HttpRoute[] {
  const entries = fragments.flatMap((fragment) => entriesOf(fragment, context, at.in(fragment.name)));
  const names = new Map<string, number>();
  return runs(entries.sort(compareRanked)).map((run) => {
    const [{ fragment, result }] = run;
    const count = (names.get(fragment.name) ?? 0) + 1;
    names.set(fragment.name, count);
    const name = count === 1 ? fragment.name : `${fragment.name}-${count}`;
    const matches = run.map((entry) => matchSpec(entry.conditions, ownGateways(entry, all)));
    const open = matches.length === 1 && Object.keys(matches[0] ?? {}).length === 0;
    return { spec: { name, ...(open ? {} : { match: matches }), ...result }, entries: run };
  });
}

/** Gateways to name in the match: where it holds at some of the object's alone. */
function ownGateways({ conditions, gateways }: Entry, all: readonly string[]): readonly string[] | undefined {
  // Istio forgets conditions on the source as soon as a match names gateways. Gateways have other labels anyway.
  if (goesBySource(conditions)) return undefined;
  return gateways.length === all.length ? undefined : gateways;
}

type Run = [Entry, ...Entry[]];

/** Entries of one fragment that are next to each other are one route. */
function runs(entries: readonly Entry[]): Run[] {
  const found: Run[] = [];
  for (const entry of entries) {
    const last = found.at(-1);
    const first = last?.[0];
    const joins =
      first?.fragment === entry.fragment && takesAll(first.conditions) === takesAll(entry.conditions);
    if (joins) last?.push(entry);
    else found.push([entry]);
  }
  return found;
}

function entriesOf(fragment: HttpFragment, context: TrafficContext, at: Place): Entry[] {
  const { name, module = "", priority = 0, order = 0 } = fragment;
  integer(priority, at.in("priority"), { min: -1_000_000, max: 1_000_000 });
  integer(order, at.in("order"), { min: -1_000_000, max: 1_000_000 });
  const matches = listOf<HttpMatch>(fragment.match);
  if (fragment.match !== undefined && matches.length === 0) {
    at.in("match").fault([], "one match or more, or no match at all", "drop it to take every request");
  }
  const given = matches.length === 0 ? [{}] : matches;
  const parts = given.flatMap((match, index) => {
    const place = Array.isArray(fragment.match) ? at.in("match", index) : at.in("match");
    return conditionsOf(match, place).map((one) => ({ match, one }));
  });
  const conditions = parts.map(({ one }) => one);
  checkFragment(fragment, conditions, at);
  const result = resultOf(fragment, given, conditions, context, at);
  return parts.map(({ match, one }, index) => ({
    fragment,
    match,
    result,
    conditions: one,
    priority,
    order,
    gateways: entryGateways(fragment, one, at),
    key: [module, name, String(index).padStart(4, "0")],
  }));
}

function entryGateways(fragment: HttpFragment, conditions: Conditions, at: Place): string[] {
  const gateways = gatewaysOf(fragment);
  if (!goesBySource(conditions)) return gateways;
  if (!gateways.includes(mesh)) {
    at.in("match").fault(
      gateways,
      "conditions on the source in the mesh alone",
      "drop them, or add the mesh to gateways",
    );
  }
  return [mesh];
}

function resultOf(
  fragment: HttpFragment,
  matches: readonly HttpMatch[],
  conditions: readonly Conditions[],
  context: TrafficContext,
  at: Place,
): object {
  const { rewrite, timeout, retries, fault, mirrors, corsPolicy, headers } = fragment;
  return {
    ...(fault === undefined ? {} : { fault: faultSpec(fault, at.in("fault")) }),
    ...actionSpec(fragment.action, context, at.in("action")),
    ...(rewrite === undefined
      ? {}
      : { rewrite: rewriteSpec(rewrite, matches, conditions, at.in("rewrite")) }),
    ...(timeout === undefined ? {} : { timeout: duration(timeout, at.in("timeout")) }),
    ...(retries === undefined ? {} : { retries: retrySpec(retries, timeout, context, at.in("retries")) }),
    ...(mirrors === undefined ? {} : { mirrors: mirrorsSpec(mirrors, context, at.in("mirrors")) }),
    ...(corsPolicy === undefined ? {} : { corsPolicy: corsSpec(corsPolicy, at.in("corsPolicy")) }),
    ...(headers === undefined ? {} : { headers: headersSpec(headers, at.in("headers")) }),
  };
}
