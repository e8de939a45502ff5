import { describe, expect, it } from "vitest";
import {
  type CircuitBreakerArgs,
  circuitBreaker,
  renderCircuitBreaker,
} from "../../../components/traffic/circuit-breaker";
import { renderDestinations } from "../../../components/traffic/destinations";
import {
  context,
  given,
  goRule,
  misfits,
  renderedVersions,
  serviceGo,
  versions,
} from "./destinations-support";

const breaker: CircuitBreakerArgs = {
  connectionPool: {
    tcp: { maxConnections: 10 },
    http: { http2MaxRequests: 10, maxRequestsPerConnection: 10 },
  },
  outlierDetection: { consecutiveErrors: 3, interval: "3s", baseEjectionTime: "3m", maxEjectionPercent: 100 },
};

const rendered = {
  connectionPool: {
    tcp: { maxConnections: 10 },
    http: { http2MaxRequests: 10, maxRequestsPerConnection: 10 },
  },
  outlierDetection: {
    consecutive5xxErrors: 3,
    interval: "3s",
    baseEjectionTime: "180s",
    maxEjectionPercent: 100,
  },
};

describe("document 004", () => {
  it("opens at 10 requests and after 3 errors, for all of its pods", () => {
    const rules = renderDestinations(
      { host: serviceGo, subsets: versions, policies: [circuitBreaker(breaker)], endpoints: 2 },
      context,
    );
    expect(rules).toEqual([goRule({ trafficPolicy: rendered, subsets: renderedVersions })]);
    expect(misfits(rules)).toEqual([]);
  });
});

describe("renderCircuitBreaker", () => {
  it("is a rule of its own", () => {
    expect(renderCircuitBreaker({ host: serviceGo, ...breaker }, context)).toEqual([
      goRule({ trafficPolicy: rendered }),
    ]);
  });

  it("can open for all endpoints unless said otherwise", () => {
    const pool = { http: { http1MaxPendingRequests: 1 } };
    expect(
      renderCircuitBreaker(
        { host: serviceGo, connectionPool: pool, outlierDetection: {}, endpoints: 1 },
        context,
      ),
    ).toEqual([
      goRule({
        trafficPolicy: {
          connectionPool: pool,
          outlierDetection: {
            consecutive5xxErrors: 5,
            interval: "10s",
            baseEjectionTime: "30s",
            maxEjectionPercent: 100,
          },
        },
      }),
    ]);
  });

  it("can be for one version alone", () => {
    const policies = [circuitBreaker(breaker, { subset: "v2" })];
    expect(renderDestinations({ host: serviceGo, subsets: versions, policies }, context)).toEqual([
      goRule({ subsets: [renderedVersions[0], { ...renderedVersions[1], trafficPolicy: rendered }] }),
    ]);
  });

  it("needs a load at which it opens", () => {
    const render = (connectionPool: CircuitBreakerArgs["connectionPool"]) => () =>
      renderCircuitBreaker({ host: serviceGo, ...breaker, connectionPool }, context);
    expect(given(render({ http: { maxRetries: 3 } }))).toEqual(['connectionPool: {"http":{"maxRetries":3}}']);
    expect(given(render({ tcp: { maxConnections: 1 } }))).toEqual([]);
    expect(given(render({ otherLimits: "envoy" }))).toEqual([]);
  });

  it("tells all faults of both parts, where they stand", () => {
    const render = () =>
      renderCircuitBreaker(
        {
          host: serviceGo,
          connectionPool: { http: { http2MaxRequests: 0 } },
          outlierDetection: { interval: "soon", consecutiveLocalOriginFailures: 1 },
        },
        context,
      );
    expect(given(render)).toEqual([
      "connectionPool.http.http2MaxRequests: 0",
      'outlierDetection.interval: "soon"',
      "outlierDetection.consecutiveLocalOriginFailures: 1",
    ]);
  });
});
