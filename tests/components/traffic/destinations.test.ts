import { describe, expect, it } from "vitest";
import { clientTls } from "../../../components/traffic/client-tls";
import { connectionPool } from "../../../components/traffic/connection-pool";
import type { PolicyWish } from "../../../components/traffic/destination-policy";
import {
  Destinations,
  type DestinationsLike,
  destinations,
  mergeDestinations,
  renderDestinations,
} from "../../../components/traffic/destinations";
import { checked } from "../../../components/traffic/faults";
import { destinationOf, external, service } from "../../../components/traffic/handles";
import { HostDestinations } from "../../../components/traffic/host-destinations";
import { loadBalancing } from "../../../components/traffic/load-balancing";
import { outlierDetection } from "../../../components/traffic/outlier-detection";
import { proxyProtocol, retryBudget } from "../../../components/traffic/upstream";
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

const plan = (...list: DestinationsLike[]) => mergeDestinations(list, context);
const go = (...policies: PolicyWish[]) => plan({ host: serviceGo, subsets: versions, policies });
const noted = (planned: ReturnType<typeof plan>) =>
  planned.findings.map(({ code, path, message }) => ({ code, path, message }));

describe("destinations", () => {
  const declared = destinations(serviceGo, { subsets: versions });

  it("makes one rule with the subsets", () => {
    expect(renderDestinations(declared, context)).toEqual([goRule({ subsets: renderedVersions })]);
  });

  it("hands out subsets that routes take", () => {
    const destination = checked("route", (at) => destinationOf(declared.subset("v1"), "http", context, at));
    expect(destination).toEqual({
      host: "service-go.default.svc.cluster.local",
      subset: "v1",
      port: { number: 80 },
    });
  });

  it("hands out no others, also where the compiler does not look", () => {
    // @ts-expect-error there is no such subset
    expect(given(() => declared.subset("v3"))).toEqual(['subset: "v3"']);
    // @ts-expect-error there are none
    expect(faultsOf(() => destinations(serviceGo).subset("v1"))[0]?.allowed).toBe(
      "none: there are no subsets",
    );
  });

  it("takes more wishes and leaves what was declared before as it was", () => {
    const more = declared.with(loadBalancing({ simple: "RANDOM" }));
    expect(renderDestinations(more, context)).toEqual([
      goRule({ trafficPolicy: { loadBalancer: { simple: "RANDOM" } }, subsets: renderedVersions }),
    ]);
    expect(renderDestinations(declared, context)).toEqual([goRule({ subsets: renderedVersions })]);
  });
});

describe("wishes of several modules", () => {
  it("become one rule for their host", () => {
    const { objects, findings } = plan(
      {
        host: serviceGo,
        subsets: { v1: versions.v1 },
        policies: [connectionPool({ tcp: { maxConnections: 10 } })],
      },
      {
        host: serviceGo,
        subsets: { v2: versions.v2 },
        policies: [connectionPool({ http: { maxRetries: 3 } })],
      },
      { host: serviceGo, policies: [outlierDetection({ consecutive5xxErrors: 7 })] },
      {
        host: serviceGo,
        policies: [outlierDetection({ interval: "5s" }), loadBalancing({ simple: "RANDOM" })],
      },
    );
    expect(objects).toEqual([
      goRule({
        trafficPolicy: {
          loadBalancer: { simple: "RANDOM" },
          connectionPool: { tcp: { maxConnections: 10 }, http: { maxRetries: 3 } },
          outlierDetection: {
            consecutive5xxErrors: 7,
            interval: "5s",
            baseEjectionTime: "30s",
            maxEjectionPercent: 10,
          },
        },
        subsets: renderedVersions,
      }),
    ]);
    expect(misfits(objects)).toEqual([]);
    expect(findings).toEqual([]);
  });

  it("may repeat each other", () => {
    const one = { host: serviceGo, subsets: versions, policies: [loadBalancing({ simple: "RANDOM" })] };
    expect(plan(one, one).objects).toHaveLength(1);
  });

  it("are refused where they contradict each other", () => {
    expect(
      faultsOf(() =>
        plan(
          { host: serviceGo, subsets: versions, policies: [connectionPool({ tcp: { maxConnections: 10 } })] },
          { host: serviceGo, policies: [connectionPool({ tcp: { maxConnections: 20 } })] },
          { host: serviceGo, subsets: { v1: { version: "one" } } },
          { host: serviceGo, name: "other" },
          { host: serviceGo, exportTo: ["."] },
        ),
      ),
    ).toEqual([
      {
        path: "[2].subsets.v1",
        given: '{"version":"one"}',
        allowed: '{"version":"v1"}, as another module says',
        change: "give one of them another name",
      },
      {
        path: "[1].policies[0].connectionPool.tcp.maxConnections",
        given: "20",
        allowed: "10, as another wish for the same level says",
        change: "say it once",
      },
      {
        path: "[4].exportTo",
        given: '["."]',
        allowed: "nothing, as another module says of this host",
        change: "say the same",
      },
    ]);
  });

  it("stay apart by host, namespace and pods", () => {
    const policies = [loadBalancing({ simple: "RANDOM" })];
    const other = service("service-go", "test", { http: 80 });
    const { objects } = plan(
      { host: serviceGo, policies },
      { host: other, policies },
      { host: serviceGo, namespace: "test", name: "for-test", policies },
      { host: serviceGo, name: "for-cart", workloadSelector: { app: "cart" }, exportTo: ["."], policies },
    );
    expect(objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      "default/service-go",
      "test/service-go",
      "test/for-test",
      "default/for-cart",
    ]);
    expect(objects[3]?.spec).toEqual({
      host: "service-go.default.svc.cluster.local",
      workloadSelector: { matchLabels: { app: "cart" } },
      exportTo: ["."],
      trafficPolicy: { loadBalancer: { simple: "RANDOM" } },
    });
    expect(misfits(objects)).toEqual([]);
  });
});

describe("settings of a port", () => {
  const policies = [
    loadBalancing({ simple: "RANDOM" }),
    connectionPool({ tcp: { maxConnections: 10 } }),
    connectionPool({ tcp: { maxConnections: 5 } }, { port: "http" }),
  ];

  it("are completed with what they would take away", () => {
    const planned = go(...policies);
    expect(planned.objects).toEqual([
      goRule({
        trafficPolicy: {
          loadBalancer: { simple: "RANDOM" },
          connectionPool: { tcp: { maxConnections: 10 } },
          portLevelSettings: [
            {
              port: { number: 80 },
              loadBalancer: { simple: "RANDOM" },
              connectionPool: { tcp: { maxConnections: 5 } },
            },
          ],
        },
        subsets: renderedVersions,
      }),
    ]);
    expect(noted(planned)).toEqual([
      {
        code: "MP0582",
        path: "spec.trafficPolicy.portLevelSettings[0]",
        message:
          "the settings of port 80 would take away loadBalancer of the level above; these were written into them",
      },
    ]);
  });

  it("take it away where that is wanted, and it is told", () => {
    const planned = plan({ host: serviceGo, policies, portSettings: "replace" });
    expect(planned.objects[0]?.spec).toMatchObject({
      trafficPolicy: {
        portLevelSettings: [{ port: { number: 80 }, connectionPool: { tcp: { maxConnections: 5 } } }],
      },
    });
    expect(noted(planned)).toEqual([
      {
        code: "MP0583",
        path: "spec.trafficPolicy.portLevelSettings[0]",
        message: "the level above does not hold for port 80: without effect there are loadBalancer",
      },
    ]);
  });

  it("of a subset are completed with all that holds for it", () => {
    const planned = go(
      outlierDetection({}),
      connectionPool({ tcp: { maxConnections: 10 } }, { port: 80 }),
      loadBalancing({ simple: "RANDOM" }, { subset: "v2" }),
      clientTls({ mode: "ISTIO_MUTUAL" }, { subset: "v2", port: 80 }),
    );
    const detection = {
      consecutive5xxErrors: 5,
      interval: "10s",
      baseEjectionTime: "30s",
      maxEjectionPercent: 10,
    };
    const port = { port: { number: 80 } };
    expect(planned.objects).toEqual([
      goRule({
        trafficPolicy: {
          outlierDetection: detection,
          portLevelSettings: [
            { ...port, connectionPool: { tcp: { maxConnections: 10 } }, outlierDetection: detection },
          ],
        },
        subsets: [
          renderedVersions[0],
          {
            ...renderedVersions[1],
            trafficPolicy: {
              loadBalancer: { simple: "RANDOM" },
              portLevelSettings: [
                {
                  ...port,
                  loadBalancer: { simple: "RANDOM" },
                  connectionPool: { tcp: { maxConnections: 10 } },
                  outlierDetection: detection,
                  tls: { mode: "ISTIO_MUTUAL" },
                },
              ],
            },
          },
        ],
      }),
    ]);
  });

  it("take away for good what no port can say", () => {
    const planned = go(
      retryBudget({}),
      proxyProtocol(),
      connectionPool({ tcp: { maxConnections: 5 } }, { port: 80 }),
    );
    expect(noted(planned)).toEqual([
      {
        code: "MP0583",
        path: "spec.trafficPolicy.portLevelSettings[0]",
        message:
          "the level above does not hold for port 80: without effect there are proxyProtocol, retryBudget",
      },
    ]);
  });

  it("are for ports that the host has", () => {
    expect(given(() => go(loadBalancing({ simple: "RANDOM" }, { port: "grpc" })))).toEqual([
      'policies[0].port: "grpc"',
    ]);
    const anyPort = external("api.example.com");
    const policies = [loadBalancing({ simple: "RANDOM" }, { port: 8443 })];
    expect(given(() => plan({ host: anyPort, namespace: "shop", policies }))).toEqual([]);
  });
});

describe("settings of a subset", () => {
  it("take the place of the host's part by part, and it is told what is lost", () => {
    const planned = go(
      connectionPool({ tcp: { maxConnections: 10, connectTimeout: "30ms" }, http: { maxRetries: 3 } }),
      connectionPool({ tcp: { maxConnections: 5 } }, { subset: "v2" }),
      loadBalancing({ simple: "RANDOM" }),
      loadBalancing({ simple: "ROUND_ROBIN" }, { subset: "v2" }),
    );
    expect(noted(planned)).toEqual([
      {
        code: "MP0584",
        path: "spec.subsets[1].trafficPolicy.connectionPool",
        message:
          "connectionPool of subset v2 takes the place of the host's, of which tcp.connectTimeout, http no longer holds there",
      },
    ]);
  });

  it("are checked against the pods that the subset has", () => {
    const render = (subsetEndpoints: Record<"v1" | "v2", number>) => () =>
      plan({
        host: serviceGo,
        subsets: versions,
        policies: [outlierDetection({ maxEjectionPercent: 50 })],
        endpoints: 4,
        subsetEndpoints,
      });
    expect(given(render({ v1: 2, v2: 2 }))).toEqual([]);
    expect(given(render({ v1: 3, v2: 1 }))).toEqual([
      'subsets.v2.outlierDetection.maxEjectionPercent: "50 with 1 endpoint"',
    ]);
  });
});

describe("a host's arguments", () => {
  const random = [loadBalancing({ simple: "RANDOM" })];
  it.each<[string, Partial<Parameters<typeof plan>[0]>, readonly string[]]>([
    ["nothing", {}, ["policies: []"]],
    ["a subset without labels", { subsets: { v1: {} } }, ["subsets.v1: {}"]],
    ["a subset's name", { subsets: { "v 1": { version: "v1" } } }, ['subsets.v 1: "v 1"']],
    ["a label", { subsets: { v1: { version: "v 1" } } }, ['subsets.v1.version: "v 1"']],
    [
      "a wish for a subset that there is not",
      { subsets: versions, policies: [loadBalancing({ simple: "RANDOM" }, { subset: "v3" })] },
      ['policies[0].subset: "v3"'],
    ],
    ["a name", { policies: random, name: "Go" }, ['name: "Go"']],
    ["pods of no subset", { policies: random, subsetEndpoints: { v9: 1 } }, ['subsetEndpoints.v9: "v9"']],
    [
      "namespaces twice, or beside *",
      { policies: random, exportTo: [".", "default", "*"] },
      ['exportTo[1]: "default"', 'exportTo[2]: [".","default","*"]'],
    ],
    [
      "other namespaces with chosen pods",
      { policies: random, workloadSelector: { app: "cart" }, exportTo: ["shop"] },
      ['exportTo: ["shop"]'],
    ],
    [
      "faults of several wishes at once",
      {
        policies: [
          connectionPool({ tcp: { maxConnections: 0 } }),
          [outlierDetection({ interval: "x" }), loadBalancing({ simple: "A" as "RANDOM" })],
        ],
      },
      ["policies[0].tcp.maxConnections: 0", 'policies[1].interval: "x"', 'policies[1].simple: "A"'],
    ],
  ])("refuse %s", (_, args, faults) => {
    expect(given(() => plan({ host: serviceGo, ...args }))).toEqual(faults);
  });

  it("allow a subset without labels that differs by TLS, as at an egress gateway", () => {
    const host = service("istio-egressgateway", "istio-system", { https: 443 });
    const policies = [
      clientTls({ mode: "ISTIO_MUTUAL", sni: "api.example.com" }, { subset: "api", port: "https" }),
    ];
    expect(plan({ host, namespace: "shop", subsets: { api: {} }, policies }).objects[0]?.spec).toEqual({
      host: "istio-egressgateway.istio-system.svc.cluster.local",
      subsets: [
        {
          name: "api",
          trafficPolicy: {
            portLevelSettings: [
              { port: { number: 443 }, tls: { mode: "ISTIO_MUTUAL", sni: "api.example.com" } },
            ],
          },
        },
      ],
    });
  });
});

describe("Destinations", () => {
  const hosts = [destinations(serviceGo, { subsets: versions })];
  const rule = "kubernetes:networking.istio.io/v1:DestinationRule default/service-go";

  it("declares the rules below itself", async () => {
    const made = await record(() => new Destinations("lab", { hosts, ...context }));
    expect(made.resources.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "mesh-platform:traffic:Destinations lab",
      rule,
    ]);
  });

  it("says what is worth knowing", async () => {
    const args = {
      host: serviceGo,
      policies: [retryBudget({}), loadBalancing({ simple: "RANDOM" }, { port: 80 })],
    };
    const made = await record(() => new Destinations("lab", { hosts: [args], ...context }));
    expect(made.result.findings.map(({ code }) => code)).toEqual(["MP0583"]);
    expect(made.log.join("\n")).toContain("warning MP0583 DestinationRule default/service-go");
  });
});

describe("HostDestinations", () => {
  const args = { host: serviceGo, subsets: versions, ...context };

  it("collects wishes from several modules and declares them once", async () => {
    const made = await record(() => {
      const host = new HostDestinations("go", args);
      host.add(loadBalancing({ simple: "RANDOM" }));
      host.add(connectionPool({ tcp: { maxConnections: 10 } }, { subset: "v1" }));
      return { subset: host.subset("v1").name, planned: host.plan().objects, ready: host.declare() };
    });
    expect(made.result.subset).toBe("v1");
    expect(made.result.planned).toEqual([
      goRule({
        trafficPolicy: { loadBalancer: { simple: "RANDOM" } },
        subsets: [
          { ...renderedVersions[0], trafficPolicy: { connectionPool: { tcp: { maxConnections: 10 } } } },
          renderedVersions[1],
        ],
      }),
    ]);
    expect(made.names()).toEqual(["go", "default/service-go"]);
  });

  it("takes no wishes after that", async () => {
    const late = record(() => {
      const host = new HostDestinations("go", args);
      host.declare();
      host.add(loadBalancing({ simple: "RANDOM" }));
    });
    await expect(late).rejects.toThrow("a host's policies were wished for after declare(): do it before");
  });
});
