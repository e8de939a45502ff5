import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { ofMinor } from "../mesh/api-versions";
import { filled } from "../mesh/exposure-fields";
import { apiOf, type TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { checked, type Place } from "./faults";
import { objectName } from "./metadata";
import { namespaceOfScope, scopeFields } from "./security/scope";
import {
  type AccessLoggingArgs,
  type CustomTag,
  istioMetrics,
  type MetricsArgs,
  type MetricsOverride,
  type Provided,
  type TelemetryArgs,
  type TracingArgs,
  type WorkloadMode,
} from "./telemetry-args";
import { decimal, duration, filledText, headerName, oneOf } from "./values";

export type * from "./telemetry-args";

const modes = ["CLIENT", "SERVER", "CLIENT_AND_SERVER"] as const;

const matchOf = (mode: WorkloadMode | undefined, at: Place) =>
  mode === undefined ? undefined : { mode: oneOf(mode, modes, at.in("mode")) };

/** An empty list would be no provider, and thereby no effect. */
function renderProviders({ providers }: Provided, at: Place): readonly object[] | undefined {
  if (providers === undefined) return undefined;
  if (providers.length === 0)
    at.in("providers").fault([], "one provider or more", "leave it out for those of the level above");
  return providers.map((name, index) => ({ name: filledText(name, at.in("providers", index)) }));
}

function renderLogging(one: AccessLoggingArgs, at: Place): object {
  const { mode, disabled, filter } = one;
  return filled({
    match: matchOf(mode, at),
    providers: renderProviders(one, at),
    disabled,
    filter: filter === undefined ? undefined : { expression: filledText(filter, at.in("filter")) },
  });
}

function renderMatch({ metric = "ALL_METRICS", mode }: MetricsOverride, at: Place): object {
  const here = at.in("metric");
  const named =
    typeof metric === "string"
      ? { metric: oneOf(metric, istioMetrics, here) }
      : { customMetric: filledText(metric.customMetric, here.in("customMetric")) };
  return filled({ ...named, mode: mode === undefined ? undefined : oneOf(mode, modes, at.in("mode")) });
}

function renderTags(tags: Readonly<Record<string, string | null>>, at: Place): object {
  const entries = Object.entries(tags).map(([tag, value]) => {
    filledText(tag, at);
    if (value === null) return [tag, { operation: "REMOVE" }] as const;
    return [tag, { operation: "UPSERT", value: filledText(value, at.in(tag)) }] as const;
  });
  return Object.fromEntries(entries);
}

function renderMetrics(one: MetricsArgs, at: Place): object {
  const { overrides = [], reportingInterval } = one;
  return filled({
    providers: renderProviders(one, at),
    overrides: overrides.map((override, index) => {
      const here = at.in("overrides", index);
      const { disabled, tags = {} } = override;
      if (disabled === undefined && Object.keys(tags).length === 0)
        here.fault(override, "disabled or tags", "say one");
      return filled({
        match: renderMatch(override, here),
        disabled,
        tagOverrides: renderTags(tags, here.in("tags")),
      });
    }),
    reportingInterval:
      reportingInterval === undefined ? undefined : duration(reportingInterval, at.in("reportingInterval")),
  });
}

function renderTag(tag: CustomTag, at: Place): object {
  if ("literal" in tag) return { literal: { value: filledText(tag.literal, at.in("literal")) } };
  const { defaultValue } = tag;
  if ("environment" in tag) {
    return { environment: filled({ name: filledText(tag.environment, at.in("environment")), defaultValue }) };
  }
  return { header: filled({ name: headerName(tag.header, at.in("header")), defaultValue }) };
}

function renderTracing(one: TracingArgs, at: Place): object {
  const { mode, randomSamplingPercentage: share, disableSpanReporting, customTags = {} } = one;
  if (share !== undefined) decimal(share, at.in("randomSamplingPercentage"), { max: 100 });
  if ((one.providers?.length ?? 0) > 1) {
    at.in("providers").fault(one.providers, "one: Istio takes the first alone", "leave the others out");
  }
  const tags = Object.entries(customTags).map(([tag, value]) => {
    filledText(tag, at.in("customTags"));
    return [tag, renderTag(value, at.in("customTags", tag))] as const;
  });
  return filled({
    match: matchOf(mode, at),
    providers: renderProviders(one, at),
    randomSamplingPercentage: share,
    disableSpanReporting,
    customTags: Object.fromEntries(tags),
    useRequestIdForTraceSampling: one.useRequestIdForTraceSampling,
  });
}

/** From here on proxies take their logs, metrics and spans from it. */
const SINCE = "1.13";

/** A Telemetry. */
export const renderTelemetry = (args: TelemetryArgs, context: TrafficContext): KubeObject[] =>
  checked(`Telemetry ${args.name}`, (at) => {
    const { name, scope, accessLogging, metrics, tracing } = args;
    if (!ofMinor(context.version, SINCE)) {
      at.in("name").fault(
        `Istio ${context.version}`,
        `Istio ${SINCE} or later`,
        "use the mesh's own settings",
      );
    }
    const says = filled({
      tracing: tracing === undefined ? undefined : [renderTracing(tracing, at.in("tracing"))],
      metrics: metrics?.map((one, index) => renderMetrics(one, at.in("metrics", index))),
      accessLogging: accessLogging?.map((one, index) => renderLogging(one, at.in("accessLogging", index))),
    });
    if (Object.keys(says).length === 0) {
      at.fault({}, "one of accessLogging, metrics, tracing", "say one, or leave it out");
    }
    return [
      {
        apiVersion: apiOf(context).telemetry ?? "telemetry.istio.io/v1alpha1",
        kind: "Telemetry",
        metadata: { name: objectName(name, at.in("name")), namespace: namespaceOfScope(scope) },
        spec: { ...scopeFields(scope, context, at.in("scope")), ...says },
      },
    ];
  });

/** What proxies tell about the traffic. */
export class Telemetry extends DeclaredPolicy {
  constructor(name: string, args: TelemetryArgs & TrafficContext, options?: pulumi.ComponentResourceOptions) {
    super("Telemetry", name, renderTelemetry(args, args), options);
  }
}
