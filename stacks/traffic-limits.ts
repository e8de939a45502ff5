import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { KubeObject } from "../components/lib/objects";
import { renderNamespace } from "../components/mesh/namespace";
import { renderGlobalRateLimit } from "../components/traffic/limits/global-rate-limit";
import { rateLimitService, renderRateLimitService } from "../components/traffic/limits/rate-limit-service";
import { redisSecret } from "../components/traffic/limits/redis";
import type { RateLimitsConfig } from "./config/traffic-limits-schema";
import type { TrafficPart } from "./traffic";
import { scopeIn } from "./traffic-lists";
import { type ConfigPlace, collecting } from "./traffic-paths";
import type { TrafficSite } from "./traffic-site";

/** Where the service is, unless the config says it. */
const NAMESPACE = "rate-limits";

/** Faults of the service are told of the limits that its domains come from. */
const serviceWords = (path: string) =>
  path.startsWith("domains[") ? path.replace(/^domains(\[\d+\])/, "global$1.domain") : `service.${path}`;

/** The service, its Redis and the Secret with its password; nothing where no limit is shared. */
function planService(
  { global, service }: RateLimitsConfig,
  site: TrafficSite,
  at: ConfigPlace,
): TrafficPart[] {
  if (global.length === 0) return [];
  const { namespace = NAMESPACE, ...given } = service;
  const secret = `${given.name ?? "ratelimit"}-redis`;
  const own = given.redis === undefined;
  const hasPassword = own || site.redisPassword !== undefined;
  const domains = global.map(({ domain }) => domain);
  const args = { ...given, namespace, domains, ...(hasPassword ? { redisSecret: secret } : {}) };
  const made = collecting(at, serviceWords, () => ({ objects: renderRateLimitService(args), findings: [] }));
  const known = site.namespaces.includes(namespace) || namespace === site.mesh?.namespace;
  return [
    {
      name: "rate-limit-service",
      at,
      ...made,
      objects: [
        ...(known ? [] : [renderNamespace({ name: namespace, injection: "disabled" })]),
        ...made.objects,
      ],
      ...(hasPassword
        ? { secrets: (parent) => [redisSecret(secret, namespace, site.redisPassword ?? password(parent))] }
        : {}),
    },
  ];
}

/** Of a Redis that is made here nobody has to know the password. */
const password = (parent: pulumi.Resource): pulumi.Output<string> =>
  new random.RandomPassword("rate-limit-redis", { length: 32, special: false }, { parent }).result;

/** Limits that proxies share, and the service that counts for them. */
export function planSharedLimits(
  limits: RateLimitsConfig,
  site: TrafficSite,
  place: (path: string) => ConfigPlace,
): TrafficPart[] {
  const { namespace = NAMESPACE, ...given } = limits.service;
  const service = rateLimitService({ ...given, namespace, domains: [] });
  return [
    ...planService(limits, site, place("traffic.rateLimits")),
    ...limits.global.map((limit, index) => {
      const at = place(`traffic.rateLimits.global[${index}]`);
      const args = { ...limit, scope: scopeIn(limit.scope, site), service };
      const render = (): readonly KubeObject[] => [renderGlobalRateLimit(args, site.context)];
      const made = collecting(
        at,
        (own) => own,
        () => ({ objects: render(), findings: [] }),
      );
      return { name: `global-rate-limit-${limit.name}`, at, ...made };
    }),
  ];
}
