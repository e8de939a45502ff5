import { faultRoute } from "../fault";
import { mergeRoutes } from "../routes/merge";
import { timeoutRoute } from "../timeout";
import { serviceOf, target } from "./places";
import { all, meshRun, shares, tenEach } from "./runs";
import type { Scenario, ScenarioContext } from "./types";

const goOf = (context: ScenarioContext) => serviceOf("istioLab", "service-go", context);
const nodeOf = (context: ScenarioContext) => serviceOf("istioLab", "service-node", context);
const needs = { istioLab: { services: ["go", "node"] }, fortio: {} } as const;

const timeout: Scenario = {
  name: "lab-timeout",
  title: "service-node: 500 ms",
  source: "document 004, timeout",
  shows: "a service that gets slower under load gets 504 for its slow answers; a fast one none",
  hazards: ["load"],
  needs,
  render: (context) => [
    ...mergeRoutes([timeoutRoute({ host: nodeOf(context), timeout: "500ms" })], context).objects,
  ],
  runs: (context) => {
    const host = nodeOf(context);
    const { service } = target(host);
    const document = [
      { 200: 94, 504: 6 },
      { 200: 23, 504: 77 },
    ];
    const holds = [{ kind: "rises", slack: 5 }] as const;
    const expect = { kind: "shape", service, status: 504, statuses: [200, 504], document, holds } as const;
    const more = { path: "/env", loads: [tenEach(10), tenEach(20)] };
    return [meshRun("table", host, more, expect, context)];
  },
};

const slowed: Scenario = {
  name: "lab-timeout-slow",
  title: "service-node: 500 ms, and half of its calls to service-go wait 1 s",
  source:
    "document 004, timeout; the delay stands for its slow machine, so that the figure is known beforehand",
  shows: "half of the requests end with 504, on any machine",
  hazards: ["faultInjection"],
  needs,
  render: (context) => {
    const fault = { delay: { fixedDelay: "1s", percentage: 50 } };
    const fragments = [
      timeoutRoute({ host: nodeOf(context), timeout: "500ms" }),
      faultRoute({ host: goOf(context), fault }),
    ];
    return [...mergeRoutes(fragments, context).objects];
  },
  runs: (context) => {
    const host = nodeOf(context);
    const to = target(host);
    const halves = shares([
      { to, status: 200, share: 0.5 },
      { to, status: 504, share: 0.5 },
    ]);
    const assume = [{ share: 0.5 }, { share: 0.5, takes: "1s" }];
    const more = { path: "/env", assume, loads: [{ requests: 600, connections: 10 }] };
    const hurried = { path: "/status", loads: [{ requests: 100, connections: 4 }] };
    return [
      meshRun("asks-go", host, more, halves, context),
      // A page for which it asks nobody.
      meshRun("asks-nobody", host, hurried, all(to), context),
    ];
  },
};

/** How long callers wait for a service. */
export const labTimeouts: readonly Scenario[] = [timeout, slowed];
