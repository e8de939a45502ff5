import type { Dimension, MixerQuota, QuotaOverride, QuotaService } from "./mixer-types";

/** The quotas of document 004, value by value. */

const dimensions: Readonly<Record<string, Dimension>> = {
  source: { from: "header", header: "x-forwarded-for", default: "unknown" },
  destination: { from: "service" },
  destinationVersion: { from: "version" },
};

const service = (name: string): QuotaService => ({ name, namespace: "default", labels: { app: name } });

/** What both QuotaSpecBindings name. */
const bound = ["service-go", "service-node", "service-python"].map(service);

/** The lines that both tables have. The second one has to stand before the third, as the document explains. */
const amounts: readonly QuotaOverride[] = [
  { dimensions: { destination: "service-go" }, maxAmount: 50 },
  { dimensions: { destination: "service-node", source: "10.28.11.20" }, maxAmount: 50 },
  { dimensions: { destination: "service-node" }, maxAmount: 20 },
  { dimensions: { destination: "service-python" }, maxAmount: 2 },
];

const general = { maxAmount: 500, validDuration: "1s" } as const;

/** In memory: each line has its own duration, the last one five seconds. */
export const memoryQuota: MixerQuota = {
  name: "requestcount",
  adapter: "memquota",
  dimensions,
  ...general,
  overrides: amounts.map((line, index) => ({ ...line, validDuration: index === 3 ? "5s" : "1s" })),
  services: bound,
};

/** In Redis: one duration for all lines, rolling windows in two parts. */
export const redisQuota: MixerQuota = {
  name: "requestcount",
  adapter: "redisquota",
  dimensions,
  ...general,
  bucketDuration: "500ms",
  rateLimitAlgorithm: "ROLLING_WINDOW",
  redisServerUrl: "redis-ratelimit.istio-system:6379",
  connectionPoolSize: 10,
  overrides: amounts,
  services: bound,
};

/** Only requests without a user in their cookie: `match(request.headers["cookie"], "user=*") == false`. */
export const conditionalQuota: MixerQuota = {
  ...memoryQuota,
  match: { header: { name: "cookie", prefix: "user=" }, fits: false },
};

/** `service: '*'`: the binding names all there are, which besides the three is service-lua. */
export const allServicesQuota: MixerQuota = { ...memoryQuota, services: [...bound, service("service-lua")] };

/** The same quota for services that run in another namespace. */
export const quotaIn = (quota: MixerQuota, namespace: string): MixerQuota => ({
  ...quota,
  services: quota.services.map((bound) => ({ ...bound, namespace })),
});
