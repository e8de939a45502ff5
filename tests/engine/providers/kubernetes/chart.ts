/** Functions: charts by the helm program, and YAML. Neither asks a cluster. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../../components/lib/objects";
import { clusterScoped } from "../../../../components/lib/scopes";
import { findHelm } from "../../../../scripts/lib/helm";
import { type PlainMap, plain, type ValueMap } from "../values";
import { keptRendering } from "./chart-cache";

interface Options {
  readonly chart: string;
  readonly path?: string;
  readonly version?: string;
  readonly fetch_opts?: { readonly repo?: string };
  readonly release_name: string;
  readonly namespace?: string;
  readonly values?: unknown;
  readonly kube_version?: string;
  readonly api_versions?: readonly string[];
  readonly skip_crd_rendering?: boolean;
}

const UNDERSTOOD = [
  ...["chart", "path", "version", "fetch_opts", "release_name", "namespace", "values"],
  ...["kube_version", "api_versions", "skip_crd_rendering"],
];

/** `kubernetes:helm:template`. */
export async function helmTemplate(args: ValueMap): Promise<ValueMap> {
  const options = JSON.parse(textOf(args, "jsonOpts")) as Options;
  refuseOthers(Object.keys(options), UNDERSTOOD);
  refuseOthers(Object.keys(options.fetch_opts ?? {}), ["repo"]);
  // Where the chart is does not matter to what it is: one without its schema is a new copy each time.
  const { path: _path, chart: _chart, ...settings } = options;
  try {
    const render = () => rendered(options);
    return { result: await keptRendering(chartOf(options), { helm: findHelm(), ...settings }, render) };
  } catch (error) {
    const reason = (error as Error).message;
    throw new Error(`failed to generate YAML for specified Helm chart: ${reason}`);
  }
}

async function rendered(options: Options): Promise<ValueMap[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "stand-in-helm-"));
  try {
    const values = path.join(folder, "values.json");
    writeFileSync(values, JSON.stringify(options.values ?? {}));
    const text = await runHelm([...argumentsOf(options), "--values", values]);
    return decode(text, options.namespace ?? "default");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const chartOf = (options: Options): string =>
  options.path === undefined ? options.chart : path.join(options.path, options.chart);

/** `kubernetes:yaml:decode`. */
export function decodeYaml(args: ValueMap): ValueMap {
  const namespace = plain(args.defaultNamespace ?? null);
  return { result: decode(textOf(args, "text"), typeof namespace === "string" ? namespace : "") };
}

function argumentsOf(options: Options): string[] {
  const optional = (name: string, value: string | undefined) => (value ? [name, value] : []);
  return [
    ...[
      "template",
      options.release_name,
      chartOf(options),
      "--namespace",
      options.namespace ?? "default",
      "--skip-tests",
    ],
    ...(options.skip_crd_rendering ? [] : ["--include-crds"]),
    ...optional("--version", options.version),
    ...optional("--repo", options.fetch_opts?.repo),
    ...optional("--kube-version", options.kube_version),
    ...(options.api_versions ?? []).flatMap((api) => ["--api-versions", api]),
  ];
}

function runHelm(args: readonly string[]): Promise<string> {
  const helm = findHelm();
  if (helm === undefined) throw new Error("the helm program is not there; get it with: npm run setup");
  return new Promise((resolve, reject) => {
    const child = spawn(helm, args, { stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0 ? resolve(output.stdout) : reject(new Error(output.stderr.trim().replace(/^Error: /, ""))),
    );
  });
}

/** Objects of a text; those of kinds that are not known to stand apart from namespaces get the default one. */
function decode(text: string, namespace: string): ValueMap[] {
  const documents = parseAllDocuments(text, { schema: "yaml-1.1", merge: true, customTags: likeGo });
  const objects = documents.flatMap((document) => {
    if (document.errors[0]) throw document.errors[0];
    const value = document.toJS() as PlainMap | null;
    return value?.kind && value.apiVersion ? [value] : [];
  });
  const isClusterScoped = clusterScoped([]);
  return objects.map((object) => {
    const metadata = (object.metadata ?? {}) as PlainMap;
    const placed = namespace === "" || metadata.namespace || isClusterScoped(object as unknown as KubeObject);
    return (placed ? object : { ...object, metadata: { ...metadata, namespace } }) as ValueMap;
  });
}

/** Kubernetes reads YAML 1.1 as Go does it: neither 12:30 nor 2026-01-01 is anything but text. */
function likeGo<Tag>(tags: Tag[]): Tag[] {
  return tags.filter((tag) => {
    const { tag: name, format } = tag as { tag?: string; format?: string };
    return format !== "TIME" && name !== "tag:yaml.org,2002:timestamp";
  });
}

function textOf(args: ValueMap, name: string): string {
  const value = plain(args[name] ?? null);
  if (typeof value !== "string") throw new Error(`missing required field '${name}' of type string`);
  return value;
}

function refuseOthers(names: readonly string[], understood: readonly string[]): void {
  const others = names.filter((name) => !understood.includes(name));
  if (others.length > 0) {
    throw new Error(`the stand-in provider does not implement ${others.join(", ")} of a chart`);
  }
}
