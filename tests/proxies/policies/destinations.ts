import { expect } from "vitest";
import { renderCircuitBreaker } from "../../../components/traffic/circuit-breaker";
import { renderClientTls } from "../../../components/traffic/client-tls";
import { renderConnectionPool } from "../../../components/traffic/connection-pool";
import { renderConsistentHash } from "../../../components/traffic/consistent-hash";
import { renderDestinations } from "../../../components/traffic/destinations";
import { renderLoadBalancing } from "../../../components/traffic/load-balancing";
import { renderLocality } from "../../../components/traffic/locality";
import { renderOutlierDetection } from "../../../components/traffic/outlier-detection";
import { renderTcpSplit } from "../../../components/traffic/tcp-split";
import { renderTlsSni } from "../../../components/traffic/tls-sni";
import { renderTrafficSplit } from "../../../components/traffic/traffic-split";
import { retryBudget } from "../../../components/traffic/upstream";
import { renderWarmup } from "../../../components/traffic/warmup";
import type { RealMesh } from "../harness/mesh";
import { until } from "../harness/processes";
import { helloName } from "./hello";
import {
  a,
  answering,
  answersFrom,
  ask,
  bytes,
  context,
  hidden,
  type Row,
  safe,
  spread,
  workload,
} from "./world";

const host = a.args.host;

/** So many requests at a time that each last; how many of them get each status. */
async function together(mesh: RealMesh, count: number): Promise<Readonly<Record<number, number>>> {
  const one = () => ask(mesh, { headers: { "x-wait": "400" } });
  const answers = await Promise.all(Array.from({ length: count }, one));
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

const sick = { consecutive5xxErrors: 2, interval: "100ms", baseEjectionTime: "60s", maxEjectionPercent: 100 };
const oneAtATime = { tcp: { maxConnections: 1 }, http: { http1MaxPendingRequests: 1 } } as const;

export const destinationRows: readonly Row[] = [
  {
    policy: "destinations",
    does: "makes subsets by labels",
    objects: () => [
      ...renderDestinations(a, context),
      ...renderTrafficSplit({ host, targets: [{ to: a.subset("v2"), weight: 100 }] }, context),
    ],
    check: (mesh) => answersFrom(mesh, "a-v2"),
  },
  {
    policy: "load-balancing",
    does: "takes one endpoint after the other, by ROUND_ROBIN",
    objects: () => renderLoadBalancing({ host, simple: "ROUND_ROBIN" }, context),
    check: async (mesh) => {
      const order: string[] = [];
      for (let turn = 0; turn < 6; turn += 1) order.push((await ask(mesh)).seen?.workload ?? "");
      expect(new Set(order).size).toBe(2);
      expect(order.every((name, turn) => turn === 0 || name !== order[turn - 1])).toBe(true);
    },
  },
  {
    policy: "consistent-hash",
    does: "keeps callers of one header together",
    objects: () => renderConsistentHash({ host, httpHeaderName: "x-user" }, context),
    check: async (mesh) => {
      const users = Array.from({ length: 12 }, (_, user) => `user-${user}`);
      const homes = [];
      for (const user of users) homes.push(await answering(mesh, 4, { headers: { "x-user": user } }));
      expect(homes.map(({ length }) => length)).toEqual(users.map(() => 1));
      expect([...new Set(homes.flat())].sort()).toEqual(["a-v1", "a-v2"]);
    },
  },
  {
    policy: "consistent-hash",
    does: "makes a cookie that leads back",
    objects: () => renderConsistentHash({ host, httpCookie: { name: "home", ttl: "60s" } }, context),
    check: async (mesh) => {
      const first = await ask(mesh);
      const cookie = first.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
      expect(cookie).toMatch(/^home=./);
      const [home] = await answering(mesh, 5, { headers: { cookie } });
      expect(workload(home ?? "")).toBe(first.seen?.workload);
    },
  },
  {
    policy: "connection-pool",
    does: "refuses requests beyond one connection and one that waits",
    objects: () => renderConnectionPool({ host, ...oneAtATime }, context),
    check: async (mesh) => {
      const counts = await together(mesh, 12);
      expect(Object.keys(counts)).toEqual(["200", "503"]);
    },
  },
  {
    policy: "outlier-detection",
    does: "leaves an endpoint alone that fails",
    objects: () => renderOutlierDetection({ host, ...sick }, context),
    check: async (mesh) => {
      mesh.application(workload("a-v1")).status = 500;
      await until("the other one alone", async () =>
        (await answering(mesh, 10)).length === 1 ? true : undefined,
      );
      await answersFrom(mesh, "a-v2");
    },
  },
  {
    policy: "circuit-breaker",
    does: "opens for all once no endpoint is well",
    objects: () =>
      renderCircuitBreaker({ host, connectionPool: oneAtATime, outlierDetection: sick }, context),
    check: async (mesh) => {
      for (const version of ["a-v1", "a-v2"]) mesh.application(workload(version)).status = 500;
      const { status, body } = await until("a refusal", async () => {
        const answer = await ask(mesh);
        return answer.seen === undefined ? answer : undefined;
      });
      expect([status, body]).toEqual([503, "no healthy upstream"]);
    },
  },
  {
    policy: "locality",
    does: "stays near, and goes elsewhere when that fails",
    objects: () =>
      renderLocality(
        { host: spread, failover: [{ from: "here", to: "there" }], outlierDetection: sick },
        context,
      ),
    check: async (mesh) => {
      await answersFrom(mesh, "spread-v1", { to: "spread" });
      mesh.application(workload("spread-v1")).status = 500;
      await until("another region", async () =>
        (await ask(mesh, { to: "spread" })).status === 200 ? true : undefined,
      );
      await answersFrom(mesh, "spread-v2", { to: "spread" });
    },
  },
  {
    policy: "warmup",
    does: "is in the proxy's config, and both endpoints answer",
    objects: () => renderWarmup({ host, duration: "60s", minimumPercent: 10 }, context),
    check: async (mesh) => {
      const config = await mesh.proxies
        .get("shop/client")
        ?.admin("/config_dump?resource=dynamic_active_clusters");
      expect(config).toMatch(/"slow_start_window": "60s"/);
      expect(await answering(mesh, 20)).toEqual(["a-v1", "a-v2"]);
    },
  },
  {
    policy: "upstream",
    does: "is in the proxy's config: a budget for retries",
    objects: () =>
      renderDestinations({ host, policies: [retryBudget({ percent: 25, minRetryConcurrency: 7 })] }, context),
    check: async (mesh) => {
      const config = await mesh.proxies
        .get("shop/client")
        ?.admin("/config_dump?resource=dynamic_active_clusters");
      expect(config).toMatch(/"min_retry_concurrency": 7/);
    },
  },
  {
    policy: "client-tls",
    does: "speaks TLS for a caller that does not, and takes any certificate",
    objects: () => renderClientTls({ host: hidden, mode: "SIMPLE", insecureSkipVerify: true }, context),
    check: (mesh) => answersFrom(mesh, "hidden-v1", { to: "hidden", port: 8085 }),
  },
  {
    policy: "tcp-split",
    does: "sends all connections to weight 100, and none to weight 0",
    objects: () => [
      ...renderDestinations(bytes, context),
      ...renderTcpSplit(
        {
          host: bytes.args.host,
          targets: [
            { to: bytes.subset("v1"), weight: 0 },
            { to: bytes.subset("v2"), weight: 100 },
          ],
        },
        context,
      ),
    ],
    check: (mesh) => answersFrom(mesh, "bytes-v2", { port: 9000 }),
  },
  {
    policy: "tls-sni",
    does: "takes TLS by name without opening it",
    objects: () => [
      ...renderDestinations(safe, context),
      ...renderTlsSni(
        {
          host: safe.args.host,
          sniHosts: ["safe.shop.svc.cluster.local"],
          targets: [{ to: safe.subset("v2"), weight: 100 }],
        },
        context,
      ),
    ],
    check: async (mesh) => {
      const { address } = mesh.proxies.get("shop/client") ?? { address: "" };
      const answers = [];
      for (let turn = 0; turn < 3; turn += 1)
        answers.push(await helloName(address, 9443, "safe.shop.svc.cluster.local"));
      expect(answers).toEqual(Array.from({ length: 3 }, () => workload("safe-v2")));
    },
  },
];
