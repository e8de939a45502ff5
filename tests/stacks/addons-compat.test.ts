import { describe, expect, it } from "vitest";
import { addons as schema } from "../../stacks/config/addons-schema";
import {
  type AddonSurroundings,
  addonFaults,
  addonVersionFindings,
  addonWarnings,
} from "../../stacks/config/compat-addons";

const around: AddonSurroundings = {
  istio: "1.31.1",
  kubernetesVersion: "1.36.3",
  nodes: ["cp1", "worker1"],
  sysctl: {},
  tracing: true,
  sharedKernel: false,
};
const folder = (path: string, node = "worker1") => ({ persistence: { kind: "hostPath", path, node } });
const faults = (config: object, other: Partial<AddonSurroundings> = {}) =>
  addonFaults(schema.parse(config), { ...around, ...other }).map(
    ({ path, allowed }) => `${path}: ${allowed}`,
  );

describe("addonFaults", () => {
  it("has nothing against a mesh that is looked at", () => {
    const config = {
      prometheus: folder("/var/lib/data/prometheus"),
      jaeger: folder("/var/lib/data/jaeger"),
      grafana: {},
      kiali: {},
      logging: {},
    };
    expect(faults(config)).toEqual([]);
  });

  it.each<[string, object, Partial<AddonSurroundings>, string]>([
    ["Kiali without Prometheus", { kiali: {} }, {}, "addons.kiali: Prometheus beside it"],
    ["Grafana without Prometheus", { grafana: {} }, {}, "addons.grafana: Prometheus beside it"],
    [
      "tools of a mesh without one",
      { prometheus: {} },
      { istio: undefined },
      "addons.prometheus: false without",
    ],
    [
      "a folder of a host that there is not",
      { prometheus: folder("/var/lib/data/prometheus", "worker9") },
      {},
      "addons.prometheus.persistence.node: a host that is a node and lives: cp1, worker1",
    ],
    [
      "one folder for two",
      { prometheus: folder("/var/lib/data"), jaeger: folder("/var/lib/data") },
      {},
      "addons.jaeger.persistence.path: a folder of its own; addons.prometheus.persistence has this one",
    ],
    [
      "mapped files on a node that is not tuned for them",
      { logging: { elasticsearch: { mapFiles: true } } },
      {},
      "addons.logging.elasticsearch.mapFiles: nodes.sysctl with vm.max_map_count 262144 or more",
    ],
    [
      "mapped files on a shared kernel",
      { logging: { elasticsearch: { mapFiles: true } } },
      { sharedKernel: true, sysctl: { "vm.max_map_count": 262144 } },
      "addons.logging.elasticsearch.mapFiles: false on hosts that share a kernel",
    ],
    [
      "logins at a Kiali that cannot sign them",
      { prometheus: {}, kiali: {} },
      { istio: "1.10.0" },
      "addons.kiali.auth: anonymous below Kiali 1.36",
    ],
    [
      "a folder for a chart",
      { prometheus: { ...folder("/var/lib/data/prometheus"), source: { chart: "29.27.0" } } },
      {},
      "addons.prometheus.persistence: none or claim with a chart",
    ],
  ])("refuses %s", (_, config, other, expected) => {
    const found = faults(config, other);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(expected);
  });

  it("refuses a folder without a node while reading the config", () => {
    const parsed = schema.safeParse({
      prometheus: { persistence: { kind: "hostPath", path: "/var/lib/data/prometheus" } },
    });
    expect(parsed.success).toBe(false);
  });
});

describe("addonVersionFindings", () => {
  const findings = (config: object, other: Partial<AddonSurroundings> = {}) =>
    addonVersionFindings(schema.parse(config), { ...around, ...other }).map(
      ({ verdict, path }) => `${verdict} ${path}`,
    );

  it("warns of a Kiali of another time than Istio", () => {
    expect(findings({ kiali: { version: "2.27.3" } })).toEqual([]);
    expect(findings({ kiali: { version: "1.45.0" } })).toEqual(["untested addons.kiali.version"]);
  });

  it("refuses charts and jobs that an old Kubernetes cannot take", () => {
    const old = { kubernetesVersion: "1.20.7", istio: "1.10.0" };
    expect(findings({ grafana: { source: { chart: "12.11.1" } }, logging: {} }, old)).toEqual([
      "impossible addons.grafana.source",
      "impossible addons.logging",
    ]);
  });
});

describe("addonWarnings", () => {
  const warnings = (config: object, istio = "1.31.1") =>
    addonWarnings(schema.parse(config), { ...around, istio }).map((warning) => warning.split(":")[0]);

  it("says what a restart would lose, and that nobody is told", () => {
    expect(warnings({ prometheus: {}, grafana: {} })).toEqual([
      "addons.prometheus.persistence is none",
      "addons.alerts.receiver is none",
    ]);
    expect(
      warnings({
        prometheus: folder("/var/lib/data/prometheus"),
        grafana: {},
        alerts: { receiver: { kind: "webhook", url: "https://chat.example.com/hook" } },
      }),
    ).toEqual([]);
  });

  it("says that Jaeger waits in vain", () => {
    const config = schema.parse({ prometheus: folder("/var/lib/data/p"), jaeger: folder("/var/lib/data/j") });
    expect(addonWarnings(config, { ...around, tracing: false })).toEqual([
      "addons.jaeger is set, but mesh.tracing is false: no proxy sends it spans; write mesh.tracing: {}",
    ]);
  });

  it("says that an old Grafana tells nobody", () => {
    const config = {
      prometheus: folder("/var/lib/data/prometheus"),
      grafana: {},
      alerts: { receiver: { kind: "webhook", url: "https://chat.example.com/hook" } },
    };
    expect(warnings(config, "1.13.2")[0]).toContain("addons.alerts.receiver is without effect");
  });

  it("says that the mesh lies open", () => {
    const kiali = { auth: "anonymous", access: "full", expose: { kind: "nodePort" } };
    expect(warnings({ prometheus: folder("/var/lib/data/prometheus"), kiali })[0]).toContain(
      "exposed with full access",
    );
  });
});
