import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meshVersions } from "../../components/sandbox/mirror/versions";
import { type Scenario, scenarios } from "../../components/traffic/scenarios";
import { claimsOf } from "../../stacks/traffic-owners";
import { firstFit, scenarioApps } from "../support/scenario-groups";
import { Lab, until } from "./lab";
import { cluster } from "./mesh-lab";

/**
 * Every experiment of the source documents on a real mesh: declared by the config, loaded by fortio, and compared with
 * what the simulator says. Half an hour.
 *
 * TRAFFIC_ONLY, a regular expression, runs only scenarios with such names; TRAFFIC_REPORTS is a folder for the reports.
 */
const only = new RegExp(process.env.TRAFFIC_ONLY ?? "");
const reports = resolve(process.env.TRAFFIC_REPORTS ?? ".state/traffic");
const lab = new Lab("traffic-test");

const mesh = {
  gateways: [{ name: "istio-ingressgateway", expose: { kind: "nodePort", nodePorts: { http2: 30080 } } }],
};
const withScenarios = (names: readonly string[]) =>
  lab.configure({ ...cluster, mesh, apps: scenarioApps, traffic: { scenarios: names } });

/** Whether a scenario does what was said before. Chance alone puts one run of a hundred outside: that is asked again. */
function holds(name: string): boolean {
  const report = join(reports, `${name}.html`);
  return [1, 2].some(() => {
    const { status, output } = lab.script("traffic", name, "--report", report);
    console.log(output);
    return status === 0;
  });
}

/** Services of these call each other, so that a delay or a limit of one is felt by all. */
const calling = ["bookinfo", "istioLab"] as const;

/** What a scenario has to itself. */
const claims = ({ render, needs }: Scenario): string[] => [
  ...calling.filter((app) => needs[app] !== undefined),
  ...render({ version: meshVersions.istio }).flatMap((object) => claimsOf(object, true)),
];

const together = (list: readonly Scenario[]) =>
  firstFit(list, (group, scenario) => {
    const own = new Set(claims(scenario));
    return !group.flatMap(claims).some((claim) => own.has(claim));
  });

beforeAll(() => {
  mkdirSync(reports, { recursive: true });
});

afterAll(() => lab.end());

describe("the scenarios on a real mesh", () => {
  it("have their applications", async () => {
    withScenarios([]);
    await lab.must("up", "--yes");
    const pods = () => lab.kubectl("get", "pods", "-A", "--no-headers").trim().split("\n");
    expect(pods().length).toBeGreaterThan(30);
    await until(
      () => pods().every((line) => /\b(\d+)\/\1\b.*(Running|Completed)/.test(line)),
      120,
      "every pod",
    );
  });

  it("do what the simulator says", async () => {
    const wanted = Object.values(scenarios).filter(({ name }) => only.test(name));
    const failed: string[] = [];
    for (const group of together(wanted)) {
      withScenarios(group.map(({ name }) => name));
      // A dry run of the API server refuses one kind of balancer in the place of another: it keeps what a POST has made.
      await lab.must("up", "--yes", "--skip-preview");
      failed.push(...group.map(({ name }) => name).filter((name) => !holds(name)));
    }
    expect(failed).toEqual([]);
  });

  it("leave nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
