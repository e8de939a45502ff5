import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import { analyse } from "../../components/lib/checks";
import { meshChecks } from "../../components/mesh/checks";
import type { MeshHandle } from "../../components/mesh/mesh-handle";
import { renderNamespace } from "../../components/mesh/namespace";
import { planApps } from "../../stacks/app-plan";
import { appNamespaces, buildApps, defaultInjection, proxyName } from "../../stacks/apps";
import { type AppSurroundings, appFaults } from "../../stacks/config/app-faults";
import { type AppsConfig, apps as schema } from "../../stacks/config/apps-schema";
import { record, settled } from "../support/recorder";
import type { Recording } from "../support/recording";

const everything = {
  bookinfo: { hosts: ["bookinfo.example.com"], subsets: true },
  httpbin: { versions: ["v1", "v2"] },
  fortio: {},
  clients: [{}, { name: "sleep", namespace: "outside" }],
  istioLab: {},
  webDemo: {},
  billDemo: {},
  proxyCom: { namespace: "default" },
  delivery: { drone: { clientId: "id", admin: "root" } },
  injection: { outside: "disabled", "istio-lab": { revision: "canary" } },
} as const;

const handle: Omit<MeshHandle, "ready"> = {
  version: "1.31.0",
  namespace: "istio-system",
  controlPlanes: [
    { revision: "", version: "1.31.0" },
    { revision: "1-32", version: "1.32.0" },
  ],
  tags: { canary: "1-32" },
  injectionLabels: { "istio-injection": "enabled" },
  dnsDomain: "cluster.local",
  ingress: {
    namespace: "istio-system",
    selector: { istio: "ingressgateway" },
    service: "istio-ingressgateway",
  },
};

describe("the config of applications", () => {
  it("has none by default, and all defaults for an empty one", () => {
    expect(planApps(schema.parse({}))).toEqual([]);
    expect(schema.parse({ bookinfo: {}, delivery: {} })).toMatchObject({
      bookinfo: {
        namespace: "bookinfo",
        hosts: ["*"],
        gateway: "bookinfo-gateway",
        virtualService: "bookinfo",
        routes: "pages",
        reviews: ["v1", "v2", "v3"],
        subsets: false,
      },
      delivery: {
        namespace: "delivery",
        persistence: { kind: "none" },
        databasePersistence: { kind: "none" },
        expose: { kind: "clusterIP" },
        drone: false,
      },
      httpbin: false,
      clients: [],
    });
  });

  it.each([
    ["a host that is none", { bookinfo: { hosts: ["http://x"] } }, "bookinfo"],
    ["an unknown key", { bookinf: {} }, "bookinf"],
    ["a size without a unit", { delivery: { persistence: { kind: "claim", size: "10" } } }, "delivery"],
    [
      "a folder at the root",
      { delivery: { persistence: { kind: "hostPath", path: "/x", node: "n" } } },
      "delivery",
    ],
  ])("refuses %s", (_name, config, key) => {
    const { success, error } = schema.safeParse(config);
    expect(success).toBe(false);
    expect(JSON.stringify(error?.issues)).toContain(key);
  });
});

describe("appFaults", () => {
  const around: AppSurroundings = { mesh: true, nodes: ["cp1", "worker1"], droneGiteaClientSecret: true };
  const faults = (config: object, more: Partial<AppSurroundings> = {}) =>
    appFaults(schema.parse(config), { ...around, ...more }).map(({ path, allowed }) => `${path}: ${allowed}`);

  it("finds nothing wrong with everything at once", () => {
    expect(faults(everything)).toEqual([]);
  });

  it.each<[string, object, Partial<AppSurroundings>, string[]]>([
    ["applications without a mesh", { fortio: {} }, { mesh: false }, ["apps: none without a mesh"]],
    ["nothing, without a mesh", {}, { mesh: false }, []],
    [
      "one host twice",
      { bookinfo: { hosts: ["a.example.com"] }, proxyCom: { hosts: ["a.example.com"] } },
      {},
      ["apps.proxyCom.hosts: a host of its own; apps.bookinfo has this one"],
    ],
    [
      "two objects of one name",
      { httpbin: { namespace: "x" }, clients: [{ name: "httpbin", namespace: "x" }] },
      {},
      ["apps.clients[0].namespace: a namespace without ServiceAccount x/httpbin, which apps.httpbin makes"],
    ],
    [
      "a namespace that nobody uses",
      { fortio: {}, injection: { fortoi: "disabled" } },
      {},
      ["apps.injection.fortoi: a namespace of an application: fortio"],
    ],
    [
      "injection where Istio never injects",
      { fortio: { namespace: "kube-system" }, injection: { "kube-system": "enabled" } },
      {},
      ["apps.injection.kube-system: disabled: Istio never injects this namespace"],
    ],
    [
      "a folder on a node that is none",
      { delivery: { databasePersistence: { kind: "hostPath", path: "/var/lib/db", node: "worker9" } } },
      {},
      ["apps.delivery.databasePersistence.node: a node of the cluster: cp1, worker1"],
    ],
    [
      "Drone without its secret",
      { delivery: { drone: { clientId: "id", admin: "root" } } },
      { droneGiteaClientSecret: false },
      [
        "droneGiteaClientSecret: the secret of the OAuth2 application whose id is apps.delivery.drone.clientId",
      ],
    ],
  ])("names %s", (_name, config, more, found) => {
    expect(faults(config, more)).toEqual(found);
  });
});

describe("injection", () => {
  it("of a namespace is the mesh's unless the config says otherwise", () => {
    expect(appNamespaces(schema.parse(everything), handle.injectionLabels)).toEqual([
      { name: "bookinfo", injection: "enabled" },
      { name: "curl", injection: "enabled" },
      { name: "default", injection: "enabled" },
      { name: "delivery", injection: "enabled" },
      { name: "fortio", injection: "enabled" },
      { name: "httpbin", injection: "enabled" },
      { name: "istio-demo", injection: "enabled" },
      { name: "istio-lab", injection: { revision: "canary" } },
      { name: "outside", injection: "disabled" },
      { name: "web-demo", injection: "enabled" },
    ]);
  });

  it("is read from the labels that the mesh asks for", () => {
    expect(defaultInjection({ "istio-injection": "enabled" })).toBe("enabled");
    expect(defaultInjection({ "istio.io/rev": "1-31" })).toEqual({ revision: "1-31" });
    expect(defaultInjection({})).toBeUndefined();
  });

  it("gives the proxy a name that changes when another one is due", () => {
    expect(proxyName(handle, "enabled")).toBe("default/1.31.0");
    expect(proxyName({ ...handle, version: "1.31.1", controlPlanes: [] }, "enabled")).toBe("default/1.31.1");
    expect(proxyName({ ...handle, revision: "1-32" }, "enabled")).toBe("1-32/1.32.0");
    expect(proxyName(handle, { revision: "canary" })).toBe("1-32/1.32.0");
    expect(proxyName({ ...handle, tags: {} }, { revision: "1-32" })).toBe("1-32/1.32.0");
    expect([proxyName(handle, "disabled"), proxyName(handle, "ambient")]).toEqual([undefined, undefined]);
  });
});

describe("all applications", () => {
  const config: AppsConfig = schema.parse(everything);

  it("pass the checks of the mesh", () => {
    const namespaces = appNamespaces(config, handle.injectionLabels);
    const objects = [
      ...namespaces.map(renderNamespace),
      ...planApps(config).flatMap((plan) => plan.render({ mesh: handle, pods: { proxy: "default/1.31.0" } })),
    ];
    expect(objects.length).toBeGreaterThan(80);
    expect(analyse(objects, meshChecks).filter(({ severity }) => severity !== "info")).toEqual([]);
  });
});

describe("buildApps", () => {
  let recording: Recording<Awaited<ReturnType<typeof program>>>;
  const program = async () => {
    const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
    const ready = new k8s.core.v1.ConfigMap("mesh-ready", {}, { provider });
    const cluster = new k8s.core.v1.ConfigMap("cluster-step", {}, { provider });
    const { done, outputs } = buildApps({
      apps: schema.parse(everything),
      mesh: { ...handle, ready: [ready] },
      kubernetesVersion: "1.36.4",
      provider,
      cluster,
      ingressAddress: "172.30.0.11:30080",
      droneGiteaClientSecret: pulumi.secret("hush-client"),
    });
    const outside = await Promise.all(
      Object.entries(outputs).map(async ([name, { outside: url }]) => [
        name,
        url === undefined ? undefined : await settled(url),
      ]),
    );
    return { done: done.length, outputs, outside: Object.fromEntries(outside) };
  };
  beforeAll(async () => {
    recording = await record(program);
  });

  it("lets every object wait for the mesh, and for its namespace", () => {
    const objects = recording.resources.filter(
      ({ type, name }) => type.startsWith("kubernetes:") && name !== "mesh-ready" && name !== "cluster-step",
    );
    expect(objects.length).toBeGreaterThan(80);
    const ready = recording.find("mesh-ready").urn;
    expect(objects.filter(({ dependencies }) => !dependencies.includes(ready))).toEqual([]);
    const cluster = recording.find("cluster-step").urn;
    expect(objects.filter(({ deletedWith }) => deletedWith !== cluster)).toEqual([]);
    const spaces = new Map(
      [...recording.all("Namespace"), ...recording.all("NamespacePatch")].map(({ name, urn }) => [name, urn]),
    );
    const placed = objects.filter(({ name }) => name.includes("/"));
    const early = placed.filter(
      ({ name, dependencies }) => !dependencies.includes(spaces.get(name.split("/")[0] ?? "") ?? ""),
    );
    expect(early).toEqual([]);
  });

  it("takes the namespace that a cluster has as it is", () => {
    expect(recording.all("kubernetes:core/v1:NamespacePatch").map(({ name }) => name)).toEqual(["default"]);
  });

  it("keeps generated and given secrets marked", () => {
    const secrets = recording.all("kubernetes:core/v1:Secret");
    expect(secrets.map(({ name }) => name)).toEqual(["delivery/gitea-database", "delivery/drone"]);
    for (const { additionalSecretOutputs } of secrets)
      expect(additionalSecretOutputs).toContain("stringData");
    const others = recording.resources.filter(({ type }) => type !== "kubernetes:core/v1:Secret");
    expect(JSON.stringify(others).includes("hush")).toBe(false);
  });

  it("tells where the applications answer", () => {
    expect(recording.result.outside).toEqual({
      bookinfo: "http://bookinfo.example.com:30080/productpage",
      httpbin: undefined,
      fortio: undefined,
      "client-curl-curl": undefined,
      "client-outside-sleep": undefined,
      "istio-lab": undefined,
      "web-demo": undefined,
      "bill-demo": "http://tomcat.istio-demo.com:30080/",
      "proxy-com": "http://nginx.bbotte.com:30080/",
      delivery: undefined,
    });
    expect(recording.result.outputs["istio-lab"]).toEqual({ inside: "http://service-python.istio-lab/env" });
  });

  it("is a tree of components named after the applications", () => {
    expect(
      recording.resources
        .filter(({ type }) => type.startsWith("mesh-platform:apps:"))
        .map(({ type, name }) => `${type.split(":")[2]} ${name}`),
    ).toEqual([
      "AppNamespaces app-namespaces",
      "Bookinfo bookinfo",
      "Httpbin httpbin",
      "Fortio fortio",
      "Client client-curl-curl",
      "Client client-outside-sleep",
      "IstioLab istio-lab",
      "WebDemo web-demo",
      "BillDemo bill-demo",
      "ProxyCom proxy-com",
      "Delivery delivery",
    ]);
  });
});
