import type { ObjectIndex } from "../../../lib/object-index";
import { gather, kindCheck, note, type TrafficDraft } from "../define";
import { type Field, specOf } from "../field";
import { envoyFilterKind } from "../kinds";
import { Notes } from "../notes";
import { regexFault } from "../schema/compare";
import { selectorOf } from "../selection";

export const patchesOf = (filter: Parameters<typeof specOf>[0]): readonly Field[] =>
  specOf(filter).at("configPatches").items();

export const filterOf = (patch: Field): Field => patch.at("match", "listener", "filterChain", "filter");

const groups = {
  listener: ["LISTENER", "FILTER_CHAIN", "NETWORK_FILTER", "HTTP_FILTER"],
  routeConfiguration: ["ROUTE_CONFIGURATION", "VIRTUAL_HOST", "HTTP_ROUTE"],
  cluster: ["CLUSTER"],
} as const;
const managers = ["envoy.filters.network.http_connection_manager", "envoy.http_connection_manager"];

function validPatch(patch: Field, notes: Notes): void {
  const applyTo = patch.at("applyTo").text() ?? "INVALID";
  const operation = patch.at("patch", "operation").text() ?? "INVALID";
  if (patch.at("match", "context").text() === "WAYPOINT") return;
  const missing = [
    [applyTo === "INVALID", patch, "no applyTo", "say what is patched"],
    [!patch.at("patch").given, patch, "no patch", "add patch"],
    [operation === "INVALID", patch.at("patch"), "no operation", "add MERGE, ADD or INSERT_BEFORE"],
  ] as const;
  const [, at, message, change] = missing.find(([holds]) => holds) ?? [];
  if (at !== undefined) {
    notes.refuse(at, message ?? "", change ?? "");
    return;
  }
  if (operation !== "REMOVE" && !patch.at("patch", "value").given)
    notes.refuse(patch.at("patch"), `${operation} without a value`, "add value");
  const version = patch.at("match", "proxy", "proxyVersion");
  const fault = version.given ? regexFault(version.text() ?? "") : undefined;
  if (fault !== undefined)
    notes.refuse(version, `the regular expression ${fault}`, "write it in the syntax of RE2");
  for (const [name, kinds] of Object.entries(groups)) {
    const wrong = Object.keys(groups).filter((other) => other !== name && patch.at("match", other).given);
    if (
      (kinds as readonly string[]).includes(applyTo) &&
      wrong.length > 0 &&
      !patch.at("match", name).given
    ) {
      notes.refuse(
        patch.at("match", wrong[0] ?? ""),
        `${wrong[0]} says nothing of a ${applyTo}`,
        `match by ${name}`,
      );
    }
  }
  validFilterMatch(patch, applyTo, notes);
}

function validFilterMatch(patch: Field, applyTo: string, notes: Notes): void {
  const filter = filterOf(patch);
  if (!filter.given || !(groups.listener as readonly string[]).includes(applyTo)) return;
  if (["LISTENER", "FILTER_CHAIN"].includes(applyTo))
    notes.warn(filter, `the match of a filter has no effect on a ${applyTo}`, "take it away");
  const [name, sub] = [filter.at("name").text() ?? "", filter.at("subFilter")];
  if (name === "") notes.refuse(filter, "a filter without a name", "name it");
  if (!sub.given) return;
  if (applyTo !== "HTTP_FILTER")
    notes.refuse(sub, `a subFilter for a ${applyTo}`, "write applyTo: HTTP_FILTER, or take it away");
  else if (!managers.includes(name))
    notes.refuse(filter.at("name"), `${name} has no filters within`, `write ${managers[0]}`);
  if ((sub.at("name").text() ?? "") === "") notes.refuse(sub, "a subFilter without a name", "name it");
}

/** What Istio's webhook refuses or warns of in an EnvoyFilter. */
export const validEnvoyFilter = kindCheck(["IST0106", "IST0133"], [envoyFilterKind], (filter) => {
  const notes = new Notes();
  const spec = specOf(filter);
  // Istio warns of each one, so that here it is no more than an info.
  notes.drafts.push(
    note(
      "IST0133",
      spec,
      "it reaches into what Istio may change with any release",
      "use an API of Istio where there is one; test it before each upgrade",
      "info",
    ),
  );
  const selector = spec.at("workloadSelector");
  if (selector.given && selectorOf(filter).keys().length === 0)
    notes.warn(
      selector,
      "no labels: it is for every workload of the namespace",
      "add labels, or take it away",
    );
  for (const patch of patchesOf(filter)) validPatch(patch, notes);
  return notes.drafts;
});

const relative = ["INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST", "REMOVE", "REPLACE"];
const replaceable = ["NETWORK_FILTER", "HTTP_FILTER", "VIRTUAL_HOST"];
const fixed = ["ROUTE_CONFIGURATION", "HTTP_ROUTE"];

/** The name of what a patch is about. */
const nameIn = (patch: Field) =>
  patch.at("patch", "value", "name").text() ?? filterOf(patch).at("name").text() ?? "";

const isBound = (patch: Field) => (patch.at("match", "proxy", "proxyVersion").text() ?? "") !== "";

/** Names that patches bound to a proxy version are about, with the number of such patches. */
const versioned = (index: ObjectIndex) =>
  gather(
    index,
    "versioned filters",
    [envoyFilterKind],
    () => new Map<string, number>(),
    (names, filter) => {
      for (const patch of patchesOf(filter)) {
        if (isBound(patch)) names.set(nameIn(patch), (names.get(nameIn(patch)) ?? 0) + 1);
      }
    },
  ).entries;

function operation(patch: Field, priority: number, index: ObjectIndex): TrafficDraft[] {
  const [act, applyTo] = [patch.at("patch", "operation").text() ?? "", patch.at("applyTo").text() ?? ""];
  const at = patch.at("patch", "operation");
  const wrong = (code: "IST0152" | "IST0153" | "IST0154", change: string) => [
    note(code, at, `${act} has no effect on ${applyTo}`, change),
  ];
  if (act === "ADD" && fixed.includes(applyTo))
    return wrong("IST0153", "write MERGE, or INSERT_FIRST for an HTTP_ROUTE");
  if (act === "REMOVE" && fixed.includes(applyTo))
    return wrong("IST0154", "change what makes the route, or MERGE");
  if (act === "REPLACE" && !replaceable.includes(applyTo))
    return wrong("IST0152", "write MERGE; only filters can be replaced");
  if (!relative.includes(act) || priority !== 0 || act === "INSERT_FIRST") return [];
  const bound = (versioned(index).get(nameIn(patch)) ?? 0) > (isBound(patch) ? 1 : 0);
  return [
    bound
      ? note(
          "IST0155",
          at,
          `${act} is relative to a filter that another patch makes for some proxy versions alone: an upgrade may lose it`,
          "give the filters priorities, and the same proxyVersion",
        )
      : note(
          "IST0151",
          at,
          `${act} is relative to what other EnvoyFilters do, and their order is by age`,
          "add priority, below 0 to come first, above to come last",
        ),
  ];
}

/** Operations that do nothing, or something else tomorrow. */
export const soundOperations = kindCheck(
  ["IST0151", "IST0152", "IST0153", "IST0154", "IST0155"],
  [envoyFilterKind],
  (filter, index) =>
    patchesOf(filter).flatMap((patch) =>
      operation(patch, specOf(filter).at("priority").number() ?? 0, index),
    ),
);

/** Names that Envoy had before its third API. */
const renamed: Readonly<Record<string, string>> = {
  "envoy.http_connection_manager": "envoy.filters.network.http_connection_manager",
  "envoy.tcp_proxy": "envoy.filters.network.tcp_proxy",
  "envoy.router": "envoy.filters.http.router",
  "envoy.fault": "envoy.filters.http.fault",
  "envoy.cors": "envoy.filters.http.cors",
  "envoy.lua": "envoy.filters.http.lua",
  "envoy.rate_limit": "envoy.filters.http.ratelimit",
  "envoy.ext_authz": "envoy.filters.http.ext_authz",
  mixer: "an API of Istio: Mixer is gone",
};

/** A match by an old name hits nothing, without a word. */
export const namesOfToday = kindCheck(["MP0703"], [envoyFilterKind], (filter) =>
  patchesOf(filter).flatMap((patch) =>
    [filterOf(patch).at("name"), filterOf(patch).at("subFilter", "name"), patch.at("patch", "value", "name")]
      .filter((at) => renamed[at.text() ?? ""] !== undefined)
      .map((at) =>
        note(
          "MP0703",
          at,
          `Envoy has nothing called ${at.text()} any more`,
          `use ${renamed[at.text() ?? ""]}`,
        ),
      ),
  ),
);

/** A patch for one version is not carried to the next by mistake. */
export const boundToVersion = kindCheck(["MP0702"], [envoyFilterKind], (filter) => {
  const patches = patchesOf(filter);
  const free = patches.find((patch) => !patch.at("match", "proxy", "proxyVersion").given);
  if (free === undefined) return [];
  return [
    note(
      "MP0702",
      free,
      "the patch is for proxies of every version",
      'add match.proxy.proxyVersion, such as "^1\\.31.*", so that an upgrade does not take it along untested',
    ),
  ];
});
