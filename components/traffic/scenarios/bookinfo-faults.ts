import { clientTls } from "../client-tls";
import { faultRoute } from "../fault";
import { headerRoute } from "../header-route";
import { mergeRoutes } from "../routes/merge";
import { trafficSplit } from "../traffic-split";
import { serviceOf, target } from "./places";
import { needs, random, reviewsOf } from "./reviews";
import { meshRun, patient, shares } from "./runs";
import type { Scenario } from "./types";

const jason = { "end-user": "jason" };

const jasonFault: Scenario = {
  name: "reviews-jason-fault",
  title: "reviews: of jason's requests 30 % fail and 30 % wait 5 s; others get v1 and v3 by halves",
  source: "document 001, VirtualService reviews; it sends jason to ratings v1, a slip for reviews v1",
  shows: "faults for one user; delay and abort are drawn apart, so 9 % get both",
  hazards: ["faultInjection"],
  needs,
  render: (context) => {
    const { host, to, render } = reviewsOf(context, clientTls({ mode: "ISTIO_MUTUAL" }), random);
    const fault = {
      abort: { httpStatus: 500, percentage: 30 },
      delay: { fixedDelay: "5s", percentage: 30 },
    };
    return render([
      headerRoute({ host, name: "jason", header: jason, to: to("v1"), fault }),
      trafficSplit({
        host,
        name: "others",
        targets: [
          { to: to("v1"), weight: 50 },
          { to: to("v3"), weight: 50 },
        ],
      }),
    ]);
  },
  runs: (context) => {
    const { host } = reviewsOf(context);
    const [v1, v3] = [target(host, "v1"), target(host, "v3")];
    const path = "/reviews/0";
    return [
      meshRun(
        "jason",
        host,
        { path, headers: jason, loads: patient(600, 60) },
        shares([
          { status: 500, share: 0.21 },
          { status: 500, share: 0.09, delayMs: 5000 },
          { to: v1, status: 200, share: 0.49 },
          { to: v1, status: 200, share: 0.21, delayMs: 5000 },
        ]),
        context,
      ),
      meshRun(
        "others",
        host,
        { path },
        shares([
          { to: v1, status: 200, share: 0.5 },
          { to: v3, status: 200, share: 0.5 },
        ]),
        context,
      ),
    ];
  },
};

const abort: Scenario = {
  name: "details-abort",
  title: "details: half of the requests fail with 500",
  source: "document 003, fault injection, status codes",
  shows: "an abort in the proxy of the caller: details never sees those requests",
  hazards: ["faultInjection"],
  needs: { bookinfo: {}, fortio: {} },
  render: (context) => {
    const host = serviceOf("bookinfo", "details", context);
    const fault = { abort: { httpStatus: 500, percentage: 50 } };
    return [...mergeRoutes([faultRoute({ host, fault })], context).objects];
  },
  runs: (context) => {
    const host = serviceOf("bookinfo", "details", context);
    const halves = shares([
      { status: 500, share: 0.5 },
      { to: target(host, "v1"), status: 200, share: 0.5 },
    ]);
    return [meshRun("everybody", host, { path: "/details/0" }, halves, context)];
  },
};

/** Requests that fail on purpose. */
export const bookinfoFaults: readonly Scenario[] = [jasonFault, abort];
