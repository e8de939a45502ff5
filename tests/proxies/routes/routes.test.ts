import { randomInt } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Simulator } from "../../../components/traffic/simulate";
import { RealMesh } from "../harness/mesh";
import { differences } from "./compare";
import { type Case, common, gatewayCase, meshCase, typedCase, wildcardCase } from "./hosts";
import { asked, clients, simulated } from "./requests";

/** Random, unless told: the same number makes the same routes and requests. */
const seed = Number(process.env.PROXIES_SEED ?? randomInt(1, 1_000_000));
/** Hosts of each kind, with 8 requests each. */
const count = Number(process.env.PROXIES_HOSTS ?? 30);

const numbered = (prefix: string, many = count) =>
  Array.from({ length: many }, (_, place) => `${prefix}${place}`);
const ports = { http: 80, "http-more": 8080 };
const app = (name: string, versions: readonly string[], namespace = "one") => ({
  name,
  namespace,
  versions,
  ports,
});
const names = { raw: numbered("m"), typed: numbered("t"), gateway: numbered("g"), wild: numbered("w", 4) };

let mesh: RealMesh;
beforeAll(async () => {
  mesh = await RealMesh.start({
    apps: [
      app("a", ["v1", "v2"]),
      app("b", ["v1", "v2"]),
      app("c", ["v1"], "two"),
      ...[...names.raw, ...names.typed].map((name) => app(name, [])),
      ...names.wild.flatMap((namespace) => [app("x", [], namespace), app("y", [], namespace)]),
    ],
    clients: Object.values(clients),
    gateway: [80, 8080],
  });
});
afterAll(() => mesh?.stop());

/** What is wrong with the answers to one case, each with all that is needed to see why. `kinds` counts the answers. */
async function wrongIn(
  { objects, trials }: Case,
  simulator: Simulator,
  kinds: Record<string, number>,
): Promise<string[]> {
  const found: string[] = [];
  for (const trial of trials) {
    const outcome = simulator.simulate(simulated(trial));
    const answer = await asked(mesh, trial);
    const kind = answer.seen === undefined ? `${answer.status} by a proxy` : "an application";
    kinds[kind] = (kinds[kind] ?? 0) + 1;
    const wrong = differences(outcome, answer);
    const shown = [trial, ...objects].map((one) => JSON.stringify(one));
    if (wrong.length > 0) found.push([...wrong, ...shown, outcome.explain()].join("\n"));
  }
  return found;
}

describe(`random routes, PROXIES_SEED=${seed} PROXIES_HOSTS=${count}`, () => {
  it.each([
    ["as they stand in YAML, in sidecars", [...names.raw.map(meshCase), ...names.wild.map(wildcardCase)]],
    ["as they stand in YAML, at a gateway", names.gateway.map(gatewayCase)],
    ["of our own model", names.typed.map(typedCase)],
  ])("%s: real proxies answer as the simulator says", async (_, arbitraries) => {
    const cases = fc.sample(fc.tuple(...arbitraries), { seed, numRuns: 1 })[0] ?? [];
    const declared = await mesh.declare([...common(), ...cases.flatMap(({ objects }) => objects)]);
    const simulator = new Simulator([...mesh.background, ...declared]);
    const found: string[] = [];
    const kinds: Record<string, number> = {};
    for (const one of cases) found.push(...(await wrongIn(one, simulator, kinds)));
    const requests = cases.reduce((sum, { trials }) => sum + trials.length, 0);
    console.info(`${requests} requests, ${found.length} differences; answers: ${JSON.stringify(kinds)}`);
    expect(found).toEqual([]);
    expect(requests).toBe(8 * arbitraries.length);
    // Some of them get through; how many is chance, a tenth or so.
    expect(kinds["an application"]).toBeGreaterThan(requests / 60);
  });
});
