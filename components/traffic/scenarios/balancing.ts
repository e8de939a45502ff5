import { consistentHash } from "../consistent-hash";
import { destinations, renderDestinations } from "../destinations";
import type { ServiceHandle, SubsetHandle } from "../handles";
import { headerRoute } from "../header-route";
import { loadBalancing } from "../load-balancing";
import { mergeRoutes } from "../routes/merge";
import { forward } from "../routes/policy";
import { byVersion, serviceOf, target } from "./places";
import { needs as bookinfoNeeds, random, reviewsOf } from "./reviews";
import { all, meshRun, shares } from "./runs";
import type { Scenario, ScenarioContext } from "./types";

const needs = { istioLab: { services: ["go"] }, fortio: {} } as const;
const goOf = (context: ScenarioContext) => serviceOf("istioLab", "service-go", context);
const subsets = byVersion("v1", "v2");

/** Without a route that leads to a subset nothing of what is said for it ever counts. */
const alsoTo = (host: ServiceHandle, v2: SubsetHandle) => [
  headerRoute({ host, name: "v2", header: { "x-version": "v2" }, to: v2 }),
  { name: "everybody", host, action: forward(host) },
];

const askingV2 = { headers: { "x-version": "v2" }, loads: [{ requests: 200, connections: 4 }] };

const simple: Scenario = {
  name: "lab-balancing",
  title: "service-go: one after the other; for v2 fewest requests, on port 80 by chance",
  source:
    "document 004, simple balancing; LEAST_CONN is called LEAST_REQUEST today; the route to v2 is added",
  shows:
    "an algorithm for the service, the subset and the port; each request has the one of where its route leads",
  hazards: [],
  needs,
  render: (context) => {
    const policies = [
      loadBalancing({ simple: "ROUND_ROBIN" }),
      loadBalancing({ simple: "LEAST_REQUEST" }, { subset: "v2" }),
      loadBalancing({ simple: "RANDOM" }, { subset: "v2", port: 80 }),
    ];
    const host = goOf(context);
    const declared = destinations(host, { subsets, policies });
    return [
      ...renderDestinations(declared, context),
      ...mergeRoutes(alsoTo(host, declared.subset("v2")), context).objects,
    ];
  },
  runs: (context) => {
    const host = goOf(context);
    const halves = shares([
      { to: target(host, "v1"), status: 200, share: 0.5 },
      { to: target(host, "v2"), status: 200, share: 0.5 },
    ]);
    const second = all(target(host, "v2"));
    return [
      meshRun("everybody", host, { path: "/env" }, halves, context),
      meshRun("v2", host, { path: "/env", ...askingV2 }, second, context),
    ];
  },
};

const byChance: Scenario = {
  name: "reviews-random",
  title: "reviews: by chance; within v2 one after the other",
  source: "document 003, DestinationRule my-svc; the route to v2 is added",
  shows: "an algorithm of a subset takes the place of the service's",
  hazards: [],
  needs: bookinfoNeeds,
  render: (context) => {
    const robin = loadBalancing({ simple: "ROUND_ROBIN" }, { subset: "v2" });
    const { host, to, render } = reviewsOf(context, random, robin);
    return render(alsoTo(host, to("v2")));
  },
  runs: (context) => {
    const { host } = reviewsOf(context);
    const thirds = (["v1", "v2", "v3"] as const).map((version) => ({
      to: target(host, version),
      status: 200,
      share: 1 / 3,
    }));
    const second = all(target(host, "v2"));
    return [
      meshRun("everybody", host, { path: "/reviews/0" }, shares(thirds), context),
      meshRun("v2", host, { path: "/reviews/0", ...askingV2 }, second, context),
    ];
  },
};

const header = "x-lb-test";

const hash: Scenario = {
  name: "lab-hash",
  title: "service-go: the same pod for the same x-lb-test",
  source: "document 004, consistent hash",
  shows: "each value meets one pod, again and again; which one, nobody can tell beforehand",
  hazards: [],
  needs,
  render: (context) => {
    const policies = [consistentHash({ httpHeaderName: header })];
    return renderDestinations(destinations(goOf(context), { subsets, policies }), context);
  },
  runs: (context) => {
    const host = goOf(context);
    const expect = {
      kind: "sticky",
      header,
      values: ["1", "2", "3"],
      service: target(host).service,
    } as const;
    const loads = [{ requests: 50, connections: 4 }];
    return [meshRun("three-users", host, { path: "/env", loads }, expect, context)];
  },
};

/** Which pod of a service gets a request. */
export const balancing: readonly Scenario[] = [simple, byChance, hash];
