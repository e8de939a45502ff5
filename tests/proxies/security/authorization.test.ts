import { randomInt } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { renderConnectionPool } from "../../../components/traffic/connection-pool";
import { Simulator } from "../../../components/traffic/simulate";
import { RealMesh } from "../harness/mesh";
import { byMesh, byStranger } from "../policies/servers";
import { context, guarded } from "../policies/world";
import { type Knock, knock, policies } from "./rules";

const seed = Number(process.env.PROXIES_SEED ?? randomInt(1, 1_000_000));
const sets = Number(process.env.PROXIES_SETS ?? 25);
const client = { name: "client", namespace: "shop", labels: { app: "client" }, serviceAccount: "client" };
const port = 8088;

/** The guarded application as the simulator knows it. */
const background: readonly KubeObject[] = [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "guarded", namespace: "shop" },
    spec: { selector: { app: "guarded" }, ports: [{ name: "http", port, targetPort: port }] },
  },
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "guarded", namespace: "shop" },
    spec: {
      template: {
        metadata: { labels: { app: "guarded", "sidecar.istio.io/inject": "true" } },
        spec: { serviceAccountName: "guarded", containers: [] },
      },
    },
  },
];

/** New rules hold for new connections. */
const newConnections = () =>
  renderConnectionPool({ host: guarded, http: { maxRequestsPerConnection: 1 } }, context);

let mesh: RealMesh;
beforeAll(async () => {
  mesh = await RealMesh.start({
    apps: [],
    clients: [client],
    guarded: [{ name: "guarded", namespace: "shop", port }],
  });
  await mesh.declare(newConnections());
});
afterAll(() => mesh?.stop());

const predicted = (simulator: Simulator, { byMesh: injected, ...request }: Knock): string => {
  const headers = { ...request.headers, host: `guarded:${port}` };
  const from = { ...client, injected };
  const outcome = simulator.simulate({ ...request, headers, host: "guarded", port, from, ip: "127.0.0.1" });
  return outcome.results.map(({ status }) => status).join(" or ");
};
const real = async ({ byMesh: meshed, ...request }: Knock): Promise<string> => {
  const headers = { ...request.headers, host: `guarded:${port}` };
  const asked = { ...request, headers };
  return String(meshed ? (await byMesh(mesh, asked)).status : await byStranger(mesh, asked));
};

describe(`random rules of authorization, PROXIES_SEED=${seed} PROXIES_SETS=${sets}`, () => {
  it("let in and refuse as the simulator says", async () => {
    const found: string[] = [];
    const counts: Record<string, number> = {};
    const cases = fc.sample(
      fc.record({ policies, knocks: fc.array(knock, { minLength: 8, maxLength: 8 }) }),
      {
        seed,
        numRuns: sets,
      },
    );
    for (const { policies: declared, knocks } of cases) {
      await mesh.declare([...newConnections(), ...declared]);
      const simulator = new Simulator([...background, ...declared]);
      for (const one of knocks) {
        const [answer, told] = [await real(one), predicted(simulator, one)];
        counts[answer] = (counts[answer] ?? 0) + 1;
        if (answer !== told)
          found.push(`${answer}, predicted ${told}\n${JSON.stringify(one)}\n${JSON.stringify(declared)}`);
      }
    }
    console.info(`${sets * 8} requests, ${found.length} differences; answers: ${JSON.stringify(counts)}`);
    expect(found).toEqual([]);
  });
});
