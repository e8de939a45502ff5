import { posix } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { projectFiles, readProjectFile } from "./support/rendered";

/** The stages in the order of the flow. A stage imports itself and earlier ones; `lib` and `remote` are everyone's. */
const flow = [
  ...["artifacts", "hosts", "pki", "etcd", "control-plane", "workers", "network"],
  ...["mesh", "addons", "apps", "traffic"],
];
const vocabulary = ["lib", "remote"];
/** Makes hosts and what they are fed with; to the stages it is one more source of machines. */
const aside = ["sandbox"];

/** Whether a file may import another, both as paths from the project's root; a sentence where it may not. */
function objection(from: string, to: string): string | undefined {
  const [fromArea, fromStage = ""] = from.split("/");
  const [toArea, toStage = ""] = to.split("/");
  if (toArea === "tests" || toArea === "scripts")
    return "the program imports nothing from its tests and tools";
  if (fromArea === "components" && toArea === "stacks") return "components know no stack";
  if (fromArea !== "components" || toArea !== "components" || fromStage === toStage) return undefined;
  if (toStage === "lib") return undefined;
  if (vocabulary.includes(fromStage)) return `${fromStage} knows no stage`;
  if (fromStage === "traffic" && toStage !== "mesh") return "traffic knows nothing of hosts and SSH";
  if (toStage === "remote") return undefined;
  if (aside.includes(fromStage)) return `${fromStage} is apart from the stages`;
  if (aside.includes(toStage)) return `stages take hosts as they come and do not import ${toStage}`;
  return flow.indexOf(fromStage) > flow.indexOf(toStage) ? undefined : `${toStage} comes after ${fromStage}`;
}

const isCode = (path: string) => path.endsWith(".ts");
const sources = projectFiles(["components", "stacks"], isCode);
const parse = (path: string) =>
  ts.createSourceFile(path, readProjectFile(path), ts.ScriptTarget.ES2022, true);

/** Project files that a source imports, without their ending. */
function importsOf(path: string): string[] {
  return ts
    .preProcessFile(readProjectFile(path))
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith("."))
    .map((name) => posix.join(posix.dirname(path), name));
}

describe("imports", () => {
  it("run one way: stacks to stages, stages to earlier ones, all to the vocabulary", () => {
    const found = sources.flatMap((from) =>
      importsOf(from).map((to) => [`${from} -> ${to}`, objection(from, to)] as const),
    );
    expect(found.length).toBeGreaterThan(50);
    expect(found.filter(([, why]) => why !== undefined)).toEqual([]);
  });

  it.each([
    ["components/hosts/a.ts", "components/etcd/b", "etcd comes after hosts"],
    ["components/network/a.ts", "components/mesh/b", "mesh comes after network"],
    ["components/remote/a.ts", "components/hosts/b", "remote knows no stage"],
    ["components/lib/a.ts", "components/remote/b", "lib knows no stage"],
    ["components/traffic/a.ts", "components/remote/b", "traffic knows nothing of hosts and SSH"],
    ["components/traffic/a.ts", "components/hosts/b", "traffic knows nothing of hosts and SSH"],
    [
      "components/workers/a.ts",
      "components/sandbox/b",
      "stages take hosts as they come and do not import sandbox",
    ],
    ["components/sandbox/a.ts", "components/artifacts/b", "sandbox is apart from the stages"],
    ["components/pki/a.ts", "stacks/b", "components know no stack"],
    ["stacks/a.ts", "scripts/lib/b", "the program imports nothing from its tests and tools"],
  ])("would be refused from %s to %s", (from, to, why) => {
    expect(objection(from, to)).toBe(why);
  });

  it.each([
    ["components/etcd/a.ts", "components/hosts/b"],
    ["components/etcd/a.ts", "components/etcd/c"],
    ["components/traffic/a.ts", "components/lib/b"],
    ["components/traffic/a.ts", "components/mesh/b"],
    ["components/sandbox/a.ts", "components/remote/b"],
    ["stacks/a.ts", "components/sandbox/b"],
  ])("are welcome from %s to %s", (from, to) => {
    expect(objection(from, to)).toBeUndefined();
  });

  it("know the place of every folder", () => {
    const folders = new Set(projectFiles(["components"], () => true).map((path) => path.split("/")[1]));
    expect(
      [...folders].filter((folder) => ![...flow, ...vocabulary, ...aside].includes(folder ?? "")),
    ).toEqual([]);
  });
});

describe("download hosts", () => {
  const ownSource = "components/artifacts/sources.ts";
  /** Names of hosts that the artifacts come from, and registries besides. */
  const hosts = new Set([
    ...[...readProjectFile(ownSource).matchAll(/https:\/\/([a-z0-9.-]+\.[a-z]{2,})/g)].map(
      ([, host]) => host ?? "",
    ),
    ...[
      "registry.k8s.io",
      "registry.aliyuncs.com",
      "pkgs.k8s.io",
      "quay.io",
      "ghcr.io",
      "docker.io",
      "gcr.io",
    ],
  ]);
  /**
   * Images of pod networks, add-ons and applications, and Istio's charts, by the names under which their projects publish them. containerd asks the mirror of the
   * artifacts for any name first, but a public mirror that has no flannel is passed over.
   */
  const known = [
    "components/addons/images.ts",
    "components/apps/images.ts",
    "components/artifacts/charts.ts",
    "components/network/flannel-versions.ts",
    "components/network/kube-router-pod.ts",
    "components/traffic/limits/rate-limit-service.ts",
  ];

  it("are spelled in components/artifacts alone, and where the sandbox's mirror is built", () => {
    const files = projectFiles(["components", "stacks"], (path) => /\.(ts|sh)$/.test(path));
    const outside = files.filter(
      (path) => path !== ownSource && !path.startsWith("components/sandbox/mirror/"),
    );
    const spelling = outside.filter((path) => {
      const code = readProjectFile(path).replaceAll(/^\s*(\/\/|\*|\/\*\*|#).*$/gm, "");
      return [...hosts].some((host) => code.includes(host));
    });
    expect(hosts.size).toBeGreaterThanOrEqual(10);
    expect(spelling).toEqual(known);
  });
});

describe("constructors", () => {
  const SCREEN = 60;
  const constructors = sources.flatMap((path) => {
    const file = parse(path);
    const found: { place: string; lines: number }[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isConstructorDeclaration(node)) {
        const line = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
        found.push({
          place: `${path}:${line(node.getStart(file))}`,
          lines: line(node.end) - line(node.getStart(file)) + 1,
        });
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
    return found;
  });

  it("fit a screen", () => {
    expect(constructors.length).toBeGreaterThanOrEqual(8);
    expect(constructors.filter(({ lines }) => lines > SCREEN)).toEqual([]);
  });
});

describe("components", () => {
  it("have constant type tokens, named after their folder and class", () => {
    // The base of all traffic policies puts room and name together; the name has to be the class's own all the same.
    const base = "components/traffic/declared-policy.ts";
    const policies = sources.flatMap((path) =>
      [
        ...readProjectFile(path).matchAll(
          /(?<!abstract )class (\w+) extends DeclaredPolicy[\s\S]*?super\(\s*([^,]+),/g,
        ),
      ].map(([, name, given]) => [path, given, `"${name}"`]),
    );
    expect(policies.length).toBeGreaterThanOrEqual(8);
    expect(policies.filter(([, given, expected]) => given !== expected)).toEqual([]);
    const tokens = sources
      .filter((path) => path !== base)
      .flatMap((path) => {
        const text = readProjectFile(path);
        return [
          ...text.matchAll(/class (\w+) extends pulumi\.ComponentResource[\s\S]*?super\(\s*([^,]+),/g),
        ].map(([, name, token]) => [path, token, `"mesh-platform:${path.split("/")[1]}:${name}"`]);
      });
    expect(tokens.length).toBeGreaterThanOrEqual(8);
    expect(tokens.filter(([, token, expected]) => token !== expected)).toEqual([]);
  });

  it("read no Pulumi config: that is the loader's alone", () => {
    const reading = sources.filter((path) =>
      /\bpulumi\.Config\b|new Config\(/.test(
        readProjectFile(path).replaceAll(/^\s*(\/\/|\*|\/\*\*).*$/gm, ""),
      ),
    );
    expect(reading).toEqual(["stacks/config/load.ts"]);
  });
});
