/** Charts by the provider's own function: the same objects from the official plugin and from the stand-in. */
import { afterEach, describe, expect, it } from "vitest";
import { findHelm } from "../../scripts/lib/helm";
import { cannotBeHad } from "../setup/skips";
import { missingOfficial } from "./official";
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
  const official = await missingOfficial(["kubernetes"]);
  const standIn =
    findHelm() === undefined
      ? `${cannotBeHad}helm for the stand-in, which is built only where the official kubernetes plugin is missing`
      : undefined;
  const ways = [
    { plugins: "stand-in", missing: standIn },
    { plugins: "auto", missing: official },
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

  for (const { plugins, missing } of ways) {
    it(`is rendered without a cluster, and the same each time (${plugins})`, async ({ skip }) => {
      skip(missing !== undefined, missing);
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

    it(`says what is missing, and where to get it (${plugins})`, async ({ skip }) => {
      skip(missing !== undefined, missing);
      const { code, output } = await stackOf(plugins).run(["preview"], { CHART: "missing" });
      expect(code).not.toBe(0);
      expect(output).toContain("the chart demo is not at");
    });
  }

  it("is not rendered by options that the stand-in does not know", async ({ skip }) => {
    skip(standIn !== undefined, standIn);
    const { code, output } = await stackOf("stand-in").run(["preview"], { EXTRA: "helm_registry_config" });
    expect(code).not.toBe(0);
    expect(output).toContain("the stand-in provider does not implement helm_registry_config of a chart");
  });
});
