import { describe, expect, it } from "vitest";
import { renderDestinations } from "../../../components/traffic/destinations";
import {
  type LocalityRuleArgs,
  locality,
  renderLocality,
  zoneAware,
} from "../../../components/traffic/locality";
import { outlierDetection } from "../../../components/traffic/outlier-detection";
import { context, faultsOf, given, goRule, misfits, serviceGo, versions } from "./destinations-support";

const render = (args: LocalityRuleArgs | Omit<LocalityRuleArgs, "host">) =>
  renderLocality({ host: serviceGo, ...args }, context);
const detection = {
  consecutive5xxErrors: 5,
  interval: "10s",
  baseEjectionTime: "30s",
  maxEjectionPercent: 10,
};

describe("renderLocality", () => {
  it("spreads by weight, which needs nothing else", () => {
    const distribute = [
      { from: "eu/a/*", to: { "eu/a/*": 80, "eu/b": 20 } },
      { from: "*", to: { "eu/*": 100 } },
    ];
    const rules = render({ distribute });
    expect(rules).toEqual([
      goRule({ trafficPolicy: { loadBalancer: { localityLbSetting: { enabled: true, distribute } } } }),
    ]);
    expect(misfits(rules)).toEqual([]);
  });

  it("goes elsewhere when a place fails, which outlier detection finds out", () => {
    const failover = [{ from: "eu", to: "us" }];
    const rules = render({ failover, failoverPriority: ["version"], outlierDetection: {} });
    expect(rules).toEqual([
      goRule({
        trafficPolicy: {
          loadBalancer: { localityLbSetting: { enabled: true, failover, failoverPriority: ["version"] } },
          outlierDetection: detection,
        },
      }),
    ]);
    expect(misfits(rules)).toEqual([]);
  });

  it("refuses to go elsewhere where nothing finds out that a place fails", () => {
    expect(faultsOf(() => render({ failover: [{ from: "eu", to: "us" }] }))).toEqual([
      {
        path: "localityLbSetting",
        given: '"no outlierDetection"',
        allowed: "outlierDetection at the same level",
        change: "add one: without it no place is ever found to fail, and traffic stays where it is",
      },
    ]);
    expect(given(() => render({}))).toEqual(['localityLbSetting: "no outlierDetection"']);
    expect(given(() => render({ enabled: false }))).toEqual([]);
  });

  it.each<[string, Omit<LocalityRuleArgs, "host">, readonly string[]]>([
    [
      "both ways",
      {
        distribute: [{ from: "a", to: { a: 100 } }],
        failover: [{ from: "a", to: "b" }],
        outlierDetection: {},
      },
      [': "distribute and failover"'],
    ],
    [
      "a wrong sum",
      { distribute: [{ from: "a", to: { a: 80, b: 10 } }] },
      ['distribute[0].to: "80 + 10 = 90"'],
    ],
    ["a weight of 0", { distribute: [{ from: "a", to: { a: 100, b: 0 } }] }, ["distribute[0].to.b: 0"]],
    [
      "a * in the middle",
      { distribute: [{ from: "a/*/c", to: { a: 100 } }] },
      ['distribute[0].from: "a/*/c"'],
    ],
    ["an empty part", { distribute: [{ from: "a//c", to: { a: 100 } }] }, ['distribute[0].from: "a//c"']],
    [
      "places within each other",
      {
        distribute: [
          { from: "a/*", to: { a: 100 } },
          { from: "a/b", to: { a: 50, "a/c": 50 } },
        ],
      },
      ['distribute[1].from: "a/b"', 'distribute[1].to.a/c: "a/c"'],
    ],
    [
      "* before named places",
      {
        distribute: [
          { from: "*", to: { a: 100 } },
          { from: "b", to: { a: 100 } },
        ],
      },
      ['distribute[1].from: "b"'],
    ],
    [
      "regions with zones, and to themselves",
      {
        failover: [
          { from: "a/b", to: "c" },
          { from: "d", to: "d" },
          { from: "e", to: "*" },
        ],
        outlierDetection: {},
      },
      ['failover[0].from: "a/b"', 'failover[1]: "d to d"', 'failover[2].to: "*"'],
    ],
    [
      "a place as a label beside regions",
      {
        failover: [{ from: "a", to: "b" }],
        failoverPriority: ["version", "topology.kubernetes.io/zone"],
        outlierDetection: {},
      },
      ['failoverPriority[1]: "topology.kubernetes.io/zone"'],
    ],
    [
      "a fault of the outlier detection, where it stands",
      { failoverPriority: ["version"], outlierDetection: { interval: "x" } },
      ['outlierDetection.interval: "x"'],
    ],
  ])("refuses %s", (_, args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it("takes a place as a label where no regions are named", () => {
    const failoverPriority = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];
    expect(given(() => render({ failoverPriority, outlierDetection: {} }))).toEqual([]);
  });
});

describe("places of a subset", () => {
  const go = [{ from: "eu", to: "us" }];

  it("work with the host's outlier detection", () => {
    const policies = [outlierDetection({}), locality({ failover: go }, { subset: "v1" })];
    expect(
      given(() => renderDestinations({ host: serviceGo, subsets: versions, policies }, context)),
    ).toEqual([]);
  });

  it("do not work with that of another subset", () => {
    const policies = [outlierDetection({}, { subset: "v2" }), locality({ failover: go }, { subset: "v1" })];
    expect(
      given(() => renderDestinations({ host: serviceGo, subsets: versions, policies }, context)),
    ).toEqual(['subsets.v1.loadBalancer.localityLbSetting: "no outlierDetection"']);
  });
});

describe("zoneAware", () => {
  const render = (
    args: Parameters<typeof zoneAware>[0],
    version = context.version,
    more = [outlierDetection({})],
  ) => renderDestinations({ host: serviceGo, policies: [zoneAware(args), ...more] }, { version });

  it("prefers the own zone", () => {
    const args = { failover: [{ from: "eu", to: "us" }], failoverPriority: ["version"], minClusterSize: 3 };
    const rules = render(args);
    expect(rules).toEqual([
      goRule({
        trafficPolicy: {
          loadBalancer: { zoneAwareLbSetting: { enabled: true, ...args } },
          outlierDetection: detection,
        },
      }),
    ]);
    expect(misfits(rules)).toEqual([]);
  });

  it.each<[Parameters<typeof zoneAware>[0], readonly string[]]>([
    [{ minClusterSize: 0 }, ["policies[0].minClusterSize: 0"]],
    [
      { failoverPriority: ["topology.istio.io/subzone"] },
      ['policies[0].failoverPriority[0]: "topology.istio.io/subzone"'],
    ],
  ])("refuses %j", (args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it("needs Istio 1.31, and outlier detection only to go elsewhere", () => {
    expect(given(() => render({}, "1.30.0"))).toEqual(["policies[0]: {}"]);
    expect(given(() => render({}, "1.31.0", []))).toEqual([]);
    expect(given(() => render({ failover: [{ from: "a", to: "b" }] }, "1.31.0", []))).toEqual([
      'loadBalancer.zoneAwareLbSetting: "no outlierDetection"',
    ]);
  });
});
