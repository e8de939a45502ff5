import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { goBuildArgs, goProgramName, moduleDir } from "../../../../components/sandbox/mirror/go-module";
import { type GoItem, sourcesOf } from "../../../../components/sandbox/mirror/item";
import { mirrorGroups, mirrorItems, previewItems } from "../../../../components/sandbox/mirror/items";
import { heldGroups, planMirror, servedVersions } from "../../../../components/sandbox/mirror/mirror";
import { isFresh, readStamp, recipeDigest, writeStamp } from "../../../../components/sandbox/mirror/recipe";
import {
  addonVersions,
  mirrorVersions,
  previousVersions,
} from "../../../../components/sandbox/mirror/versions";

const items = mirrorItems("amd64", mirrorGroups);
const etcd = items.find((item) => item.name === "etcd") as GoItem;
const none = new Map<string, string>();

describe("recipeDigest", () => {
  const digest = (item: GoItem, arch: "amd64" | "arm64" = "amd64") => recipeDigest(item, arch, none);

  it("is the same for the same recipe", () => {
    expect(digest(structuredClone(etcd))).toBe(digest(etcd));
  });

  it("changes with a flag, a variable, a program and the architecture", () => {
    const changed = [
      digest({ ...etcd, tags: "x" }),
      digest({ ...etcd, cgo: true }),
      digest({ ...etcd, variables: { "main.x": "1" } }),
      digest({ ...etcd, programs: {} }),
      digest(etcd, "arm64"),
    ];
    expect(new Set([...changed, digest(etcd)]).size).toBe(6);
  });

  it("hands a change on to what is made from it, and to nothing else", () => {
    const before = planMirror(items, "amd64");
    const after = planMirror(
      items.map((item) => (item === etcd ? { ...etcd, tags: "x" } : item)),
      "amd64",
    );
    const changed = after
      .filter(({ recipe }, at) => recipe !== before[at]?.recipe)
      .map(({ item }) => item.name);
    expect(changed).toEqual(["etcd", "files-etcd"]);
  });

  it("refuses an item whose source comes later", () => {
    const image = items.find((item) => item.name === "image-pause");
    expect(() => recipeDigest(image as GoItem, "amd64", none)).toThrow("made from pause");
  });
});

describe("stamps", () => {
  it("are fresh while the recipe is the same and every output has its size", () => {
    const dir = mkdtempSync(join(tmpdir(), "stamp-"));
    expect(isFresh(dir, readStamp(dir, "x"), "r")).toBe(false);
    writeFileSync(join(dir, "out"), "four");
    writeStamp(dir, "x", { recipe: "r", outputs: { out: 4 }, detail: {} });
    expect(isFresh(dir, readStamp(dir, "x"), "r")).toBe(true);
    expect(isFresh(dir, readStamp(dir, "x"), "other")).toBe(false);
    writeFileSync(join(dir, "out"), "cut");
    expect(isFresh(dir, readStamp(dir, "x"), "r")).toBe(false);
    writeFileSync(join(dir, "stamps/x.json"), '{"recipe":');
    expect(readStamp(dir, "x")).toBeUndefined();
    rmSync(dir, { recursive: true });
  });
});

describe("items", () => {
  it("have unique names and refs, and no registry host in a ref", () => {
    const names = items.map((item) => item.name);
    expect(new Set(names).size).toBe(names.length);
    const refs = items.flatMap((item) => (item.kind === "image" ? item.refs : []));
    expect(new Set(refs).size).toBe(refs.length);
    expect(refs.filter((ref) => !/^[a-z0-9-]+(\/[a-z0-9.-]+)*:[\w.-]+$/.test(ref))).toEqual([]);
  });

  it("are made from programs that are built", () => {
    const programs = items.flatMap((item) =>
      item.kind === "go" ? Object.values(item.programs).map((program) => `${item.name}/${program}`) : [],
    );
    const wheels = items.flatMap((item) =>
      item.kind === "wheel" ? Object.keys(item.programs).map((program) => `${item.name}/${program}`) : [],
    );
    const files = items.flatMap((item) =>
      item.kind === "module"
        ? [...Object.keys(item.members), ...Object.keys(item.joined ?? {})].map(
            (path) => `${item.name}/${path}`,
          )
        : [],
    );
    const trees = items.filter(({ kind }) => kind === "debian" || kind === "tree").map(({ name }) => name);
    const known = [...programs, ...wheels, ...files];
    const unknown = items
      .flatMap(sourcesOf)
      .filter((source) => !known.includes(source) && !trees.includes(source.split("/")[0] ?? ""));
    expect(unknown).toEqual([]);
  });

  it.each([
    ["kubernetes", "k8s.io/kubernetes", mirrorVersions.kubernetes],
    ["containerd", "github.com/containerd/containerd/v2", mirrorVersions.containerd],
    ["etcd", "go.etcd.io/etcd/server/v3", mirrorVersions.etcd],
    ["etcd", "go.etcd.io/etcd/etcdctl/v3", mirrorVersions.etcd],
    ["etcd", "go.etcd.io/etcd/etcdutl/v3", mirrorVersions.etcd],
    ["coredns", "github.com/coredns/coredns", mirrorVersions.coredns],
    ["flannel", "github.com/flannel-io/flannel", mirrorVersions.flannel],
    ["fortio", "fortio.org/fortio", mirrorVersions.fortio],
    ["kubernetes-previous", "k8s.io/kubernetes", previousVersions.kubernetes],
    ["etcd-previous", "go.etcd.io/etcd/server/v3", previousVersions.etcd],
    ["etcd-previous", "go.etcd.io/etcd/etcdctl/v3", previousVersions.etcd],
    ["etcd-previous", "go.etcd.io/etcd/etcdutl/v3", previousVersions.etcd],
    ["coredns-previous", "github.com/coredns/coredns", previousVersions.coredns],
    // Since its third major version, Prometheus numbers its module 0.<minor in three digits>.<patch>.
    [
      "prometheus",
      "github.com/prometheus/prometheus",
      addonVersions.prometheus.replace(/^3\.(\d+)/, "0.3$1"),
    ],
    // Jaeger's 2.13 and 1.76 are one commit, and modules know the older number.
    ["jaeger", "github.com/jaegertracing/jaeger", addonVersions.jaeger.replace("2.13", "1.76")],
  ])("of %s pin %s at the version that the mirror promises", (name, module, version) => {
    expect(readFileSync(join(moduleDir({ name }), "go.mod"), "utf8").split("\n")).toContainEqual(
      expect.stringMatching(new RegExp(`\\b${module} v${version}( // indirect)?$`)),
    );
  });

  it("of ratelimit pin the commit that its image is named after", () => {
    const { ratelimit } = addonVersions;
    expect(readFileSync(join(moduleDir({ name: "ratelimit" }), "go.mod"), "utf8")).toMatch(
      new RegExp(`github.com/envoyproxy/ratelimit v\\S+-${ratelimit}`),
    );
  });

  it.each([
    ["kubernetes", mirrorVersions.kubernetes],
    ["kubernetes-previous", previousVersions.kubernetes],
  ])("of %s name the staging modules by its own minor and patch", (name, version) => {
    const [, minor, patch] = version.split(".");
    const replaced = readFileSync(join(moduleDir({ name }), "go.mod"), "utf8").match(/=> k8s.io\/\S+ (\S+)/g);
    expect(replaced?.length).toBeGreaterThan(30);
    expect(replaced?.filter((line) => !line.endsWith(` v0.${minor}.${patch}`))).toEqual([]);
  });
});

describe("the minor before", () => {
  const minorOf = (version: string) => Number(version.split(".")[1]);

  it("is one minor back, as kubeadm upgrades and no further", () => {
    expect(minorOf(previousVersions.kubernetes)).toBe(minorOf(mirrorVersions.kubernetes) - 1);
    expect(minorOf(previousVersions.etcd)).toBe(minorOf(mirrorVersions.etcd) - 1);
  });

  it("is built only where it was asked for, and changes nothing of the rest", () => {
    const common = planMirror(mirrorItems("amd64"), "amd64");
    const both = planMirror(mirrorItems("amd64", ["previous"]), "amd64");
    expect(common.some(({ item }) => item.name.endsWith("-previous"))).toBe(false);
    expect(both.some(({ item }) => item.name.endsWith("-previous"))).toBe(true);
    expect(both.slice(0, common.length)).toEqual(common);
  });

  it("is promised by a mirror whose index has it", () => {
    const dir = mkdtempSync(join(tmpdir(), "served-"));
    const [own, before] = [mirrorVersions, previousVersions];
    expect(servedVersions(dir)).toEqual({ kubernetes: [own.kubernetes], etcd: [own.etcd] });
    writeFileSync(join(dir, "index.json"), JSON.stringify({ previous: before }));
    expect(servedVersions(dir)).toEqual({
      kubernetes: [own.kubernetes, before.kubernetes],
      etcd: [own.etcd, before.etcd],
    });
    rmSync(dir, { recursive: true });
  });
});

describe("groups", () => {
  const names = (groups: Parameters<typeof mirrorItems>[1]) =>
    mirrorItems("amd64", groups).map(({ name }) => name);

  it("leave the others alone: each builds on what every cluster needs, and on nothing else", () => {
    const base = names([]);
    for (const group of mirrorGroups) {
      expect(() => planMirror(mirrorItems("amd64", [group]), "amd64")).not.toThrow();
      expect(names([group]).slice(0, base.length)).toEqual(base);
    }
  });

  it("come in their own order, however they were asked for", () => {
    expect(names(["addons", "mesh"])).toEqual(names(["mesh", "addons"]));
  });

  it("are remembered by the index; one of an older form knows the minor before alone", () => {
    const dir = mkdtempSync(join(tmpdir(), "held-"));
    const index = (content: object) => writeFileSync(join(dir, "index.json"), JSON.stringify(content));
    expect(heldGroups(dir)).toEqual([]);
    index({ groups: ["addons", "mesh", "of a later version"] });
    expect(heldGroups(dir)).toEqual(["mesh", "addons"]);
    index({ previous: previousVersions });
    expect(heldGroups(dir)).toEqual(["previous"]);
    rmSync(dir, { recursive: true });
  });

  it("hold the charts, which can also be made alone and without a compiler", () => {
    expect(planMirror(previewItems, "amd64").every(({ item }) => item.kind !== "go")).toBe(true);
    const own = new Set(previewItems.map(({ name }) => name));
    expect(names(["mesh"]).filter((name) => own.has(name))).toEqual(previewItems.map(({ name }) => name));
  });
});

describe("goBuildArgs", () => {
  it("sets the version, keeps to the pinned modules, and links cgo programs static", () => {
    const kubernetes = items.find((item) => item.name === "kubernetes") as GoItem;
    const args = goBuildArgs(kubernetes);
    expect(args).toContain("-mod=readonly");
    expect(args.join(" ")).toContain(`version.gitVersion=v${mirrorVersions.kubernetes} `);
    expect(goBuildArgs({ ...etcd, cgo: true })).toContain("-ldflags=-s -w -extldflags=-static");
  });

  it("knows the name that Go gives a program", () => {
    expect(goProgramName("go.etcd.io/etcd/server/v3")).toBe("server");
    expect(goProgramName("k8s.io/kubernetes/cmd/kubelet")).toBe("kubelet");
  });
});
