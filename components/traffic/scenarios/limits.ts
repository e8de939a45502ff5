import { renderNamespace } from "../../mesh/namespace";
import { domainOfQuota, type MixerQuotaArgs, renderMixerQuota } from "../limits/mixer-objects";
import type { MixerQuota } from "../limits/mixer-types";
import { rateLimitService, renderRateLimitService } from "../limits/rate-limit-service";
import { allServicesQuota, conditionalQuota, memoryQuota, quotaIn, redisQuota } from "../limits/seed-quotas";
import { between, byRate, goRuns, nodeRuns } from "./limit-runs";
import { namespaceOf, serviceOf, target } from "./places";
import { all, meshRun } from "./runs";
import type { Scenario, ScenarioContext } from "./types";

const three = { istioLab: { services: ["go", "node", "lua", "python"] }, fortio: {} } as const;

/** Each lab service has a pod of each version, which share what it may take where proxies count by themselves. */
function labQuota(quota: MixerQuota, context: ScenarioContext): MixerQuota {
  const here = quotaIn(quota, namespaceOf("istioLab", context));
  return { ...here, services: here.services.map((service) => ({ ...service, pods: 2 })) };
}

const about = (name: string, title: string, source: string, shows: string) =>
  ({ name, title, source, shows, hazards: ["load"], needs: three }) as const;

const memory: Scenario = {
  ...about(
    "lab-limits",
    "service-go 50/s, service-node 20/s (50/s from 10.28.11.20), service-python 2 in 5 s",
    "document 004, memquota; each proxy counts now, where Mixer counted for all",
    "a table of limits of which the first line that fits counts",
  ),
  render: (context) => renderMixerQuota({ quota: labQuota(memoryQuota, context) }, context),
  runs: (context) => [
    goRuns([3, 15], context),
    ...nodeRuns(context),
    byRate(
      "service-python",
      "service-python",
      [{ qps: 1, document: { 200: 50, 429: 50 } }],
      [between(0, 20, 90)],
      context,
    ),
  ],
};

const redisArgs = (context: ScenarioContext): MixerQuotaArgs & { readonly namespace: string } => ({
  quota: labQuota(redisQuota, context),
  service: rateLimitService({ namespace: "rate-limits", domains: [] }),
  namespace: "rate-limits",
});

const redis: Scenario = {
  ...about(
    "lab-limits-redis",
    "the same limits, counted for all proxies together; service-python 2 in 1 s",
    "document 004, redisquota; printed without a run",
    "limits that a service keeps in Redis, by seconds of the clock",
  ),
  render: (context) => {
    const { namespace, ...args } = redisArgs(context);
    const domain = domainOfQuota(args, context);
    const domains = domain === undefined ? [] : [domain];
    return [
      renderNamespace({ name: namespace, injection: "disabled" }),
      ...renderRateLimitService({ namespace, domains, redisPoolSize: 10 }),
      ...renderMixerQuota(args, context),
    ];
  },
  runs: (context) => [
    goRuns([8, 25], context),
    ...nodeRuns(context),
    byRate("service-python", "service-python", [{ qps: 4 }], [between(0, 30, 70)], context),
  ],
};

const condition: Scenario = {
  ...about(
    "lab-limits-cookie",
    "the same limits, but not for requests with user= in their cookie",
    "document 004, limits by condition; printed without a run",
    "requests that no limit is asked about",
  ),
  render: (context) => renderMixerQuota({ quota: labQuota(conditionalQuota, context) }, context),
  runs: (context) => {
    const host = serviceOf("istioLab", "service-go", context);
    const loads = [{ requests: 600, connections: 4, qps: 60 }];
    const known = { path: "/env", loads, headers: { cookie: "user=zyx" } };
    return [goRuns([3, 15], context), meshRun("known-user", host, known, all(target(host)), context)];
  },
};

const everything: Scenario = {
  ...about(
    "lab-limits-all",
    "the same limits for all services: service-lua has what the table leaves over, 500/s",
    "document 004, binding to all services; printed without a run",
    "the general amount, for services that no line names",
  ),
  render: (context) => renderMixerQuota({ quota: labQuota(allServicesQuota, context) }, context),
  runs: (context) => {
    const host = serviceOf("istioLab", "service-lua", context);
    const lua = { path: "/env", loads: [{ requests: 600, connections: 4, qps: 60 }] };
    return [goRuns([3, 15], context), meshRun("service-lua", host, lua, all(target(host)), context)];
  },
};

/** Rate limits. */
export const limits: readonly Scenario[] = [memory, redis, condition, everything];
