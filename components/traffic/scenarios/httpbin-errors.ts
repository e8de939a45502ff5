import { destinations, renderDestinations } from "../destinations";
import { outlierDetection } from "../outlier-detection";
import { retryRoute } from "../retry";
import { mergeRoutes } from "../routes/merge";
import { forward } from "../routes/policy";
import { atGateway, frontOf, httpbinOf, needs } from "./httpbin";
import { target } from "./places";
import { gatewayRun, meshRun, shares } from "./runs";
import type { Scenario } from "./types";

const retries = { attempts: 3, perTryTimeout: "2s", retryOn: ["5xx"] } as const;

const again: Scenario = {
  name: "httpbin-retries-gateway",
  title: "httpbin through the gateway: a 502 is tried three times more",
  source: "document 003, retries; there with the mirror still on",
  shows: "a server that always fails gets each request four times",
  hazards: [],
  needs,
  render: (context) => atGateway("httpbin-retries-gateway", () => ({ retries }), context),
  runs: (context) => {
    const to = target(httpbinOf(context), "v1");
    const failing = {
      path: "/httpbin/status/502",
      assume: [{ share: 1, answer: 502 }],
      loads: [{ requests: 100, connections: 4 }],
    };
    const expected = shares([{ to, status: 502, share: 1, tries: 4 }], { path: "/status/502" });
    return [gatewayRun("failing", frontOf("httpbin-retries-gateway", context), failing, expected, context)];
  },
};

/** One answer in five is a 500: what document 004 sends before and after. */
const oneInFive = {
  path: "/status/200%2C200%2C200%2C200%2C500",
  assume: [
    { share: 0.8, answer: 200 },
    { share: 0.2, answer: 500 },
  ],
  loads: [{ requests: 1000, connections: 10 }],
};

const plain: Scenario = {
  name: "httpbin-errors",
  title: "httpbin: one answer in five is a 500",
  source: "document 004, retries, before them",
  shows: "the proxy's own two retries are for broken connections; a 500 gets through",
  hazards: [],
  needs: { httpbin: {}, fortio: {} },
  render: (context) => {
    const host = httpbinOf(context);
    return [...mergeRoutes([{ name: "plain", host, action: forward(host) }], context).objects];
  },
  runs: (context) => {
    const host = httpbinOf(context);
    const to = target(host);
    const expected = shares(
      [
        { to, status: 200, share: 0.8 },
        { to, status: 500, share: 0.2 },
      ],
      { document: { 200: 78, 500: 22 } },
    );
    return [meshRun("one-in-five", host, oneInFive, expected, context)];
  },
};

const retried: Scenario = {
  name: "httpbin-retries",
  title: "httpbin: one answer in five is a 500, three retries",
  source:
    "document 004, retries; its file for httpbin is not printed, and 500 has to be asked for today (retryOn 5xx)",
  shows: "four tries make 0.2 % of 20 %",
  hazards: [],
  needs: { httpbin: {}, fortio: {} },
  render: (context) => {
    const host = httpbinOf(context);
    return [...mergeRoutes([retryRoute({ host, retries })], context).objects];
  },
  runs: (context) => {
    const host = httpbinOf(context);
    const to = target(host);
    const expected = shares(
      [
        { to, status: 200, share: 0.9984 },
        { to, status: 500, share: 0.0016 },
      ],
      { document: { 200: 97, 500: 3 } },
    );
    return [meshRun("one-in-five", host, oneInFive, expected, context)];
  },
};

const ejection: Scenario = {
  name: "httpbin-ejection",
  title: "httpbin: three errors in a row put a pod out for 30 s",
  source:
    "document 004, health of instances; maxEjectionPercent 100 instead of 10, which would put none of two pods out",
  shows: "once all pods are out, requests get 503 at once",
  hazards: ["load"],
  needs,
  render: (context) => {
    const detection = { consecutive5xxErrors: 3, interval: "10s", baseEjectionTime: "30s" };
    const policies = [outlierDetection({ ...detection, maxEjectionPercent: 100 })];
    return renderDestinations(destinations(httpbinOf(context), { policies }), context);
  },
  runs: (context) => {
    const host = httpbinOf(context);
    const failing = {
      path: "/status/500",
      assume: [{ share: 1, answer: 500 }],
      // Slowly: a proxy heeds a second change of a cluster's health up to a second after the first (Envoy's
      // update_merge_window), so that one pod gets 20 more requests. 6 and these 20 of 200 are 500.
      loads: [{ requests: 200, connections: 1, qps: 20 }],
    };
    return [
      meshRun(
        "failing",
        host,
        failing,
        {
          kind: "shape",
          service: target(host).service,
          status: 503,
          statuses: [500, 503],
          document: [undefined],
          holds: [
            { kind: "between", row: 0, min: 85, max: 97 },
            { kind: "counter", counter: "outlier_detection.ejections_enforced_total", min: 2 },
          ],
        },
        context,
      ),
    ];
  },
};

/** A server that fails as it is asked to, and what proxies do about it. */
export const httpbinErrors: readonly Scenario[] = [again, plain, retried, ejection];
