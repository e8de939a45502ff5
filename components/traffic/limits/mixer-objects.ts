import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import type { TrafficContext } from "../context";
import { DeclaredPolicy } from "../declared-policy";
import { checked } from "../faults";
import type { Scope } from "../security/scope";
import { renderGlobalRateLimit } from "./global-rate-limit";
import { renderLocalRateLimit } from "./local-rate-limit";
import { type MappingChoice, mapMixerQuota } from "./mixer-quota";
import type { MappedRule, MappingNote, MixerQuota, QuotaService } from "./mixer-types";
import type { RateLimitServiceHandle } from "./rate-limit-service";
import type { LimitDomain, LimitRule } from "./rules";
import type { TokenBucket } from "./token-bucket";

export interface MixerQuotaArgs extends MappingChoice {
  readonly quota: MixerQuota;
  /** Who counts what is counted together. Needed for lines that proxies do not count by themselves. */
  readonly service?: RateLimitServiceHandle;
}

const toRule = ({ entries, limit }: MappedRule): LimitRule[] =>
  limit === undefined ? [] : [{ entries, limit }];

/** What the rate limit service has to know for a quota. Undefined where proxies count all of it by themselves. */
export function domainOfQuota(
  { quota, ...choice }: MixerQuotaArgs,
  context: TrafficContext,
): LimitDomain | undefined {
  const { onto = quota.adapter === "memquota" ? "local" : "global" } = choice;
  if (onto === "local") return undefined;
  const rules = mapMixerQuota(quota, choice, context).services.flatMap((mapped) =>
    mapped.rules.flatMap(toRule),
  );
  return rules.length === 0 ? undefined : { name: quota.name, rules };
}

/** The EnvoyFilters of a quota: per service one for what proxies count, and one for what is counted together. */
export function renderMixerQuota(args: MixerQuotaArgs, context: TrafficContext): KubeObject[] {
  const { quota, service: handle, ...choice } = args;
  const { onto = quota.adapter === "memquota" ? "local" : "global" } = choice;
  return mapMixerQuota(quota, choice, context).services.flatMap(({ service, rules }) => {
    const local = rules.filter(({ limit }) => onto === "local" || limit === undefined);
    const shared = rules.filter((rule) => !local.includes(rule));
    return [
      ...(local.length === 0 ? [] : [renderLocal(quota, service, local, context)]),
      ...(shared.length === 0 ? [] : [renderShared(quota, service, shared, handle, context)]),
    ];
  });
}

const scopeOf = ({ namespace, labels, version }: QuotaService): Scope => ({
  kind: "workload",
  namespace,
  labels: { ...labels, ...(version === undefined ? {} : { version }) },
});

const nameOf = ({ name }: MixerQuota, service: QuotaService, kind: string) =>
  [name, service.name, ...(service.version === undefined ? [] : [service.version]), kind].join("-");

const bucketOf = ({ maxAmount, validDuration }: MappedRule, { pods = 1 }: QuotaService): TokenBucket => ({
  maxTokens: Math.ceil(maxAmount / pods),
  fillInterval: validDuration,
});

function renderLocal(
  quota: MixerQuota,
  service: QuotaService,
  rules: readonly MappedRule[],
  context: TrafficContext,
): KubeObject {
  // With nothing but constants a rule is for all requests of the proxy, and every version of Istio can have it.
  const whole =
    rules.length === 1
      ? rules.find(({ entries }) => entries.every(({ by }) => by === "constant"))
      : undefined;
  const limits =
    whole === undefined
      ? { rules: rules.map((rule) => ({ entries: rule.entries, bucket: bucketOf(rule, service) })) }
      : { bucket: bucketOf(whole, service) };
  return renderLocalRateLimit(
    { name: nameOf(quota, service, "local"), scope: scopeOf(service), ...limits },
    context,
  );
}

function renderShared(
  quota: MixerQuota,
  service: QuotaService,
  rules: readonly MappedRule[],
  handle: RateLimitServiceHandle | undefined,
  context: TrafficContext,
): KubeObject {
  const name = nameOf(quota, service, "global");
  const known = checked(`Mixer quota ${quota.name}`, (at) => {
    if (handle === undefined)
      at.in("service").fault(undefined, "a rate limit service", "name it, or choose onto: local");
    return handle ?? { name: "", namespace: "", port: 0 };
  });
  const domain = { name: quota.name, rules: rules.flatMap(toRule) };
  return renderGlobalRateLimit({ name, scope: scopeOf(service), domain, service: known }, context);
}

/** A quota of Mixer, carried out by proxies and the rate limit service. */
export class MixerQuotaLimits extends DeclaredPolicy {
  /** What is different from Mixer. */
  readonly notes: readonly MappingNote[];

  constructor(
    name: string,
    args: MixerQuotaArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("MixerQuotaLimits", name, renderMixerQuota(args, args), options);
    this.notes = mapMixerQuota(args.quota, args, args).notes;
  }
}
