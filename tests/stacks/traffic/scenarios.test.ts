import { beforeAll, describe, expect, it } from "vitest";
import { scenarios } from "../../../components/traffic/scenarios";
import { analysed } from "../../../stacks/analysis";
import { resolvePlatform } from "../../../stacks/config/load";
import { buildPlatform } from "../../../stacks/platform";
import { placeCharts } from "../../support/charts";
import { capableComputer, sandbox } from "../../support/platforms";
import { record } from "../../support/recorder";
import { firstFit, scenarioApps } from "../../support/scenario-groups";
import { faultsOf, planned } from "./support";

const apps = scenarioApps;
const names = Object.keys(scenarios);

/** Sets until every scenario has been on, none of which stands against another. */
const sets = () =>
  firstFit(names, (set, name) => faultsOf({ scenarios: [...set, name] }, { apps }).length === 0);

describe("a scenario of the config", () => {
  it.each(names)("can be on alone: %s", (name) => {
    expect(faultsOf({ scenarios: [name] }, { apps })).toEqual([]);
    const [part] = planned({ scenarios: [name] }, { apps }).parts;
    expect(part?.name).toBe(`scenario-${name}`);
    expect(part?.objects.length).toBeGreaterThan(0);
  });

  it.each<[string, readonly string[], object, string[]]>([
    [
      "a name that is none",
      ["reviews-v9"],
      apps,
      [
        expect.stringMatching(
          /^traffic\.scenarios\[0\]: "reviews-v9" -> .*reviews-v3.*; name one of these$/,
        ) as string,
      ],
    ],
    [
      "one twice",
      ["reviews-v3", "reviews-v3"],
      apps,
      ['traffic.scenarios[1]: "reviews-v3" -> each scenario once; remove one'],
    ],
    [
      "applications that are not on",
      ["httpbin-mirror"],
      {},
      [
        'traffic.scenarios[0]: "httpbin-mirror" -> with the application httpbin; switch it on: apps: { httpbin: { versions: [v1, v2] } }',
        'traffic.scenarios[0]: "httpbin-mirror" -> with the application fortio; switch it on: apps: { fortio: {} }',
      ],
    ],
    [
      "settings that are otherwise",
      ["reviews-v3"],
      { bookinfo: { reviews: ["v1"], subsets: true }, fortio: {} },
      [
        'traffic.scenarios[0]: "reviews-v3" -> with apps.bookinfo.reviews [v1,v2,v3], and not [v1]; set it so',
        'traffic.scenarios[0]: "reviews-v3" -> with apps.bookinfo.subsets false, and not true; set it so',
      ],
    ],
    [
      "two for one host",
      ["reviews-v3", "bill-split", "reviews-luffy"],
      apps,
      [
        'traffic.scenarios[2]: "host reviews.bookinfo.svc.cluster.local" -> what traffic.scenarios[0] leaves alone; take one of the two away',
      ],
    ],
    [
      "two for the same pods",
      ["lab-limits", "lab-limits-redis"],
      apps,
      [expect.stringContaining('traffic.scenarios[1]: "filters of istio-lab') as string],
    ],
  ])("names %s", (_name, on, with_, found) => {
    expect(faultsOf({ scenarios: on }, { apps: with_ })).toEqual(found);
  });

  it("is refused by an Istio that cannot do it", () => {
    const mesh = { version: "1.4.5", namespace: "istio-system" };
    const [first] = faultsOf({ scenarios: ["lab-limits"] }, { apps, mesh });
    expect(first).toBe(
      'traffic.scenarios[0]: "lab-limits with Istio 1.4.5" -> Istio 1.25 or later; take it out, or change the version of the mesh',
    );
  });

  it.each(names.filter((name) => (scenarios[name]?.hazards.length ?? 0) > 0))(
    "stays out of production: %s",
    (name) => {
      const path = 'traffic.scenarios[0]: "production" -> tier dev or lab; ';
      const change = "take it out of this stack, or declare it in another one";
      expect(faultsOf({ scenarios: [name] }, { apps, tier: "production" })).toContain(`${path}${change}`);
    },
  );
});

describe("a stack of tier dev with scenarios on", () => {
  beforeAll(placeCharts);

  const groups = sets();
  const preview = (on: readonly string[]) =>
    record(
      () => {
        const config = sandbox(1, { mesh: {}, apps, traffic: { scenarios: on } });
        const platform = resolvePlatform(config, "unit", capableComputer);
        return analysed(platform, () => buildPlatform(platform));
      },
      { preview: true },
    );

  it("leaves no scenario out", () => {
    expect(groups.flat().sort()).toEqual([...names].sort());
  });

  it.each(groups.map((group) => [group.join(", "), group] as const))(
    "passes the preview: %s",
    async (_, group) => {
      const { resources } = await preview(group);
      const made = resources.filter(({ type }) => type === "mesh-platform:traffic:TrafficObjects");
      expect(made.map(({ name }) => name).sort()).toEqual(group.map((name) => `scenario-${name}`).sort());
    },
  );
});
