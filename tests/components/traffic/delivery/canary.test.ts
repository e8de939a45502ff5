import { describe, expect, it } from "vitest";
import {
  type CanaryArgs,
  type CanaryMetric,
  renderCanary,
} from "../../../../components/traffic/delivery/canary";
import { faultsOf, pathsOf } from "../security-faults";

/** The query of document 002's release of `ad`, as it is printed there. */
const query = `100 - sum(rate(istio_requests_total{
     reporter="destination",
     destination_service_namespace="weather",
     destination_workload="ad",
     response_code="200"
  }[30s]
))/sum(rate(istio_requests_total{
     reporter="destination",
     destination_service_namespace="weather",
     destination_workload="ad",
  }[30s]
)) * 100
`;
/** That release, with its threshold in today's form. */
const args: CanaryArgs = {
  name: "ad",
  namespace: "weather",
  target: { kind: "Deployment", name: "ad" },
  port: 3003,
  hosts: ["ad"],
  progressDeadlineSeconds: 60,
  interval: "40s",
  threshold: 3,
  plan: { kind: "steps", stepWeight: 20, maxWeight: 100 },
  metrics: [{ kind: "query", name: "request error rate", query, max: 5 }],
};
const faults = (more: Partial<CanaryArgs>) => faultsOf(() => renderCanary({ ...args, ...more }));

describe("Canary", () => {
  it("is that of document 002, value by value", () => {
    expect(renderCanary(args)).toEqual({
      apiVersion: "flagger.app/v1beta1",
      kind: "Canary",
      metadata: { name: "ad", namespace: "weather" },
      spec: {
        provider: "istio",
        targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "ad" },
        progressDeadlineSeconds: 60,
        revertOnDeletion: true,
        service: { port: 3003, portName: "http", hosts: ["ad"] },
        analysis: {
          interval: "40s",
          threshold: 3,
          maxWeight: 100,
          stepWeight: 20,
          metrics: [{ name: "request error rate", interval: "60s", thresholdRange: { max: 5 }, query }],
        },
      },
    });
  });

  it("has Flagger's own measurements, other plans, calls, and a name of its own", () => {
    const more: Partial<CanaryArgs> = {
      name: "ads",
      plan: { kind: "stepList", stepWeights: [1, 5, 50] },
      metrics: [
        { kind: "successRate", min: 99 },
        { kind: "duration", max: 500, interval: "30s" },
      ],
      webhooks: [
        {
          name: "load",
          type: "rollout",
          url: "http://load.test/",
          timeout: "5s",
          metadata: { cmd: "fortio" },
        },
      ],
      retries: { attempts: 3, perTryTimeout: "2s", retryOn: "5xx" },
    };
    expect(renderCanary({ ...args, ...more }).spec).toMatchObject({
      service: { name: "ads", retries: { attempts: 3, perTryTimeout: "2s", retryOn: "5xx" } },
      analysis: {
        stepWeights: [1, 5, 50],
        metrics: [
          { name: "request-success-rate", interval: "60s", thresholdRange: { min: 99 } },
          { name: "request-duration", interval: "30s", thresholdRange: { max: 500 } },
        ],
        webhooks: [
          {
            name: "load",
            type: "rollout",
            url: "http://load.test/",
            timeout: "5s",
            metadata: { cmd: "fortio" },
          },
        ],
      },
    });
    const users = renderCanary({
      ...args,
      plan: { kind: "users", iterations: 5, match: [{ headers: { "end-user": { exact: "zyx" } } }] },
    });
    expect(users.spec).toMatchObject({
      analysis: { iterations: 5, match: [{ headers: { "end-user": { exact: "zyx" } } }] },
    });
    expect(renderCanary({ ...args, plan: { kind: "blueGreen", iterations: 4 } }).spec).toMatchObject({
      analysis: { iterations: 4 },
    });
  });

  it.each<[string, Partial<CanaryArgs>, string[]]>([
    [
      "a step past the end",
      { plan: { kind: "steps", stepWeight: 60, maxWeight: 50 } },
      ["plan.stepWeight: lower it: the first step would be past the end"],
    ],
    [
      "steps that go past the end",
      { plan: { kind: "steps", stepWeight: 30, maxWeight: 50 } },
      ["plan.stepWeight: change one: the last step would be 60"],
    ],
    [
      "steps out of order",
      { plan: { kind: "stepList", stepWeights: [20, 10] } },
      ["plan.stepWeights[1]: put them in order"],
    ],
    [
      "users that nobody is",
      { plan: { kind: "users", iterations: 1, match: [] } },
      ["plan.match: say who, or choose blueGreen"],
    ],
    ["no measurement", { metrics: [] }, ["metrics: add { kind: successRate, min: 99 }"]],
    ["* for sidecars", { hosts: ["*"] }, ["hosts: name the hosts, or only gateways"]],
    ["a port name that tells nothing", { portName: "web" }, ["portName: let it start with what is spoken"]],
    [
      "a query with brackets left open",
      { metrics: [{ kind: "query", name: "a", query: 'sum(rate(a{b="}"}[1m])', max: 1 }] },
      ["metrics[0].query: look at ("],
    ],
    [
      "a measurement without a range",
      { metrics: [{ kind: "query", name: "a", query: "1" }] },
      ["metrics[0]: say what is good: Flagger takes nothing for all"],
    ],
    [
      "a name that Flagger has",
      { metrics: [{ kind: "query", name: "request-duration", query: "1", max: 1 }] },
      ["metrics[0].name: rename it"],
    ],
  ])("refuses %s", (_, more, expected) => {
    expect(faults(more)).toEqual(expected);
  });

  it("tells all faults at once", () => {
    const metrics = [{ kind: "successRate", min: 101 }] as CanaryMetric[];
    const wrong = {
      ...args,
      threshold: 0,
      interval: "1s",
      port: 0,
      metrics,
      webhooks: [{ name: "", type: "event", url: "load" }],
    } as CanaryArgs;
    expect(pathsOf(() => renderCanary(wrong))).toEqual([
      "port",
      "threshold",
      "interval",
      "metrics[0].min",
      "webhooks[0].name",
      "webhooks[0].url",
    ]);
  });
});
