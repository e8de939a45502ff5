import { clientTls } from "../client-tls";
import type { PolicyWish } from "../destination-policy";
import { headerRoute } from "../header-route";
import { forward } from "../routes/policy";
import { trafficSplit } from "../traffic-split";
import { target } from "./places";
import { needs, random, reviewsOf } from "./reviews";
import { all, meshRun, shares } from "./runs";
import type { Scenario, ScenarioContext, ScenarioRun } from "./types";

type Version = "v1" | "v2" | "v3";
type Parts = Readonly<Partial<Record<Version, number>>>;

const partsOf = (parts: Parts) => Object.entries(parts) as (readonly [Version, number])[];

/** Weights of versions of reviews: a scenario with nothing else. */
function split(
  about: Pick<Scenario, "name" | "title" | "source" | "shows">,
  partsFor: (context: ScenarioContext) => Parts,
  ...policies: readonly PolicyWish[]
): Scenario {
  return {
    ...about,
    hazards: [],
    needs,
    render: (context) => {
      const { host, to, render } = reviewsOf(context, ...policies);
      const targets = partsOf(partsFor(context)).map(([version, weight]) => ({ to: to(version), weight }));
      return render([trafficSplit({ host, targets })]);
    },
    runs: (context) => {
      const { host } = reviewsOf(context);
      const list = partsOf(partsFor(context)).filter(([, weight]) => weight > 0);
      const expected = list.map(([version, weight]) => ({
        to: target(host, version),
        status: 200,
        share: weight / 100,
      }));
      return [meshRun("everybody", host, { path: "/reviews/0" }, shares(expected), context)];
    },
  };
}

/** One version for a user, another for everybody else. */
function user(
  about: Pick<Scenario, "name" | "title" | "source" | "shows">,
  name: string,
  own: Version,
  others: Version,
  ...policies: readonly PolicyWish[]
): Scenario {
  return {
    ...about,
    hazards: [],
    needs,
    render: (context) => {
      const { host, to, render } = reviewsOf(context, ...policies);
      return render([
        headerRoute({ host, name, header: { "end-user": name }, to: to(own) }),
        { name: "others", host, action: forward(to(others)) },
      ]);
    },
    runs: (context): ScenarioRun[] => {
      const { host } = reviewsOf(context);
      const path = "/reviews/0";
      const asUser = { path, headers: { "end-user": name } };
      return [
        meshRun(name, host, asUser, all(target(host, own)), context),
        meshRun("others", host, { path }, all(target(host, others)), context),
      ];
    },
  };
}

/** Versions of reviews, by weight and by user. */
export const bookinfo: readonly Scenario[] = [
  split(
    {
      name: "reviews-v1-v3",
      title: "reviews: 50 % v1, 50 % v3",
      source: "document 001, VirtualService reviews, its second route, with its DestinationRule",
      shows: "weights, mutual TLS by name and a choice by chance among the pods of a version",
    },
    () => ({ v1: 50, v3: 50 }),
    clientTls({ mode: "ISTIO_MUTUAL" }),
    random,
  ),
  user(
    {
      name: "reviews-jason",
      title: "reviews: jason gets v2, everybody else v1",
      source: "document 002, fault injection; the sample of Istio that it starts from",
      shows: "a route by header, before the one for everybody",
    },
    "jason",
    "v2",
    "v1",
  ),
  split(
    {
      name: "reviews-v3",
      title: "reviews: v3 alone",
      source: "document 003, traffic control, routes by weight",
      shows: "a version that nobody gets any more, although its pods run",
    },
    () => ({ v3: 100 }),
    random,
  ),
  split(
    {
      name: "reviews-v2-v3",
      title: "reviews: 10 % v2, 90 % v3",
      source: "document 003, traffic control, routes by weight",
      shows: "weights are of versions and not of pods: three pods of v2 change nothing",
    },
    () => ({ v2: 10, v3: 90 }),
    random,
  ),
  user(
    {
      name: "reviews-luffy",
      title: "reviews: luffy gets v3, everybody else v2",
      source: "document 003, traffic control, routes by header",
      shows: "a route by header, before the one for everybody",
    },
    "luffy",
    "v3",
    "v2",
    random,
  ),
  split(
    {
      name: "reviews-canary",
      title: "reviews: 90 % v1, 10 % v3, to be raised",
      source: "none: the newcomer's exercise; weights as in document 003's bill service",
      shows: "a new version beside the old one, with as many requests as `canaryWeight` says",
    },
    ({ canaryWeight = 10 }) => ({ v1: 100 - canaryWeight, v3: canaryWeight }),
  ),
];
