import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { goBuildArgs, goProgramName, moduleDir } from "../../../../components/sandbox/mirror/go-module";
import { type GoItem, sourcesOf } from "../../../../components/sandbox/mirror/item";
import { mirrorItems } from "../../../../components/sandbox/mirror/items";
import { planMirror, servedVersions } from "../../../../components/sandbox/mirror/mirror";
import { isFresh, readStamp, recipeDigest, writeStamp } from "../../../../components/sandbox/mirror/recipe";
import { mirrorVersions, previousVersions } from "../../../../components/sandbox/mirror/versions";

const items = mirrorItems("amd64", true);
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
    expect(refs.filter((ref) => !/^[a-z0-9/-]+:[\w.-]+$/.test(ref))).toEqual([]);
  });

  it("are made from programs that are built", () => {
    const programs = items.flatMap((item) =>
      item.kind === "go" ? Object.values(item.programs).map((program) => `${item.name}/${program}`) : [],
    );
    const debian = items.filter((item) => item.kind === "debian").map((item) => item.name);
    const unknown = items
      .flatMap(sourcesOf)
      .filter((source) => !programs.includes(source) && !debian.includes(source.split("/")[0] ?? ""));
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
  ])("of %s pin %s at the version that the mirror promises", (name, module, version) => {
    expect(readFileSync(join(moduleDir({ name }), "go.mod"), "utf8")).toContain(`${module} v${version}\n`);
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
    expect(common.some(({ item }) => item.name.endsWith("-previous"))).toBe(false);
    expect(planMirror(items, "amd64").slice(0, common.length)).toEqual(common);
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
