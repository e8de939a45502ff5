import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { renderBillDemo } from "../../components/apps/bill-demo";
import { renderFortio } from "../../components/apps/fortio";
import { renderNamespace } from "../../components/mesh/namespace";
import { scenarios } from "../../components/traffic/scenarios";
import { readWords } from "../../scripts/lib/command-line";
import { traffic } from "../../scripts/lib/traffic/command";
import { commandLine } from "../../scripts/lib/traffic/options";
import { fixture } from "./support";

const folder = mkdtempSync(join(tmpdir(), "mesh-platform-traffic-"));
const state = join(folder, "state");
const stub = join(folder, "stub");
const config = join(folder, "stack.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const namespaces = ["fortio", "istio-demo"].map((name) => renderNamespace({ name, injection: "enabled" }));
const apps = [
  ...namespaces,
  ...renderFortio({ namespace: "fortio" }),
  ...renderBillDemo({ namespace: "istio-demo" }),
];
const declared = scenarios["bill-split"]?.render({ version: "1.31.0" }) ?? [];

const pod = (namespace: string, name: string, labels: object, podIP: string) => ({
  metadata: { namespace, name, labels },
  spec: { containers: [{ name: "x", image: "i" }], initContainers: [{ name: "istio-proxy", image: "p" }] },
  status: { phase: "Running", podIP, conditions: [{ type: "Ready", status: "True" }] },
});
const bill = "bill-service.istio-demo.svc.cluster.local";
const stats = (v1: number, v2: number) =>
  [
    ...[
      `cluster.outbound|9999|v1|${bill};.upstream_rq_200: ${v1}`,
      `cluster.outbound|9999|v2|${bill};.upstream_rq_200: ${v2}`,
    ],
    ...[`cluster.outbound|9999|v1|${bill};.external.upstream_rq_200: ${v1}`, ""],
  ].join("\n");
const clusters = (v1: number, v2: number) =>
  `outbound|9999|v1|${bill}::10.0.0.1:80::rq_total::${v1}\noutbound|9999|v2|${bill}::10.0.0.2:80::rq_total::${v2}\n`;

function prepare(objects: readonly object[], v1: number, v2: number): void {
  rmSync(stub, { recursive: true, force: true });
  mkdirSync(stub);
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, "kubeconfig-here"), "");
  copyFileSync(join(__dirname, "stub-kubectl.mjs"), join(stub, "kubectl.mjs"));
  writeFileSync(
    join(stub, "kubectl"),
    `#!/bin/sh\nexec '${process.execPath}' '${join(stub, "kubectl.mjs")}' "$@"\n`,
    {
      mode: 0o755,
    },
  );
  const files = {
    "objects.json": JSON.stringify(objects),
    "pods.json": JSON.stringify([
      pod("fortio", "fortio-1", { app: "fortio", version: "v1" }, "10.0.0.9"),
      pod("istio-demo", "bill-v1", { version: "v1" }, "10.0.0.1"),
      pod("istio-demo", "bill-v2", { version: "v2" }, "10.0.0.2"),
    ]),
    "fortio.json": fixture("fortio.json"),
    "before-stats.txt": stats(5, 3),
    "after-stats.txt": stats(5 + v1, 3 + v2),
    "before-clusters.txt": clusters(5, 3),
    "after-clusters.txt": clusters(5 + v1, 3 + v2),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(stub, name), text);
  const own = {
    "mesh-platform:mesh": {},
    "mesh-platform:apps": { billDemo: {}, fortio: {} },
    "mesh-platform:traffic": { scenarios: ["bill-split"] },
  };
  writeFileSync(config, JSON.stringify({ config: own }));
}

async function run(...args: string[]) {
  const told = { stdout: [] as string[], stderr: [] as string[], files: {} as Record<string, string> };
  const words = readWords(commandLine, [...args, "--stack", "here", "--config-file", config]);
  const channels = {
    out: (text: string, file: string | undefined) => {
      if (file === undefined) told.stdout.push(text);
      else told.files[file] = text;
    },
    note: (text: string) => told.stderr.push(text),
  };
  const status = await traffic(words, channels).catch((error: Error) => {
    told.stderr.push(error.message);
    return 1;
  });
  return { status, stdout: told.stdout.join("\n"), stderr: told.stderr.join("\n"), files: told.files };
}

const report = join(state, "traffic", "bill-split.html");

describe("npm run traffic", () => {
  beforeEach(() => {
    rmSync(report, { force: true });
    vi.stubEnv("MESH_PLATFORM_STATE", state);
    vi.stubEnv("STUB_FOLDER", stub);
    vi.stubEnv("PATH", [stub, process.env.PATH].join(delimiter));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("sends, counts, compares, and writes a report that needs no other file", async () => {
    prepare([...apps, ...declared], 903, 97);
    const { status, stdout, stderr } = await run("bill-split");
    expect(stdout.split("\n").slice(0, 8)).toEqual([
      "bill-split: bill-service: 90 % v1, 10 % v2",
      "",
      "ok      everybody: GET bill-service.istio-demo:9999/ from fortio/fortio",
      "  answers                         expected  simulated  of 1000  observed  99 % interval",
      "  bill-service.istio-demo v1 200      90 %       90 %      903    90.3 %    87.3–92.6 %  inside",
      "  bill-service.istio-demo v2 200      10 %       10 %       97     9.7 %     7.4–12.7 %  inside",
      "  holds: applications see the path / (the simulator says /)",
      "  1801/s, mean 2.171 ms",
    ]);
    expect(stderr).toMatch(/^traffic \d+ s: bill-split\/everybody: 1000 requests on 4 connections$/);
    expect(status).toBe(0);
    const page = readFileSync(report, "utf8");
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).not.toMatch(/<script|<link|src=|url\(|https:/);
    expect(page).toContain("kind: VirtualService");
    const asked = readFileSync(join(stub, "calls"), "utf8");
    expect(asked).not.toMatch(/secret/i);
    expect(asked).toContain("--container fortio -- fortio load");
  });

  it("ends with 3 where something is outside of its interval, and says what, also to programs", async () => {
    prepare([...apps, ...declared], 800, 200);
    const { status, stdout } = await run("bill-split", "--output", "json");
    expect(status).toBe(3);
    const { ok, scenarios: told } = JSON.parse(stdout);
    expect([ok, told[0].runs[0].tables[0].rows[0].expectedInside]).toEqual([false, false]);
    expect((await run("bill-split")).stdout).toContain("OUTSIDE: expected, simulated");
    const { stdout: none, files } = await run("bill-split", "--out", "a.txt");
    expect([none, files["a.txt"]?.split("\n")[0]]).toEqual([
      "",
      "bill-split: bill-service: 90 % v1, 10 % v2",
    ]);
  });

  it("sends nothing where the scenario is not on, and says how to switch it on", async () => {
    prepare(apps, 0, 0);
    const { status, stdout, stderr } = await run("bill-split");
    expect(stderr.split("\n")).toEqual([
      "The scenario bill-split is not switched on in the stack here:",
      "  DestinationRule istio-demo/bill-service is missing",
      "  VirtualService istio-demo/bill-service is missing",
      "Put this into stack.yaml, then run `npm run up -- --stack here`:",
      "  mesh-platform:apps: { billDemo: {}, fortio: {} }",
      "  mesh-platform:traffic: { scenarios: [bill-split] }",
    ]);
    expect([status, stdout, existsSync(join(stub, "sent"))]).toEqual([1, "", false]);
  });

  it("lists the experiments, and refuses a stack without a cluster", async () => {
    prepare(apps, 0, 0);
    expect((await run("--list")).stdout).toMatch(/^bill-split +bill-service: 90 % v1, 10 % v2$/m);
    rmSync(join(state, "kubeconfig-here"));
    const { status, stderr } = await run("bill-split");
    expect(stderr).toMatch(
      /^the stack here has no cluster yet: .*kubeconfig-here is missing. Run `npm run up/,
    );
    expect(status).toBe(1);
  });
});
