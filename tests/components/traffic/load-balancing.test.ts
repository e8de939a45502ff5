import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { mergeDestinations, renderDestinations } from "../../../components/traffic/destinations";
import { external } from "../../../components/traffic/handles";
import {
  type LoadBalancingArgs,
  loadBalancing,
  renderLoadBalancing,
} from "../../../components/traffic/load-balancing";
import {
  context,
  given,
  goRule,
  misfits,
  renderedVersions,
  serviceGo,
  versions,
} from "./destinations-support";

const render = (args: LoadBalancingArgs, version = context.version) =>
  renderLoadBalancing({ host: serviceGo, ...args }, { version });
const balancer = (loadBalancer: object) => [goRule({ trafficPolicy: { loadBalancer } })];

describe("document 004", () => {
  it("takes turns, but for v2 with the fewest requests, and its port 80 by chance", () => {
    const policies = [
      loadBalancing({ simple: "ROUND_ROBIN" }),
      loadBalancing({ simple: "LEAST_CONN" }, { subset: "v2" }),
      loadBalancing({ simple: "RANDOM" }, { subset: "v2", port: 80 }),
    ];
    const { objects, findings } = mergeDestinations(
      [{ host: serviceGo, subsets: versions, policies }],
      context,
    );
    expect(objects).toEqual([
      goRule({
        trafficPolicy: { loadBalancer: { simple: "ROUND_ROBIN" } },
        subsets: [
          renderedVersions[0],
          {
            ...renderedVersions[1],
            trafficPolicy: {
              loadBalancer: { simple: "LEAST_REQUEST" },
              portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: "RANDOM" } }],
            },
          },
        ],
      }),
    ]);
    expect(misfits(objects)).toEqual([]);
    expect(findings).toEqual([
      {
        code: "MP0581",
        severity: "info",
        object: "DestinationRule default/service-go",
        path: "spec.subsets[1].trafficPolicy.loadBalancer.simple",
        message: "LEAST_CONN is written as LEAST_REQUEST, its name since Istio 1.14",
        change: "say LEAST_REQUEST",
      },
    ]);
  });
});

describe("renderLoadBalancing", () => {
  it.each(["LEAST_REQUEST", "ROUND_ROBIN", "RANDOM", "PASSTHROUGH"] as const)("%s", (simple) => {
    expect(render({ simple })).toEqual(balancer({ simple }));
  });

  it("writes the old name for an Istio that knows no other", () => {
    const spec = (rules: readonly KubeObject[]) => rules[0]?.spec;
    expect(spec(render({ simple: "LEAST_REQUEST" }, "1.13.2"))).toMatchObject({
      trafficPolicy: { loadBalancer: { simple: "LEAST_CONN" } },
    });
    expect(spec(render({ simple: "LEAST_CONN" }, "1.14.0"))).toMatchObject({
      trafficPolicy: { loadBalancer: { simple: "LEAST_REQUEST" } },
    });
  });

  it("puts warm-up and places beside the algorithm", () => {
    const rules = render({
      simple: "ROUND_ROBIN",
      warmup: { duration: "1m" },
      localityLbSetting: { distribute: [{ from: "a/*", to: { "a/*": 80, "b/*": 20 } }] },
    });
    expect(rules).toEqual(
      balancer({
        simple: "ROUND_ROBIN",
        warmup: { duration: "60s" },
        localityLbSetting: { enabled: true, distribute: [{ from: "a/*", to: { "a/*": 80, "b/*": 20 } }] },
      }),
    );
    expect(misfits(rules)).toEqual([]);
  });

  it.each<[LoadBalancingArgs, readonly string[]]>([
    [{ simple: "BEST" as "RANDOM" }, ['simple: "BEST"']],
    [{ simple: "RANDOM", consistentHash: { useSourceIp: true } }, [': "simple and consistentHash"']],
    [{ simple: "RANDOM", warmup: { duration: "30s" } }, ['warmup: "with RANDOM"']],
    [
      { consistentHash: { useSourceIp: true }, warmup: { duration: "30s" } },
      ['warmup: "with consistentHash"'],
    ],
    [
      { localityLbSetting: { enabled: false }, zoneAwareLbSetting: {} },
      [': "localityLbSetting and zoneAwareLbSetting"'],
    ],
  ])("refuses %j", (args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it("tells that PASSTHROUGH knows no subsets, and that a hash and places work against each other", () => {
    const codes = (...policies: ReturnType<typeof loadBalancing>[]) =>
      mergeDestinations([{ host: serviceGo, subsets: versions, policies }], context).findings.map(
        ({ code, path }) => `${code} ${path}`,
      );
    expect(codes(loadBalancing({ simple: "PASSTHROUGH" }))).toEqual([
      "MP0586 spec.subsets[0].trafficPolicy.loadBalancer",
    ]);
    expect(
      codes(
        loadBalancing({
          consistentHash: { useSourceIp: true },
          localityLbSetting: { distribute: [{ from: "*", to: { "*": 100 } }] },
        }),
      ),
    ).toEqual(["MP0585 spec.trafficPolicy.loadBalancer"]);
    expect(
      codes(loadBalancing({ consistentHash: { useSourceIp: true }, localityLbSetting: { enabled: false } })),
    ).toEqual([]);
  });

  it("names a rule for a host outside after the host", () => {
    const policies = [loadBalancing({ simple: "RANDOM" })];
    const host = external("*.example.com");
    expect(renderDestinations({ host, namespace: "shop", policies }, context)).toEqual([
      {
        apiVersion: "networking.istio.io/v1",
        kind: "DestinationRule",
        metadata: { name: "all-example-com", namespace: "shop" },
        spec: { host: "*.example.com", trafficPolicy: { loadBalancer: { simple: "RANDOM" } } },
      },
    ]);
    expect(given(() => renderDestinations({ host, policies }, context))).toEqual(['namespace: ""']);
  });
});
