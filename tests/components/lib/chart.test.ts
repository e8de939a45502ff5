import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import {
  type ChartArgs,
  chartFault,
  chartOptions,
  chartProvider,
  renderChart,
} from "../../../components/lib/chart";
import { tidyChart } from "../../../components/lib/chart-objects";
import type { KubeObject } from "../../../components/lib/objects";

const args: ChartArgs = {
  chart: { repo: "https://charts.example.com", name: "istiod", version: "1.2.3" },
  releaseName: "istiod",
  namespace: "istio-system",
  kubeVersion: "1.30.0",
};
const usual = {
  release_name: "istiod",
  namespace: "istio-system",
  values: {},
  kube_version: "1.30.0",
  skip_crd_rendering: false,
};

describe("chartOptions", () => {
  it.each([
    [args.chart, { chart: "istiod", version: "1.2.3", fetch_opts: { repo: "https://charts.example.com" } }],
    [
      { repo: "oci://registry.example.com/charts/", name: "istiod", version: "1.2.3" },
      { chart: "oci://registry.example.com/charts/istiod", version: "1.2.3" },
    ],
    [
      { oci: "oci://registry.example.com/istiod", version: "1.2.3" },
      { chart: "oci://registry.example.com/istiod", version: "1.2.3" },
    ],
    [
      { path: "/charts/istiod-1.2.3.tgz", name: "istiod" },
      { path: "/charts", chart: "istiod-1.2.3.tgz" },
    ],
    [
      { path: "http://files.example.com/istiod-1.2.3.tgz", name: "istiod" },
      { chart: "http://files.example.com/istiod-1.2.3.tgz" },
    ],
  ] as const)("say where the chart is: %#", (chart, place) => {
    expect(chartOptions({ ...args, chart })).toEqual({ ...usual, ...place });
  });

  it("say what the chart is told", () => {
    const more = { values: { a: { b: [1, null] } }, apiVersions: ["example.com/v1"], includeCrds: false };
    expect(chartOptions({ ...args, ...more })).toMatchObject({
      values: more.values,
      api_versions: ["example.com/v1"],
      skip_crd_rendering: true,
    });
  });

  it("refuse an output among the values, by its path", () => {
    expect(() => chartOptions({ ...args, values: { meshConfig: [{ ca: pulumi.output("x") }] } })).toThrow(
      "values.meshConfig.0.ca of the release istiod is an output",
    );
  });

  it("refuse an address whose name the provider would misread", () => {
    const chart = { path: "https://files.example.com/istio-base-1.2.3.tgz", name: "istio-base" };
    expect(() => chartOptions({ ...args, chart })).toThrow("its name has a hyphen");
  });

  it("leave the schema out of a copy, on request", () => {
    const folder = mkdtempSync(join(tmpdir(), "chart-test-"));
    const path = join(folder, "gateway");
    mkdirSync(path);
    for (const file of ["Chart.yaml", "values.schema.json"]) writeFileSync(join(path, file), "{}\n");
    const options = chartOptions({ ...args, chart: { path, name: "gateway" }, skipSchemaValidation: true });
    expect(readdirSync(join(String(options.path), String(options.chart)))).toEqual(["Chart.yaml"]);
    expect(readdirSync(path)).toEqual(["Chart.yaml", "values.schema.json"]);
    rmSync(folder, { recursive: true });
    expect(() => chartOptions({ ...args, skipSchemaValidation: true })).toThrow("download the chart");
  });
});

describe("a chart that cannot be rendered", () => {
  const told = (chart: ChartArgs["chart"], reason: string) =>
    chartFault(
      { ...args, chart },
      new Error(`invocation of kubernetes:helm:template returned an error: ${reason}`),
    );

  it("is told with version, address, reason and remedy, without a stack trace and without a login", () => {
    const repo = "https://user:word@charts.example.com";
    const fault = told(
      { repo, name: "istiod", version: "1.2.3" },
      `Get "${repo}/index.yaml": dial tcp: no such host`,
    );
    expect(pulumi.RunError.isInstance(fault)).toBe(true);
    expect(fault.message.split("\n")).toEqual([
      "the chart istiod 1.2.3 of the release istiod cannot be rendered",
      "  address: https://charts.example.com",
      '  reason: Get "https://charts.example.com/index.yaml": dial tcp: no such host',
      "  change: make the address reachable from this computer (behind a proxy, set HTTPS_PROXY), correct the version, or name another source of charts: see mesh.charts and artifacts in docs/config.md",
    ]);
  });

  it("is told with another remedy where it is there", () => {
    const { message } = told({ path: "/charts/base.tgz", name: "base" }, "nil pointer evaluating .Values.x");
    expect(message).toContain("the chart base of the release istiod");
    expect(message).toContain(
      "change: correct what the reason names: the values, or the version of the chart",
    );
  });
});

const object = (kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, ...more },
});

describe("tidyChart", () => {
  const definition = {
    ...object("CustomResourceDefinition", "clusterwidgets.example.com"),
    apiVersion: "apiextensions.k8s.io/v1",
    spec: { group: "example.com", scope: "Cluster", names: { kind: "ClusterWidget" } },
  };
  const clusterWidget = {
    ...object("ClusterWidget", "w", { namespace: "guessed" }),
    apiVersion: "example.com/v1",
  };
  const place = { namespace: "here", releaseName: "r" };

  it("puts definitions first and the rest by kind and name, with the namespace where there is one", () => {
    const rendered = [
      object("ServiceAccount", "b"),
      object("ServiceAccount", "a", { namespace: "there" }),
      object("Namespace", "n"),
      clusterWidget,
      definition,
    ];
    const order = ({ kind, metadata }: KubeObject) => [kind, metadata.namespace, metadata.name];
    const expected = [
      ["CustomResourceDefinition", undefined, "clusterwidgets.example.com"],
      ["ClusterWidget", undefined, "w"],
      ["Namespace", undefined, "n"],
      ["ServiceAccount", "here", "b"],
      ["ServiceAccount", "there", "a"],
    ];
    expect(tidyChart(rendered, place).map(order)).toEqual(expected);
    expect(tidyChart(rendered.reverse(), place).map(order)).toEqual(expected);
  });

  it("unpacks lists, and drops empty fields, tests and unwanted definitions", () => {
    const list = {
      ...object("List", ""),
      items: [{ ...object("ConfigMap", "m"), metadata: { name: "m", labels: null } }],
    } as unknown as KubeObject;
    const test = object("Pod", "t", { annotations: { "helm.sh/hook": "test" } });
    expect(tidyChart([list, test, definition], { ...place, includeCrds: false })).toEqual([
      object("ConfigMap", "m", { namespace: "here" }),
    ]);
  });

  it("refuses the same object twice", () => {
    expect(() => tidyChart([object("ConfigMap", "m"), object("ConfigMap", "m")], place)).toThrow(
      "the chart of the release r has ConfigMap here/m twice",
    );
  });
});

describe("renderChart", () => {
  it("asks a provider that has no cluster, and refuses an answer without objects", async () => {
    const asked: pulumi.runtime.MockCallArgs[] = [];
    const answers = [{ result: [object("ConfigMap", "m")] }, {}];
    await pulumi.runtime.setMocks({
      call: (call) => {
        asked.push(call);
        return answers[asked.length - 1] ?? {};
      },
      newResource: ({ name, inputs }) => ({ id: `${name}-id`, state: inputs }),
    });
    const provider = chartProvider();
    expect(await renderChart(args, provider)).toEqual([
      object("ConfigMap", "m", { namespace: "istio-system" }),
    ]);
    expect(asked[0]).toMatchObject({
      token: "kubernetes:helm:template",
      inputs: { jsonOpts: JSON.stringify(chartOptions(args)) },
      provider: expect.stringContaining("::charts::"),
    });
    await expect(renderChart(args, provider)).rejects.toThrow(
      "the chart of the release istiod was not rendered",
    );
  });
});
