import { circuitBreaker } from "../circuit-breaker";
import { connectionPool } from "../connection-pool";
import type { PolicyWish } from "../destination-policy";
import { destinations, renderDestinations } from "../destinations";
import { outlierDetection } from "../outlier-detection";
import { byVersion, serviceOf, target } from "./places";
import { meshRun, tenEach } from "./runs";
import type { Measured, Scenario, ScenarioContext, ShapeProperty } from "./types";

const goOf = (context: ScenarioContext) => serviceOf("istioLab", "service-go", context);

interface Row {
  readonly connections: number;
  readonly document: Measured | undefined;
}

type About = Pick<Scenario, "name" | "title" | "source" | "shows">;

/** A policy for service-go, and a table of loads by connections. */
const table = (
  about: About,
  policies: readonly PolicyWish[],
  rows: readonly Row[],
  holds: readonly ShapeProperty[],
): Scenario => ({
  ...about,
  hazards: ["load"],
  needs: { istioLab: { services: ["go"] }, fortio: {} },
  render: (context) =>
    renderDestinations(destinations(goOf(context), { subsets: byVersion("v1", "v2"), policies }), context),
  runs: (context) => {
    const host = goOf(context);
    const loads = rows.map(({ connections }) => tenEach(connections));
    const document = rows.map((row) => row.document);
    const { service } = target(host);
    const expect = { kind: "shape", service, status: 503, statuses: [200, 503], document, holds } as const;
    return [meshRun("table", host, { path: "/env", loads }, expect, context)];
  },
});

const overflow = { kind: "counter", counter: "upstream_rq_pending_overflow", min: 1 } as const;

const tcpPool = table(
  {
    name: "lab-tcp-pool",
    title: "service-go: 10 connections, each made within 30 ms",
    source: "document 004, TCP connection pool; printed without a run",
    shows: "requests beyond the connections wait: the document says 503, which takes a limit of who may wait",
  },
  [connectionPool({ tcp: { maxConnections: 10, connectTimeout: "30ms" } })],
  [{ connections: 30, document: undefined }],
  [{ kind: "between", row: 0, min: 0, max: 5 }],
);

const httpPool = table(
  {
    name: "lab-http-pool",
    title: "service-go: 10 requests at a time, 5 that wait, 2 on each connection",
    source: "document 004, HTTP connection pool",
    shows: "the more connections, the more requests get 503 at once (flag UO)",
  },
  [
    connectionPool({
      http: {
        http2MaxRequests: 10,
        http1MaxPendingRequests: 5,
        maxRequestsPerConnection: 2,
        maxRetries: 3,
      },
    }),
  ],
  [
    { connections: 10, document: { 200: 95, 503: 5 } },
    { connections: 20, document: { 200: 88.5, 503: 11.5 } },
    { connections: 30, document: { 200: 64, 503: 36 } },
  ],
  [{ kind: "rises", slack: 5 }, { kind: "some", row: 2 }, overflow],
);

const outlier = table(
  {
    name: "lab-outlier",
    title: "service-go: three errors in a row, but at most 10 % of the pods out",
    source: "document 004, health of instances; printed without a run",
    shows: "10 % of two pods is none: nothing is ever put out; httpbin-ejection has a percentage that works",
  },
  [
    outlierDetection({
      consecutive5xxErrors: 3,
      interval: "10s",
      baseEjectionTime: "30s",
      maxEjectionPercent: 10,
    }),
  ],
  [{ connections: 10, document: undefined }],
  [{ kind: "between", row: 0, min: 0, max: 0 }],
);

const breaker = table(
  {
    name: "lab-breaker",
    title: "service-go: 10 connections, 10 requests, 10 that wait; all pods out for 3 minutes after 3 errors",
    source:
      "document 004, circuit breaker; http1MaxPendingRequests is of its file destination-rule-go-cb.yaml and not in print",
    shows: "requests beyond the limit get 503 at once, more of them with more connections",
  },
  [
    circuitBreaker({
      connectionPool: {
        tcp: { maxConnections: 10 },
        // Without a limit of those who wait nobody would get 503: ten connections never have an eleventh request.
        http: { http1MaxPendingRequests: 10, http2MaxRequests: 10, maxRequestsPerConnection: 10 },
      },
      outlierDetection: {
        consecutive5xxErrors: 3,
        interval: "3s",
        baseEjectionTime: "3m",
        maxEjectionPercent: 100,
      },
    }),
  ],
  [
    { connections: 20, document: { 200: 99, 503: 1 } },
    { connections: 30, document: { 200: 78.7, 503: 21.3 } },
    { connections: 40, document: { 200: 56.2, 503: 43.8 } },
  ],
  [{ kind: "rises", slack: 5 }, { kind: "some", row: 2 }, overflow],
);

/** How much callers put on a service. */
export const labPools: readonly Scenario[] = [tcpPool, httpPool, outlier, breaker];
