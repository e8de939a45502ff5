import type { ApplyTo, EnvoyPatch, PatchOperation } from "./envoy-filter-types";
import type { Place } from "./faults";
import { filledText, oneOf } from "./values";

type MatchKind = keyof NonNullable<EnvoyPatch["match"]>;

interface PatchRule {
  /** What its matches look at. */
  readonly match?: MatchKind;
  /** What istiod does with it; all else it leaves aside and says nothing. */
  readonly operations: readonly PatchOperation[];
}

const lists: readonly PatchOperation[] = [
  "ADD",
  "REMOVE",
  "INSERT_BEFORE",
  "INSERT_AFTER",
  "INSERT_FIRST",
  "MERGE",
];
const filters: readonly PatchOperation[] = [...lists, "REPLACE"];

/** IST0152 to IST0154 and the kinds of match, as one table. */
const rules: Readonly<Record<ApplyTo, PatchRule>> = {
  LISTENER: { match: "listener", operations: ["MERGE", "ADD", "REMOVE"] },
  LISTENER_FILTER: { match: "listener", operations: filters },
  FILTER_CHAIN: { match: "listener", operations: ["MERGE", "ADD", "REMOVE"] },
  NETWORK_FILTER: { match: "listener", operations: filters },
  HTTP_FILTER: { match: "listener", operations: filters },
  ROUTE_CONFIGURATION: { match: "routeConfiguration", operations: ["MERGE"] },
  VIRTUAL_HOST: { match: "routeConfiguration", operations: ["MERGE", "ADD", "REMOVE", "REPLACE"] },
  HTTP_ROUTE: {
    match: "routeConfiguration",
    operations: ["MERGE", "INSERT_BEFORE", "INSERT_AFTER", "INSERT_FIRST"],
  },
  CLUSTER: { match: "cluster", operations: ["MERGE", "ADD", "REMOVE"] },
  EXTENSION_CONFIG: { operations: ["ADD"] },
  BOOTSTRAP: { operations: ["MERGE"] },
};

/** Those whose outcome depends on what other filters did before (IST0151, IST0155). */
export const relativeOperations: readonly PatchOperation[] = [
  "REMOVE",
  "REPLACE",
  "INSERT_BEFORE",
  "INSERT_AFTER",
];

const connectionManager = "envoy.filters.network.http_connection_manager";

/** Names that Envoy had before 1.14, and types before its API v3. */
const oldName = /^envoy\.(http_connection_manager|router|tcp_proxy|cors|fault|ext_authz|rate_limit)$/;
const oldType = /\.v2(alpha)?\.|envoy\.config\.filter\./;

/** Notes what is wrong with one patch, also what istiod would take and not do. */
export function checkPatch(patch: EnvoyPatch, at: Place): void {
  const { applyTo, operation, value, match = {}, filterClass } = patch;
  const rule = rules[applyTo];
  if (rule === undefined) {
    at.in("applyTo").fault(applyTo, Object.keys(rules).join(", "), "write one of these");
    return;
  }
  oneOf(patch.context, ["ANY", "SIDECAR_INBOUND", "SIDECAR_OUTBOUND", "GATEWAY"], at.in("context"));
  if (!rule.operations.includes(operation)) {
    at.in("operation").fault(
      operation,
      `${rule.operations.join(", ")} for ${applyTo}`,
      "take one of these: istiod would skip it",
    );
  }
  if (operation === "REMOVE" && value !== undefined)
    at.in("value").fault(value, "nothing, to remove", "leave it out");
  if (operation !== "REMOVE" && Object.keys(value ?? {}).length === 0) {
    at.in("value").fault(value, "a piece of Envoy's config", "write what to put there");
  }
  if (filterClass !== undefined && !(operation === "ADD" && /^(HTTP|NETWORK)_FILTER$/.test(applyTo))) {
    at.in("filterClass").fault(filterClass, "only to ADD an HTTP or network filter", "remove it");
  }
  for (const kind of Object.keys(match) as MatchKind[]) {
    if (kind !== rule.match)
      at.in("match", kind).fault(
        match[kind],
        rule.match ?? "no match",
        `remove it: it says nothing to ${applyTo}`,
      );
  }
  checkListener(patch, at);
  checkRoutes(patch, at);
  checkValue(value, operation, at.in("value"));
}

function checkListener({ applyTo, operation, match }: EnvoyPatch, at: Place): void {
  const filter = match?.listener?.filterChain?.filter;
  const here = at.in("match", "listener", "filterChain", "filter");
  if (filter === undefined) {
    // Without a neighbour it would be put before or after the first filter of every listener there is.
    if (/^INSERT_(BEFORE|AFTER)$/.test(operation) && /^(HTTP|NETWORK)_FILTER$/.test(applyTo)) {
      here.fault(
        undefined,
        `the filter that it stands ${operation === "INSERT_BEFORE" ? "before" : "behind"}`,
        "name it, or use INSERT_FIRST",
      );
    }
    return;
  }
  if (applyTo === "LISTENER" || applyTo === "FILTER_CHAIN")
    here.fault(filter, `nothing for ${applyTo}`, "remove it: it has no effect");
  filledText(filter.name, here.in("name"));
  for (const name of [filter.name, filter.subFilter?.name ?? ""].filter((text) => oldName.test(text))) {
    here.fault(
      name,
      "the name that Envoy has for it today",
      "write envoy.filters.network… or envoy.filters.http…",
    );
  }
  if (filter.subFilter === undefined) return;
  filledText(filter.subFilter.name, here.in("subFilter", "name"));
  if (applyTo !== "HTTP_FILTER")
    here.in("subFilter").fault(filter.subFilter, "only with HTTP_FILTER", "remove it");
  if (filter.name !== connectionManager)
    here.in("name").fault(filter.name, connectionManager, "HTTP filters are inside of that one");
}

/** A MERGE of `route` replaces the redirect or the answer that a route has instead. */
function checkRoutes({ applyTo, operation, match, value }: EnvoyPatch, at: Place): void {
  if (applyTo !== "HTTP_ROUTE" || operation !== "MERGE" || value?.route === undefined) return;
  const action = match?.routeConfiguration?.vhost?.route?.action;
  if (action !== "ROUTE") {
    at.in("match", "routeConfiguration", "vhost", "route", "action").fault(
      action,
      "ROUTE, to merge into route",
      "write ROUTE: a redirect or direct response would be lost",
    );
  }
}

function checkValue(value: unknown, operation: PatchOperation, at: Place): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const here = Array.isArray(value) ? at.in(Number(key)) : at.in(key);
    if ((key === "@type" || key === "type_url") && oldType.test(String(inner))) {
      here.fault(inner, "a type of Envoy's API v3", "write the v3 type: proxies refuse all older ones");
    }
    checkValue(inner, operation, here);
  }
  const { name, typed_config, config_discovery } = value as Record<string, unknown>;
  const isFilter = typeof name === "string" && name.startsWith("envoy.filters.");
  if (isFilter && operation !== "MERGE" && typed_config === undefined && config_discovery === undefined) {
    at.fault(name, "a filter with typed_config", "add it: proxies do not look filters up by their names");
  }
}
