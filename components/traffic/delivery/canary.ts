import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import { DeclaredPolicy } from "../declared-policy";
import { checked, type Place } from "../faults";
import { decimal, dnsLabel, duration, filledText, host, integer, port } from "../values";
import type { CanaryArgs, CanaryMetric, CanaryPlan, CanaryWebhook } from "./canary-types";

export type * from "./canary-types";

/** The Canary that Flagger works on. Flagger itself makes Services, VirtualService and DestinationRules of it. */
export function renderCanary(args: CanaryArgs): KubeObject {
  const { name, namespace, target, progressDeadlineSeconds = 600, revertOnDeletion = true } = args;
  return checked(`Canary ${namespace}/${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    dnsLabel(namespace, at.in("namespace"));
    dnsLabel(target.name, at.in("target", "name"));
    integer(progressDeadlineSeconds, at.in("progressDeadlineSeconds"), { min: 1 });
    return {
      apiVersion: "flagger.app/v1beta1",
      kind: "Canary",
      metadata: { name, namespace },
      spec: {
        provider: "istio",
        targetRef: { apiVersion: "apps/v1", kind: target.kind, name: target.name },
        progressDeadlineSeconds,
        revertOnDeletion,
        service: serviceFields(args, at),
        analysis: analysisFields(args, at),
      },
    };
  });
}

function serviceFields(args: CanaryArgs, at: Place): object {
  const {
    name,
    target,
    targetPort,
    portName = "http",
    hosts,
    gateways,
    timeout,
    retries,
    trafficPolicy,
  } = args;
  if (typeof targetPort === "number") port(targetPort, at.in("targetPort"));
  if (!/^(http|http2|https|grpc|tcp)(-|$)/.test(portName)) {
    at.in("portName").fault(portName, "http, grpc, … perhaps with -NAME", "let it start with what is spoken");
  }
  hosts?.forEach((text, index) => void host(text, at.in("hosts", index)));
  // Flagger adds its own Service's name, but not for *, which on all sidecars would take every request there is.
  if (hosts?.includes("*") && (gateways ?? ["mesh"]).includes("mesh")) {
    at.in("hosts").fault("*", "names of hosts, where it is for sidecars", "name the hosts, or only gateways");
  }
  return {
    ...(name === target.name ? {} : { name }),
    port: port(args.port, at.in("port")),
    portName,
    ...(targetPort === undefined ? {} : { targetPort }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(gateways === undefined ? {} : { gateways }),
    ...(timeout === undefined ? {} : { timeout: duration(timeout, at.in("timeout")) }),
    ...(retries === undefined ? {} : { retries: retryFields(retries, at.in("retries")) }),
    ...(trafficPolicy === undefined ? {} : { trafficPolicy }),
  };
}

function retryFields(retries: NonNullable<CanaryArgs["retries"]>, at: Place): object {
  const { attempts, perTryTimeout, retryOn } = retries;
  integer(attempts, at.in("attempts"), { min: 1 });
  return {
    attempts,
    ...(perTryTimeout === undefined
      ? {}
      : { perTryTimeout: duration(perTryTimeout, at.in("perTryTimeout")) }),
    ...(retryOn === undefined ? {} : { retryOn }),
  };
}

function analysisFields(args: CanaryArgs, at: Place): object {
  const { plan, interval = "1m", threshold, metrics, webhooks = [] } = args;
  integer(threshold, at.in("threshold"), { min: 1 });
  if (metrics.length === 0) at.in("metrics").fault([], "one or more", "add { kind: successRate, min: 99 }");
  return {
    interval: duration(interval, at.in("interval"), { min: "10s", step: "1s" }),
    threshold,
    ...planFields(plan, at.in("plan")),
    metrics: metrics.map((metric, index) => metricFields(metric, at.in("metrics", index))),
    ...(webhooks.length === 0
      ? {}
      : { webhooks: webhooks.map((hook, index) => hookFields(hook, at.in("webhooks", index))) }),
  };
}

function planFields(plan: CanaryPlan, at: Place): object {
  switch (plan.kind) {
    case "steps": {
      const { stepWeight, maxWeight } = plan;
      integer(maxWeight, at.in("maxWeight"), { min: 1, max: 100 });
      integer(stepWeight, at.in("stepWeight"), { min: 1, max: 100 });
      if (stepWeight > maxWeight) {
        at.in("stepWeight").fault(
          stepWeight,
          `at most maxWeight, ${maxWeight}`,
          "lower it: the first step would be past the end",
        );
      } else if (maxWeight % stepWeight !== 0) {
        const reached = Math.min(100, Math.ceil(maxWeight / stepWeight) * stepWeight);
        at.in("stepWeight").fault(
          stepWeight,
          `a part of maxWeight, ${maxWeight}`,
          `change one: the last step would be ${reached}`,
        );
      }
      return { maxWeight, stepWeight };
    }
    case "stepList": {
      const { stepWeights } = plan;
      if (stepWeights.length === 0) at.in("stepWeights").fault([], "one or more", "add one");
      stepWeights.forEach((weight, index) => {
        integer(weight, at.in("stepWeights", index), { min: 1, max: 100 });
        const before = stepWeights[index - 1] ?? 0;
        if (weight <= before)
          at.in("stepWeights", index).fault(
            weight,
            `more than ${before}, the one before`,
            "put them in order",
          );
      });
      return { stepWeights };
    }
    case "users":
      integer(plan.iterations, at.in("iterations"), { min: 1 });
      if (plan.match.length === 0)
        at.in("match").fault([], "one match or more", "say who, or choose blueGreen");
      return { iterations: plan.iterations, match: plan.match };
    case "blueGreen":
      return { iterations: integer(plan.iterations, at.in("iterations"), { min: 1 }) };
  }
}

function metricFields(metric: CanaryMetric, at: Place): object {
  const interval = duration(metric.interval ?? "1m", at.in("interval"), { min: "1s", step: "1s" });
  switch (metric.kind) {
    case "successRate":
      decimal(metric.min, at.in("min"), { max: 100 });
      return { name: "request-success-rate", interval, thresholdRange: { min: metric.min } };
    case "duration":
      decimal(metric.max, at.in("max"), { min: 1 });
      return { name: "request-duration", interval, thresholdRange: { max: metric.max } };
    case "query": {
      const { name, query, min, max } = metric;
      filledText(name, at.in("name"));
      if (["request-success-rate", "request-duration"].includes(name))
        at.in("name").fault(name, "a name that Flagger does not have", "rename it");
      checkQuery(query, at.in("query"));
      if (min === undefined && max === undefined)
        at.fault("neither", "min, max or both", "say what is good: Flagger takes nothing for all");
      const thresholdRange = { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
      return { name, interval, thresholdRange, query };
    }
  }
}

/** Brackets that do not close: Flagger finds out in the middle of a release. */
function checkQuery(query: string, at: Place): void {
  filledText(query, at);
  const plain = query.replaceAll(/"(\\.|[^"\\])*"|'(\\.|[^'\\])*'/g, "").replaceAll(/[^()[\]{}]/g, "");
  // From the inside out: pairs with nothing between them go, until none is left.
  let rest = plain;
  for (let before = ""; before !== rest; ) {
    before = rest;
    rest = rest.replaceAll(/\(\)|\[\]|\{\}/g, "");
  }
  if (rest !== "") at.fault(query, "PromQL with brackets in pairs", `look at ${rest.split("").join(" ")}`);
}

function hookFields({ name, type, url, timeout, metadata }: CanaryWebhook, at: Place): object {
  filledText(name, at.in("name"));
  if (!URL.canParse(url)) at.in("url").fault(url, "http://HOST/PATH, or https", "correct the spelling");
  return {
    name,
    type,
    url,
    ...(timeout === undefined ? {} : { timeout: duration(timeout, at.in("timeout")) }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** A release by Flagger, step by step and taken back by itself when the measurements are bad. */
export class Canary extends DeclaredPolicy {
  constructor(name: string, args: CanaryArgs, options?: pulumi.ComponentResourceOptions) {
    super("Canary", name, [renderCanary(args)], options);
  }
}
