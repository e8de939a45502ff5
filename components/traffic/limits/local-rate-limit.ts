import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import { ofMinor } from "../../mesh/api-versions";
import type { TrafficContext } from "../context";
import { DeclaredPolicy } from "../declared-policy";
import { renderEnvoyFilter } from "../envoy-filter";
import type { EnvoyPatch } from "../envoy-filter-types";
import { checked, type Place } from "../faults";
import type { Scope } from "../security/scope";
import { dnsLabel, filledText, headerName, headerValue, milliseconds, percent, statusCode } from "../values";
import { actionOf, checkEntry, type Entry, fixedValue, keyOf } from "./entries";
import { beforeRouter, inRoute, responseHeader, type Side, share } from "./proxy-side";
import { variantsOf } from "./rules";
import { endless, renderBucket, type TokenBucket } from "./token-bucket";

/** A bucket for some requests alone. Needs Istio 1.25; entries without a value of their own need 1.26. */
export interface LocalRule {
  /** What requests are told apart by. */
  readonly entries: readonly Entry[];
  /** Its filling time is a multiple of that of the general bucket. */
  readonly bucket: TokenBucket;
}

/** A bucket for one route. */
export interface RouteBucket {
  /** Virtual host: `HOST:PORT` at callers and gateways, `inbound|http|PORT` before the application. Default: all. */
  readonly virtualHost?: string;
  /** The route's name in its VirtualService. Default: all of the virtual host. */
  readonly route?: string;
  readonly bucket: TokenBucket;
}

export interface LocalRateLimitArgs {
  readonly name: string;
  readonly scope: Scope;
  /** Default `inbound`: before the application. */
  readonly side?: Side;
  /** For all requests of a proxy, or for those that no rule is about. Default: no limit. */
  readonly bucket?: TokenBucket;
  /** Buckets for some requests. Default none. */
  readonly rules?: readonly LocalRule[];
  /** Buckets for single routes, in place of the general one. Default none. */
  readonly routes?: readonly RouteBucket[];
  /** Share of requests that the limit is asked about, in percent. Default 100. */
  readonly enabledPercent?: number;
  /** Share of those that are refused when over the limit, in percent; 0 only counts. Default 100. */
  readonly enforcedPercent?: number;
  /** Answer to refused requests, 400 or more. Default 429. */
  readonly status?: number;
  /** Headers of refused answers. Default `x-local-rate-limit: true`. */
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** One bucket per connection instead of one per proxy. Default false. */
  readonly perConnection?: boolean;
  /** Adds `x-ratelimit-limit`, `-remaining` and `-reset` to answers. Default false. */
  readonly rateLimitHeaders?: boolean;
  /** Order among the filters of a proxy. Default 10. */
  readonly priority?: number;
}

const filterName = "envoy.filters.http.local_ratelimit";
const typeUrl = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit";
const because = "Istio has no kind of its own for limits that a proxy keeps by itself";

/** The EnvoyFilter of a limit that each proxy keeps by itself: with n pods, n times as many requests pass. */
export function renderLocalRateLimit(args: LocalRateLimitArgs, context: TrafficContext): KubeObject {
  const { name, scope, side = "inbound", bucket, rules = [], routes = [], priority = 10 } = args;
  return checked(`LocalRateLimit ${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    if (bucket === undefined && rules.length + routes.length === 0) {
      at.in("bucket").fault(undefined, "bucket, rules or routes", "say how many requests may pass");
    }
    const common = settings(args, at);
    const general = { ...common, ...bucketFields(args, context, at) };
    const patches: EnvoyPatch[] = [
      beforeRouter(side, { name: filterName, typed_config: { "@type": typeUrl, ...general } }),
      ...routes.map((route, index) => routePatch(route, common, side, at.in("routes", index))),
    ];
    return renderEnvoyFilter({ name, scope, because, priority, patches }, context);
  });
}

/** What the general filter and the settings of routes have in common. */
function settings(args: LocalRateLimitArgs, at: Place): object {
  const { name, enabledPercent = 100, enforcedPercent = 100, status = 429 } = args;
  const { responseHeaders = { "x-local-rate-limit": "true" }, perConnection, rateLimitHeaders } = args;
  const key = name.replaceAll("-", "_");
  for (const [header, value] of Object.entries(responseHeaders)) {
    headerName(header, at.in("responseHeaders", header), "response");
    headerValue(value, at.in("responseHeaders", header));
  }
  statusCode(status, at.in("status"), { min: 400 });
  return {
    stat_prefix: key,
    ...(status === 429 ? {} : { status: { code: status } }),
    filter_enabled: share(`${key}_enabled`, percent(enabledPercent, at.in("enabledPercent"))),
    filter_enforced: share(`${key}_enforced`, percent(enforcedPercent, at.in("enforcedPercent"))),
    response_headers_to_add: Object.entries(responseHeaders).map(([header, value]) =>
      responseHeader(header, value),
    ),
    ...(perConnection === true ? { local_rate_limit_per_downstream_connection: true } : {}),
    ...(rateLimitHeaders === true ? { enable_x_ratelimit_headers: "DRAFT_VERSION_03" } : {}),
  };
}

function bucketFields(
  { bucket, rules = [] }: LocalRateLimitArgs,
  context: TrafficContext,
  at: Place,
): object {
  if (bucket === undefined && rules.length === 0) return {};
  const finest = smallest(rules.map((rule) => rule.bucket.fillInterval));
  const general = bucket ?? { ...endless, fillInterval: finest };
  const token_bucket = renderBucket(general, at.in("bucket"));
  if (rules.length === 0) return { token_bucket };
  rules.forEach((rule, index) => void checkLocalRule(rule, general, context, at.in("rules", index)));
  return {
    token_bucket,
    // Else requests of a rule would take from the general bucket too.
    always_consume_default_token_bucket: false,
    // Here and not in the routes, where global limits have theirs.
    rate_limits: rules.map(({ entries }) => ({ actions: entries.map(actionOf) })),
    descriptors: rules.flatMap((rule, index) => descriptors(rule, at.in("rules", index))),
  };
}

const smallest = (intervals: readonly string[]): string =>
  [...intervals].sort((a, b) => (milliseconds(a) ?? 0) - (milliseconds(b) ?? 0))[0] ?? "1s";

function checkLocalRule(
  { entries, bucket }: LocalRule,
  general: TokenBucket,
  { version }: TrafficContext,
  at: Place,
): void {
  const needed = entries.some((entry) => fixedValue(entry) === undefined) ? "1.26" : "1.25";
  if (!ofMinor(version, needed))
    at.fault(`Istio ${version}`, `Istio ${needed} or later`, "use routes, or a global limit");
  if (entries.length === 0) at.in("entries").fault([], "one or more", "use bucket for all requests");
  entries.forEach((entry, index) => void checkEntry(entry, at.in("entries", index)));
  const [own, base] = [milliseconds(bucket.fillInterval), milliseconds(general.fillInterval)];
  if (own !== undefined && base !== undefined && own % base !== 0) {
    const allowed = `a multiple of ${general.fillInterval}, that of the general bucket`;
    at.in("bucket", "fillInterval").fault(
      bucket.fillInterval,
      allowed,
      "change one of the two: Envoy refuses it",
    );
  }
}

const descriptors = ({ entries, bucket }: LocalRule, at: Place): object[] =>
  variantsOf(entries).map((variant) => ({
    entries: variant.map((entry) => ({ key: keyOf(entry), value: fixedValue(entry) ?? "" })),
    token_bucket: renderBucket(bucket, at.in("bucket")),
  }));

function routePatch(route: RouteBucket, common: object, side: Side, at: Place): EnvoyPatch {
  const { virtualHost, route: name, bucket } = route;
  if (virtualHost !== undefined) filledText(virtualHost, at.in("virtualHost"));
  if (name !== undefined) filledText(name, at.in("route"));
  const match = {
    ...(virtualHost === undefined ? {} : { name: virtualHost }),
    ...(name === undefined ? {} : { route: { name } }),
  };
  const token_bucket = renderBucket(bucket, at.in("bucket"));
  // Merged with the general settings by nobody: a route's are all there is for it.
  return inRoute(side, match, filterName, { "@type": typeUrl, ...common, token_bucket });
}

/** A limit that each proxy keeps by itself. */
export class LocalRateLimit extends DeclaredPolicy {
  constructor(
    name: string,
    args: LocalRateLimitArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("LocalRateLimit", name, [renderLocalRateLimit(args, args)], options);
  }
}
