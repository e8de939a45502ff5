import { z } from "zod";
import type { Entry, HeaderCondition } from "../../components/traffic/limits/entries";
import type { GlobalRateLimitArgs } from "../../components/traffic/limits/global-rate-limit";
import type {
  LocalRateLimitArgs,
  LocalRule,
  RouteBucket,
} from "../../components/traffic/limits/local-rate-limit";
import type { RateLimitServiceArgs } from "../../components/traffic/limits/rate-limit-service";
import { type Limit, type LimitDomain, type LimitRule, units } from "../../components/traffic/limits/rules";
import type { TokenBucket } from "../../components/traffic/limits/token-bucket";
import * as f from "./traffic-fields";
import { scope } from "./traffic-security-schema";

const bucket = f
  .of<TokenBucket>()(
    { maxTokens: f.number("The largest burst"), fillInterval: f.text("At least 50ms") },
    { tokensPerFill: f.number("Default: as maxTokens") },
  )
  .meta({ description: "Such as { maxTokens: 50, fillInterval: 1s } for 50 per second" });

const condition = f.anyOf<HeaderCondition>()(
  { name: z.string() },
  {
    exact: z.string(),
    prefix: z.string(),
    suffix: z.string(),
    contains: z.string(),
    regex: z.string(),
    present: z.boolean(),
  },
);

const ifAbsent = z.enum(["ruleDoesNotApply", "leaveOut"]).exactOptional();
const key = z.string();

/** One pair by which requests are counted. */
const entry = z.discriminatedUnion("by", [
  z.strictObject({ by: z.literal("constant"), key, value: z.string() }),
  z.strictObject({ by: z.literal("header"), key, header: z.string(), ifAbsent }),
  z.strictObject({ by: z.literal("query"), key, parameter: z.string(), ifAbsent }),
  z.strictObject({
    by: z.literal("match"),
    key,
    value: z.string(),
    headers: z.array(condition),
    fits: z.boolean().exactOptional(),
  }),
  z.strictObject({
    by: z.literal("clientAddress"),
    v4Bits: z.number().exactOptional(),
    v6Bits: z.number().exactOptional(),
  }),
]) satisfies z.ZodType<Entry>;

const entries = z.array(entry);
const side = z.enum(["inbound", "outbound", "gateway"]).meta({ description: "Default inbound" });
const name = f.text("Name of the EnvoyFilter");
const status = f.number("Answer to refused requests. Default 429");
const rateLimitHeaders = f.flag("Adds x-ratelimit-… to answers. Default false");
const priority = f.number("Order among the filters of a proxy");

const local = f.of<LocalRateLimitArgs>()(
  { name, scope },
  {
    side,
    bucket,
    rules: z
      .array(f.of<LocalRule>()({ entries, bucket }, {}))
      .meta({ description: "Buckets for some requests" }),
    routes: z
      .array(f.of<RouteBucket>()({ bucket }, { virtualHost: z.string(), route: z.string() }))
      .meta({ description: "Buckets for single routes" }),
    enabledPercent: f.number("Share of requests that is counted. Default 100"),
    enforcedPercent: f.number("Share of those over the limit that is refused. Default 100"),
    status,
    responseHeaders: f.textMap("Of refused answers"),
    perConnection: f.flag("One bucket per connection. Default false"),
    rateLimitHeaders,
    priority,
  },
);

const limit: z.ZodType<Limit | "unlimited"> = z.union([
  z.literal("unlimited"),
  z.strictObject({ requestsPerUnit: z.number(), unit: z.enum(units) }),
]);

const rule = f.of<LimitRule>()(
  { entries, limit },
  {
    overrides: z.array(z.strictObject({ values: z.record(z.string(), z.string()), limit })),
    shadow: f.flag("Counts and never refuses. Default false"),
  },
);

const domain = f
  .of<LimitDomain>()({ name: z.string(), rules: z.array(rule) }, {})
  .meta({ description: "What is counted, and how much of it may be" });

export type GlobalLimitConfig = Omit<GlobalRateLimitArgs, "service">;

const global = f.of<GlobalLimitConfig>()(
  { name, scope, domain },
  {
    side,
    virtualHosts: f.texts("inbound|http|PORT before the application, else HOST:PORT. Default: all"),
    whenUnavailable: z.enum(["pass", "refuse"]).meta({ description: "Default pass" }),
    timeout: f.text("How long a request waits for the service. Default 100ms"),
    status,
    rateLimitHeaders,
    priority,
  },
);

export type RateLimitServiceConfig = Omit<RateLimitServiceArgs, "domains" | "redisSecret" | "namespace"> & {
  readonly namespace?: string;
};

const service = f.of<RateLimitServiceConfig>()(
  {},
  {
    namespace: f.text("Made outside of the mesh, unless an application has it. Default rate-limits"),
    name: f.text("Default ratelimit"),
    replicas: f.number("Default 1"),
    redisPoolSize: f.number("Connections to Redis per pod. Default 10"),
    redis: f.text("HOST:PORT of a Redis that is there; its password is the key rateLimitRedisPassword"),
    image: f.text("Of the service"),
    redisImage: f.text("Of Redis"),
  },
);

export const rateLimits = z
  .strictObject({
    local: z.array(local).default([]).meta({ description: "Limits that each proxy keeps by itself" }),
    global: z.array(global).default([]).meta({
      description: "Limits that proxies share by asking the rate limit service, which comes with them",
    }),
    service: service.prefault({}).meta({ description: "That service and its Redis" }),
  })
  .prefault({})
  .meta({ description: "How many requests may pass; docs/rate-limits.md" });

export type RateLimitsConfig = z.infer<typeof rateLimits>;
