import { describe, expect, it } from "vitest";
import { renderWorkloadEntry, type WorkloadEntryArgs } from "../../../components/traffic/workload-entry";
import { renderWorkloadGroup, type WorkloadGroupArgs } from "../../../components/traffic/workload-group";
import { context, given, misfits } from "./destinations-support";

const machine: WorkloadEntryArgs = {
  name: "edge-1",
  namespace: "shop",
  address: "192.168.1.7",
  labels: { app: "edge", version: "v1" },
};

describe("renderWorkloadEntry", () => {
  const render = (args: Partial<WorkloadEntryArgs>) => renderWorkloadEntry({ ...machine, ...args }, context);

  it("is an endpoint with an object of its own", () => {
    const more = {
      ports: { http: 8080 },
      locality: "eu/a/rack1",
      network: "vm",
      weight: 2,
      serviceAccount: "edge",
    };
    expect(render(more)).toEqual([
      {
        apiVersion: "networking.istio.io/v1",
        kind: "WorkloadEntry",
        metadata: { name: "edge-1", namespace: "shop" },
        spec: { address: "192.168.1.7", labels: { app: "edge", version: "v1" }, ...more },
      },
    ]);
    expect(misfits(render(more))).toEqual([]);
  });

  it.each<[Partial<WorkloadEntryArgs>, readonly string[]]>([
    [{ labels: {} }, ["labels: {}"]],
    [{ address: "a b" }, ['address: "a b"']],
    [{ address: "unix:///run/dir/" }, ['address: "unix:///run/dir/"']],
    [{ address: "unix://@cart", ports: { http: 80 } }, ['ports: {"http":80}']],
    [{ ports: { "a b": 80, http: 0 } }, ['ports.a b: "a b"', "ports.http: 0"]],
    [
      { locality: "a/b/c/d", weight: 0, serviceAccount: "" },
      ['locality: "a/b/c/d"', "weight: 0", 'serviceAccount: ""'],
    ],
    [{ namespace: "no such", name: "" }, ['name: ""', 'namespace: "no such"']],
  ])("refuses %j", (args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });

  it("can be a name, and do without an address in another network", () => {
    expect(given(() => render({ address: "edge.example.com" }))).toEqual([]);
    const { address, ...elsewhere } = machine;
    expect(given(() => renderWorkloadEntry({ ...elsewhere, network: "vm" }, context))).toEqual([]);
    expect(given(() => renderWorkloadEntry(elsewhere, context))).toEqual(["address: nothing"]);
  });
});

describe("renderWorkloadGroup", () => {
  const group: WorkloadGroupArgs = {
    name: "edge",
    namespace: "shop",
    labels: { app: "edge" },
    annotations: { owner: "web" },
    template: { serviceAccount: "edge", network: "vm", ports: { http: 8080 } },
    probe: { periodSeconds: 5, check: { httpGet: { path: "/healthz", port: 8080, scheme: "HTTP" } } },
  };
  const render = (args: Partial<WorkloadGroupArgs>, version = context.version) =>
    renderWorkloadGroup({ ...group, ...args }, { version });

  it("is a template of entries, with the labels that they get", () => {
    expect(render({})).toEqual([
      {
        apiVersion: "networking.istio.io/v1",
        kind: "WorkloadGroup",
        metadata: { name: "edge", namespace: "shop" },
        spec: {
          metadata: { labels: { app: "edge" }, annotations: { owner: "web" } },
          template: { serviceAccount: "edge", network: "vm", ports: { http: 8080 } },
          probe: { periodSeconds: 5, httpGet: { path: "/healthz", port: 8080, scheme: "HTTP" } },
        },
      },
    ]);
    expect(misfits(render({}))).toEqual([]);
    expect(misfits(render({ probe: { check: { tcpSocket: { port: 80 } } } }))).toEqual([]);
    expect(misfits(render({ probe: { check: { exec: { command: ["true"] } } } }))).toEqual([]);
  });

  it("has the API version that its Istio serves", () => {
    expect(["1.8.0", "1.13.0", "1.22.0"].map((version) => render({}, version)[0]?.apiVersion)).toEqual([
      "networking.istio.io/v1alpha3",
      "networking.istio.io/v1beta1",
      "networking.istio.io/v1",
    ]);
  });

  it.each<[Partial<WorkloadGroupArgs>, readonly string[]]>([
    [{ labels: {} }, ["labels: {}"]],
    [{ template: { labels: { app: "other" } } }, ['template.labels.app: "app"']],
    [
      { probe: { periodSeconds: -1, check: { httpGet: { port: 0 } } } },
      ["probe.periodSeconds: -1", "probe.check.httpGet.port: 0"],
    ],
    [{ probe: { check: { exec: { command: [] } } } }, ["probe.check.exec.command: []"]],
    [{ probe: { check: { tcpSocket: { port: 65_536 } } } }, ["probe.check.tcpSocket.port: 65536"]],
  ])("refuses %j", (args, faults) => {
    expect(given(() => render(args))).toEqual(faults);
  });
});
