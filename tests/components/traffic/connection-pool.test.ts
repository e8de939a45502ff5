import { describe, expect, it } from "vitest";
import {
  ConnectionPool,
  type ConnectionPoolArgs,
  connectionPool,
  renderConnectionPool,
} from "../../../components/traffic/connection-pool";
import { renderDestinations } from "../../../components/traffic/destinations";
import { record } from "../../support/recorder";
import {
  context,
  faultsOf,
  given,
  goRule,
  misfits,
  renderedVersions,
  serviceGo,
  versions,
} from "./destinations-support";

const render = (args: ConnectionPoolArgs) => renderConnectionPool({ host: serviceGo, ...args }, context);
const pool = (connectionPool: object) => [goRule({ trafficPolicy: { connectionPool } })];

describe("document 004", () => {
  it("limits TCP to 10 connections that are made in 30 ms", () => {
    const policies = [connectionPool({ tcp: { maxConnections: 10, connectTimeout: "30ms" } })];
    expect(renderDestinations({ host: serviceGo, subsets: versions, policies }, context)).toEqual([
      goRule({
        trafficPolicy: { connectionPool: { tcp: { maxConnections: 10, connectTimeout: "30ms" } } },
        subsets: renderedVersions,
      }),
    ]);
  });

  it("limits HTTP to 10 under way, 5 waiting, 2 for each connection, 3 retries", () => {
    const http = {
      http2MaxRequests: 10,
      http1MaxPendingRequests: 5,
      maxRequestsPerConnection: 2,
      maxRetries: 3,
    };
    const rules = renderDestinations(
      { host: serviceGo, subsets: versions, policies: [connectionPool({ http })] },
      context,
    );
    expect(rules).toEqual([
      goRule({ trafficPolicy: { connectionPool: { http } }, subsets: renderedVersions }),
    ]);
    expect(misfits(rules)).toEqual([]);
  });

  it("writes out the defaults that it names, which are Envoy's and not Istio's", () => {
    expect(render({ otherLimits: "envoy", http: { http2MaxRequests: 10 } })).toEqual(
      pool({
        tcp: { maxConnections: 1024 },
        http: { http1MaxPendingRequests: 1024, http2MaxRequests: 10, maxRetries: 3 },
      }),
    );
  });
});

describe("renderConnectionPool", () => {
  it("writes everything that Istio has, durations in one form", () => {
    const rules = render({
      tcp: {
        maxConnections: 1,
        connectTimeout: "0.25s",
        tcpKeepalive: { probes: 3, time: "2h", interval: "75s" },
        maxConnectionDuration: "1h30m",
        idleTimeout: "0s",
      },
      http: {
        http1MaxPendingRequests: 2_147_483_647,
        http2MaxRequests: 1,
        maxRequestsPerConnection: 0,
        maxRetries: 1,
        idleTimeout: "5m",
        h2UpgradePolicy: "UPGRADE",
        maxConcurrentStreams: 100,
        http2KeepAlive: { interval: "30s", timeout: "5s" },
      },
    });
    expect(rules).toEqual(
      pool({
        tcp: {
          maxConnections: 1,
          connectTimeout: "250ms",
          tcpKeepalive: { probes: 3, time: "7200s", interval: "75s" },
          maxConnectionDuration: "5400s",
          idleTimeout: "0s",
        },
        http: {
          http1MaxPendingRequests: 2_147_483_647,
          http2MaxRequests: 1,
          maxRequestsPerConnection: 0,
          maxRetries: 1,
          idleTimeout: "300s",
          h2UpgradePolicy: "UPGRADE",
          maxConcurrentStreams: 100,
          http2KeepAlive: { interval: "30s", timeout: "5s" },
        },
      }),
    );
    expect(misfits(rules)).toEqual([]);
  });

  it("is for one port where one is named", () => {
    expect(
      renderConnectionPool({ host: serviceGo, port: "http", tcp: { maxConnections: 9 } }, context),
    ).toEqual([
      goRule({
        trafficPolicy: {
          portLevelSettings: [{ port: { number: 80 }, connectionPool: { tcp: { maxConnections: 9 } } }],
        },
      }),
    ]);
  });

  it.each<[ConnectionPoolArgs, readonly string[]]>([
    [{}, [": {}"]],
    [{ tcp: {} }, [": {}"]],
    [{ tcp: { maxConnections: 0 } }, ["tcp.maxConnections: 0"]],
    [{ tcp: { maxConnections: 1.5 } }, ["tcp.maxConnections: 1.5"]],
    [{ tcp: { connectTimeout: "0s" } }, ['tcp.connectTimeout: "0s"']],
    [{ tcp: { connectTimeout: "30" } }, ['tcp.connectTimeout: "30"']],
    [{ tcp: { maxConnectionDuration: "0ms" } }, ['tcp.maxConnectionDuration: "0ms"']],
    [{ tcp: { tcpKeepalive: { time: "1500ms" } } }, ['tcp.tcpKeepalive.time: "1500ms"']],
    [{ http: { maxRequestsPerConnection: 536_870_913 } }, ["http.maxRequestsPerConnection: 536870913"]],
    [{ http: { http1MaxPendingRequests: 2 ** 31 } }, ["http.http1MaxPendingRequests: 2147483648"]],
    [
      { http: { h2UpgradePolicy: "UPGRADE", useClientProtocol: true } },
      ['http: "h2UpgradePolicy UPGRADE and useClientProtocol"'],
    ],
    [
      { tcp: { maxConnections: -1, idleTimeout: "x" }, http: { maxRetries: 0 } },
      ["tcp.maxConnections: -1", 'tcp.idleTimeout: "x"', "http.maxRetries: 0"],
    ],
  ])("refuses %j", (args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it("says that 0 is no limit to Istio", () => {
    expect(faultsOf(() => render({ http: { http2MaxRequests: 0 } }))).toEqual([
      {
        path: "http.http2MaxRequests",
        given: "0",
        allowed: "1 to 2147483647",
        change: "leave it out for no limit, which is what Istio makes of 0",
      },
    ]);
  });

  it("allows the client's protocol without the upgrade, and the upgrade without it", () => {
    const http = { h2UpgradePolicy: "DO_NOT_UPGRADE", useClientProtocol: true } as const;
    expect(render({ http })).toEqual(pool({ http }));
  });
});

describe("ConnectionPool", () => {
  it("declares the rule below itself", async () => {
    const made = await record(
      () => new ConnectionPool("go", { host: serviceGo, tcp: { maxConnections: 10 }, ...context }),
    );
    expect(made.resources.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "mesh-platform:traffic:ConnectionPool go",
      "kubernetes:networking.istio.io/v1:DestinationRule default/service-go",
    ]);
  });
});
