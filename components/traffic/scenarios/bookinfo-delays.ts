import { faultRoute } from "../fault";
import { headerRoute } from "../header-route";
import { mergeRoutes } from "../routes/merge";
import { forward } from "../routes/policy";
import type { HttpFragment } from "../routes/types";
import { withTimeout } from "../timeout";
import { serviceOf, target } from "./places";
import { needs, random, reviewsOf } from "./reviews";
import { all, meshRun, patient, shares } from "./runs";
import type { Scenario, ScenarioContext } from "./types";

/** Every request to ratings waits 2 seconds. */
const slowRatings = (context: ScenarioContext): HttpFragment =>
  faultRoute({ host: serviceOf("bookinfo", "ratings", context), fault: { delay: { fixedDelay: "2s" } } });

const jasonDelay: Scenario = {
  name: "ratings-jason-delay",
  title: "ratings: jason waits 7 s",
  source: "document 002, fault injection",
  shows: "a delay for one user; reviews and the page give up earlier, which is the bug that it uncovers",
  hazards: ["faultInjection"],
  needs: { bookinfo: {}, fortio: {} },
  render: (context) => {
    const host = serviceOf("bookinfo", "ratings", context);
    const fault = { delay: { fixedDelay: "7s" } };
    return [
      ...mergeRoutes(
        [
          headerRoute({ host, name: "jason", header: { "end-user": "jason" }, to: host, fault }),
          { name: "others", host, action: forward(host) },
        ],
        context,
      ).objects,
    ];
  },
  runs: (context) => {
    const host = serviceOf("bookinfo", "ratings", context);
    const path = "/ratings/0";
    const late = shares([{ to: target(host, "v1"), status: 200, share: 1, delayMs: 7000 }]);
    return [
      meshRun(
        "jason",
        host,
        { path, headers: { "end-user": "jason" }, loads: patient(80, 40) },
        late,
        context,
      ),
      meshRun("others", host, { path }, all(target(host, "v1")), context),
    ];
  },
};

const delay: Scenario = {
  name: "ratings-delay",
  title: "ratings: everybody waits 2 s",
  source: "document 003, fault injection, delay and timeout",
  shows: "a delay for all requests, seen by everyone who waits for ratings",
  hazards: ["faultInjection"],
  needs: { bookinfo: {}, fortio: {} },
  render: (context) => [...mergeRoutes([slowRatings(context)], context).objects],
  runs: (context) => {
    const host = serviceOf("bookinfo", "ratings", context);
    const late = shares([{ to: target(host, "v1"), status: 200, share: 1, delayMs: 2000 }]);
    return [meshRun("everybody", host, { path: "/ratings/0", loads: patient(200, 40) }, late, context)];
  },
};

const timeout: Scenario = {
  name: "reviews-timeout",
  title: "reviews: 0.5 s for v2, which waits 2 s for ratings; luffy gets v3 without a limit",
  source: "document 003, fault injection, delay and timeout",
  shows: "the caller's limit ends a request whose delay is two services away",
  hazards: ["faultInjection"],
  needs,
  render: (context) => {
    const { host, to, render } = reviewsOf(context, random);
    return [
      ...render([
        headerRoute({ host, name: "luffy", header: { "end-user": "luffy" }, to: to("v3") }),
        withTimeout({ name: "others", host, action: forward(to("v2")) }, "0.5s"),
      ]),
      ...mergeRoutes([slowRatings(context)], context).objects,
    ];
  },
  runs: (context) => {
    const { host } = reviewsOf(context);
    // Of ratings, which reviews ask in their turn.
    const assume = [{ share: 1, takes: "2s" }];
    const some = { path: "/reviews/0", assume, loads: patient(200, 40) };
    const luffy = { ...some, headers: { "end-user": "luffy" } };
    return [
      meshRun("others", host, some, all(target(host, "v2"), 504), context),
      meshRun("luffy", host, luffy, all(target(host, "v3")), context),
    ];
  },
};

/** Requests that wait on purpose, and what callers do about it. */
export const bookinfoDelays: readonly Scenario[] = [jasonDelay, delay, timeout];
