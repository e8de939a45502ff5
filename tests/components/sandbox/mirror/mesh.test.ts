import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stampChart, stampValues } from "../../../../components/sandbox/mirror/build-charts";
import { joinYaml } from "../../../../components/sandbox/mirror/build-module";
import { buildTree } from "../../../../components/sandbox/mirror/build-tree";
import { chartName } from "../../../../components/sandbox/mirror/chart-name";
import { chartFile } from "../../../../components/sandbox/mirror/charts";
import { moduleDir } from "../../../../components/sandbox/mirror/go-module";
import type { GoItem, ImageItem, ModuleItem, WheelItem } from "../../../../components/sandbox/mirror/item";
import { mirrorItems } from "../../../../components/sandbox/mirror/items";
import { meshVersions } from "../../../../components/sandbox/mirror/versions";

const dir = mkdtempSync(join(tmpdir(), "mesh-"));
afterAll(() => rmSync(dir, { recursive: true }));

const items = mirrorItems("amd64", ["mesh"]);
const find = <T>(name: string) => items.find((item) => item.name === name) as T;

describe("Istio", () => {
  it("is built from the same snapshot as its charts", () => {
    const { version } = find<ModuleItem>("istio-sources");
    const go = readFileSync(join(moduleDir({ name: "istio" }), "go.mod"), "utf8");
    expect(go).toMatch(new RegExp(`istio.io/istio ${version}\\b`));
    expect(meshVersions.istio).toContain(version.split("-")[1]?.slice(0, 8));
  });

  it("is pinned by the checksum that Go knows for the snapshot", () => {
    const { module, version, sum } = find<ModuleItem>("istio-sources");
    const sums = readFileSync(join(moduleDir({ name: "istio" }), "go.sum"), "utf8");
    expect(sums.split("\n")).toContain(`${module} ${version} ${sum}`);
  });

  it("comes under two versions that differ in nothing but their number", () => {
    const strip = ({ variables, name, ...rest }: GoItem) => rest;
    expect(strip(find<GoItem>("istio-next"))).toEqual(strip(find<GoItem>("istio")));
    expect(meshVersions.istioNext).toBe(`${meshVersions.istio}.1`);
    const refs = items.flatMap((item) => (item.kind === "image" ? item.refs : []));
    for (const tag of [meshVersions.istio, meshVersions.istioNext]) {
      expect(refs).toEqual(expect.arrayContaining([`istio/pilot:${tag}`, `istio/proxyv2:${tag}`]));
    }
  });

  it("runs istiod as a user that the kubelet can tell from root", () => {
    expect(find<ImageItem>("image-pilot").config.User).toBe("1337:1337");
  });

  it("takes Envoy from one file per architecture", () => {
    for (const wheel of Object.values(find<WheelItem>("envoy").wheels)) {
      expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
});

describe("charts", () => {
  const chart = "apiVersion: v2\nname: base\n# a placeholder\nversion: 1.0.0\nappVersion: 1.0.0\n";

  it("get the version in both places", () => {
    expect(stampChart(chart, "1.31.0-rc.2")).toBe(
      'apiVersion: v2\nname: base\n# a placeholder\nversion: "1.31.0-rc.2"\nappVersion: "1.31.0-rc.2"\n',
    );
    expect(() => stampChart("name: base\nversion: 1.0.0\n", "2")).toThrow("no version and appVersion");
  });

  it("get images at whatever depth they name them, and nothing else is touched", () => {
    const values = {
      hub: { from: "r.example/testing", to: "d.example/istio" },
      tag: { from: "latest", to: "1.2" },
    };
    expect(stampValues('a:\n  hub: r.example/testing\n  tag: latest\nhub: ""\n# tag: latest\n', values)).toBe(
      'a:\n  hub: d.example/istio\n  tag: 1.2\nhub: ""\n# tag: latest\n',
    );
    expect(stampValues("hub: rxexample/testing\n", values)).toBe("hub: rxexample/testing\n");
  });

  it("are found by name and version, or asked for with the command that makes them", () => {
    mkdirSync(join(dir, "files/charts"), { recursive: true });
    const path = join(dir, "files/charts", chartName("base", "1.2.3"));
    expect(() => chartFile("base", "1.2.3", dir)).toThrow("npm run mirror -- --charts");
    writeFileSync(path, "");
    expect(chartFile("base", "1.2.3", dir)).toBe(path);
  });

  it("come with definitions in one stream of documents", () => {
    const folder = join(dir, "crds");
    mkdirSync(folder);
    writeFileSync(join(folder, "b.yaml"), "---\nkind: B\n\n");
    writeFileSync(join(folder, "a.yaml"), "kind: A\n");
    writeFileSync(join(folder, "README.md"), "no");
    expect(joinYaml(folder)).toBe("---\nkind: A\n---\nkind: B\n");
  });
});

describe("a tree", () => {
  it("adds users, folders and files, and leaves its base as it was", async () => {
    const base = join(dir, "build/base");
    mkdirSync(join(base, "etc"), { recursive: true });
    writeFileSync(join(base, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    writeFileSync(join(base, "etc/group"), "root:x:0:\n");
    mkdirSync(join(dir, "temp"));
    const build = { dir, arch: "amd64", temp: join(dir, "temp"), log: join(dir, "log") } as const;
    const tree = {
      kind: "tree",
      name: "more",
      base: "base",
      users: { web: 101 },
      folders: { data: "1777" },
    } as const;
    await buildTree({ ...tree, files: "prometheus" }, build);
    const read = (path: string) => readFileSync(join(dir, "build", path), "utf8");
    expect(read("more/etc/passwd")).toContain("web:x:101:101:");
    expect(read("more/etc/group")).toBe("root:x:0:\nweb:x:101:\n");
    expect(read("more/etc/prometheus/prometheus.yml")).toContain("scrape_configs");
    expect(read("base/etc/passwd")).toBe("root:x:0:0:root:/root:/bin/sh\n");
  });
});
