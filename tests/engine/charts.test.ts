/** Charts by the provider's own function: the same objects from the official plugin and from the stand-in. */
import { afterEach, describe, expect, it } from "vitest";
import { findCli } from "../../scripts/lib/cli";
import { findHelm } from "../../scripts/lib/helm";
import { choosePlugins } from "../../scripts/lib/plugins";
import { TestStack } from "./support";

const place = { namespace: "space" };
const expected = [
  {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "clusterwidgets.example.com" },
    spec: {
      group: "example.com",
      names: { kind: "ClusterWidget", plural: "clusterwidgets" },
      scope: "Cluster",
      versions: [{ name: "v1", served: true, storage: true }],
    },
  },
  {
    apiVersion: "example.com/v1",
    kind: "ClusterWidget",
    metadata: { name: "wide" },
    // As Kubernetes reads YAML: yes is true, a leading zero is octal, days and times are texts.
    spec: { at: "12:30", day: "2026-01-01", enabled: true, mode: 420 },
  },
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "release-map", ...place },
    data: {
      hasWidget: "true",
      namespace: "space",
      value: '{"list":[1,null],"text":"one"}',
      version: "v1.29.3",
    },
  },
  {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { annotations: { "helm.sh/hook": "pre-install" }, name: "before", ...place },
  },
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "listed", ...place } },
];

describe("a chart", async () => {
  const cli = await findCli();
  const official =
    cli !== undefined &&
    choosePlugins(cli).some(({ name, source }) => name === "kubernetes" && source === "official");
  const ways = [
    { plugins: "stand-in", there: findHelm() !== undefined },
    { plugins: "auto", there: official },
  ];
  const stacks: TestStack[] = [];
  const stackOf = (plugins: string) => {
    process.env.MESH_PLATFORM_PLUGINS = plugins;
    const stack = new TestStack("charts");
    stacks.push(stack);
    return stack;
  };
  afterEach(() => {
    for (const stack of stacks.splice(0)) stack.dispose();
    delete process.env.MESH_PLATFORM_PLUGINS;
  });

  it.runIf(!ways.some(({ there }) => there))("cannot be rendered here", () => {
    console.warn("Charts were not tested, for want of helm: npm run setup");
    expect(ways.map(({ there }) => there)).toEqual([false, false]);
  });

  for (const { plugins, there } of ways) {
    it.skipIf(!there)(`is rendered without a cluster, and the same each time (${plugins})`, async () => {
      const stack = stackOf(plugins);
      // KUBECONFIG of the computer must not be looked at, or a file that is missing would be an error.
      const env = { KUBECONFIG: "/nowhere/kubeconfig" };
      expect(await stack.plan(env)).toEqual({
        "Stack engine-charts-dev": "create",
        "kubernetes charts": "create",
      });
      await stack.up(env);
      await stack.up(env, "--expect-no-changes");
      expect(JSON.parse((await stack.outputs()).objects ?? "")).toEqual(expected);
    });

    it.skipIf(!there)(`says what is missing, and where to get it (${plugins})`, async () => {
      const { code, output } = await stackOf(plugins).run(["preview"], { CHART: "missing" });
      expect(code).not.toBe(0);
      expect(output).toContain("the chart demo is not at");
    });
  }

  it.skipIf(!ways[0]?.there)("is not rendered by options that the stand-in does not know", async () => {
    const { code, output } = await stackOf("stand-in").run(["preview"], { EXTRA: "helm_registry_config" });
    expect(code).not.toBe(0);
    expect(output).toContain("the stand-in provider does not implement helm_registry_config of a chart");
  });
});
