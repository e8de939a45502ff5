import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { chartFile } from "../../components/sandbox/mirror/charts";
import { meshVersions } from "../../components/sandbox/mirror/versions";
import { type Deviations, differences, documents, flatten } from "../stacks/presets/documents";

/** The stack aliyun-slb, previewed: no machine and no cluster is asked. Charts are those of the sandbox's mirror. */
const root = join(__dirname, "..", "..");
const folder = mkdtempSync(join(tmpdir(), "mesh-platform-aliyun-"));

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly newState?: { readonly type: string; readonly inputs: Record<string, unknown> };
}
let plan: { readonly steps: readonly Step[]; readonly changeSummary: Record<string, number> };

const objects = () => plan.steps.filter(({ newState }) => newState?.type.startsWith("kubernetes:"));
const inputsOf = (object: string) =>
  objects().find(({ urn }) => urn.endsWith(`:${object.replace(" ", "::")}`))?.newState?.inputs ?? {};

beforeAll(() => {
  const file = join(folder, "stack.yaml");
  const { config } = parse(readFileSync(join(root, "Pulumi.aliyun-slb.yaml"), "utf8"));
  const key = "mesh-platform:mesh";
  const charts = join(chartFile("gateway", meshVersions.istio), "..");
  const mesh = { ...config[key], version: meshVersions.istio, charts };
  writeFileSync(file, stringify({ config: { ...config, [key]: mesh } }));
  const words = ["preview", "--stack", "aliyun-slb-test", "--config-file", file, "--json"];
  const run = spawnSync(process.execPath, ["-r", "tsx/cjs", "scripts/pulumi.ts", ...words], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    env: { ...process.env, MESH_PLATFORM_STATE: join(folder, "state") },
  });
  if (run.status !== 0) throw new Error(`preview ended with ${run.status}: ${run.stdout}${run.stderr}`);
  plan = JSON.parse(run.stdout.slice(run.stdout.indexOf("{")));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the preview of aliyun-slb", () => {
  it("is complete: every object to its last field, but for what is made by chance", () => {
    expect(Object.keys(plan.changeSummary)).toEqual(["create"]);
    const unknown = objects()
      .filter(({ newState }) => /04da6b54-80e4-46f7-96ec-b56ff0331ba9/.test(JSON.stringify(newState?.inputs)))
      .map(({ urn }) => urn.split(":").at(-1))
      .sort(); // the steps of a plan come in the order in which the engine happened to take them
    console.log(`aliyun-slb: ${plan.steps.length} resources, ${objects().length} of them objects`);
    expect(unknown).toEqual(["istio-system/grafana", "istio-system/kiali-signing-key"]);
  });

  it("has the Service of source document 000, value by value", () => {
    const chart = (ours: unknown) => ({
      ours,
      why: "labels of the chart in place of the operator's, which has not installed it",
    });
    const own = (ours: number) => ({
      ours,
      why: "pods of the chart listen there themselves; those of the operator cannot",
    });
    const deviations: Deviations = {
      "metadata.labels.install.operator.istio.io/owning-resource": chart(undefined),
      "metadata.labels.install.operator.istio.io/owning-resource-namespace": chart(undefined),
      "metadata.labels.istio.io/rev": chart(undefined),
      "metadata.labels.operator.istio.io/component": chart(undefined),
      "metadata.labels.operator.istio.io/managed": chart(undefined),
      "metadata.labels.operator.istio.io/version": chart(undefined),
      "metadata.labels.release": chart(undefined),
      "spec.ports.1.targetPort": own(80),
      "spec.ports.2.targetPort": own(443),
      "spec.sessionAffinity": { ours: undefined, why: "None is what a Service has that says nothing" },
    };
    const service = inputsOf("Service istio-system/istio-ingressgateway");
    expect(differences(documents.seed000.slb, flatten(service), deviations)).toEqual([]);
  });

  it.each([
    ["grafana", "NodePort", 30300],
    ["kiali", "NodePort", 30201],
    ["tracing", "NodePort", 30686],
    ["prometheus", "ClusterIP", undefined],
  ])("has %s as %s at %s", (name, type, nodePort) => {
    const { spec } = inputsOf(`Service istio-system/${name}`) as {
      spec: { type: string; ports: { nodePort?: number }[] };
    };
    expect([spec.type, spec.ports[0]?.nodePort]).toEqual([type, nodePort]);
  });
});
