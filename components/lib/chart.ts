import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { copyWithoutSchema } from "./chart-copy";
import { tidyChart } from "./chart-objects";
import type { KubeObject } from "./objects";

/** Where a chart is. */
export type ChartSource =
  /** In a repository: `https://…` with an index, or `oci://…` of a registry. */
  | { readonly repo: string; readonly name: string; readonly version: string }
  /** On its own: a folder or a .tgz of this computer, or the address of a .tgz. */
  | { readonly path: string; readonly name: string }
  /** In a registry, by its whole address: `oci://registry/charts/istiod`. */
  | { readonly oci: string; readonly version: string };

export interface ChartArgs {
  readonly chart: ChartSource;
  /** Helm's release name, which charts put into names and labels. */
  readonly releaseName: string;
  /** Namespace of the objects that name none. */
  readonly namespace: string;
  /** Plain values; they decide which objects there are. Default: the chart's own. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Version of Kubernetes that the chart is told, three numbers. It must not depend on whether a cluster answers. */
  readonly kubeVersion: string;
  /** APIs (`group/version` or `group/version/Kind`) that the chart finds beside those of Kubernetes. Default none. */
  readonly apiVersions?: readonly string[];
  /** Whether to render definitions of custom resources, from `crds/` and from templates alike. Default true. */
  readonly includeCrds?: boolean;
  /**
   * Whether to pass over the schema that the chart brings for its values: for charts whose schema is wrong. Only for a
   * chart of this computer, since the provider itself has no such switch. Default false.
   */
  readonly skipSchemaValidation?: boolean;
}

/** A kubeconfig without any cluster in it, so that neither a file of this computer nor KUBECONFIG is looked at. */
const noCluster = JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [], contexts: [], users: [] });

/**
 * A provider that renders charts. It is apart from the cluster's own because that one is configured with values of the
 * first `up`, and until then answers nothing; this one never has a cluster to ask.
 */
export const chartProvider = (name = "charts", options: pulumi.ResourceOptions = {}): k8s.Provider =>
  new k8s.Provider(name, { kubeconfig: noCluster }, options);

/** One for all charts of a stack; a new stack, as each test makes one, gets its own. */
const shared = new WeakMap<object, k8s.Provider>();

function sharedProvider(): k8s.Provider {
  const stack = pulumi.runtime.getStackResource();
  if (stack === undefined)
    throw new Error("charts are rendered by a provider, which only a Pulumi program has");
  const provider = shared.get(stack) ?? chartProvider();
  shared.set(stack, provider);
  return provider;
}

/**
 * The objects of a chart, as Helm's `template` gives them: definitions first, then by kind and name; without tests.
 * Works in a preview, before there is any cluster. All charts share one `chartProvider` unless they are given one.
 */
export async function renderChart(args: ChartArgs, provider = sharedProvider()): Promise<KubeObject[]> {
  const jsonOpts = JSON.stringify(chartOptions(args));
  refuseMissing(args.chart);
  const answer: { readonly result?: readonly KubeObject[] } | undefined = await pulumi.runtime
    .invoke("kubernetes:helm:template", { jsonOpts }, { provider })
    .catch((error: Error) => {
      throw chartFault(args, error);
    });
  // A provider whose configuration is not known yet answers every question with nothing, and no error.
  if (answer?.result === undefined) {
    throw new Error(
      `the chart of the release ${args.releaseName} was not rendered: its provider is not configured yet; ` +
        "take one of chartProvider()",
    );
  }
  return tidyChart(answer.result, args);
}

/** The words of the official provider's function for a chart. */
export function chartOptions(args: ChartArgs): Readonly<Record<string, unknown>> {
  const found = findOutput(args.values, "values");
  if (found !== undefined) {
    throw new Error(
      `${found} of the release ${args.releaseName} is an output; a chart takes plain values only, since they decide ` +
        "which objects there are: put the value into a Secret that the chart names",
    );
  }
  return {
    ...placeOf(args.skipSchemaValidation === true ? copyWithoutSchema(args.chart) : args.chart),
    release_name: args.releaseName,
    namespace: args.namespace,
    values: args.values ?? {},
    kube_version: args.kubeVersion,
    ...(args.apiVersions === undefined ? {} : { api_versions: args.apiVersions }),
    skip_crd_rendering: args.includeCrds === false,
  };
}

/**
 * What the provider says of a chart that it could not get or render, with its address and what to change. A RunError, so
 * that Pulumi prints the message without a stack trace.
 */
export function chartFault({ chart, releaseName }: ChartArgs, { message }: Error): pulumi.RunError {
  const reason = withoutLogin(message.replace(/^.*returned an error:\s*/s, "").trim());
  const unreachable =
    /dial tcp|no such host|lookup |i\/o timeout|connection re|TLS|x509|: 4\d\d|: 5\d\d|not found|failed to (fetch|download|pull)|cannot be reached|deadline/i;
  const remote = !("path" in chart) || /^https?:/.test(chart.path);
  const change =
    remote && unreachable.test(reason)
      ? "make the address reachable from this computer (behind a proxy, set HTTPS_PROXY), correct the version, or name " +
        "another source of charts: see mesh.charts and artifacts in docs/config.md"
      : "correct what the reason names: the values, or the version of the chart";
  return new pulumi.RunError(
    `the chart ${nameOf(chart)} of the release ${releaseName} cannot be rendered\n` +
      `  address: ${addressOf(chart)}\n  reason: ${reason}\n  change: ${change}`,
  );
}

const nameOf = (chart: ChartSource): string => {
  const name = "oci" in chart ? (chart.oci.split("/").at(-1) ?? "") : chart.name;
  return "version" in chart ? `${name} ${chart.version}` : name;
};

/** Without a login that it may hold. */
const addressOf = (chart: ChartSource): string => {
  const address = "oci" in chart ? chart.oci : "repo" in chart ? chart.repo : chart.path;
  return withoutLogin(address);
};

const withoutLogin = (text: string): string => text.replaceAll(/:\/\/[^/@\s]*@/g, "://");

function placeOf(chart: ChartSource): Readonly<Record<string, unknown>> {
  if ("oci" in chart) return { chart: chart.oci, version: chart.version };
  if ("repo" in chart) {
    return chart.repo.startsWith("oci://")
      ? { chart: `${chart.repo.replace(/\/$/, "")}/${chart.name}`, version: chart.version }
      : { chart: chart.name, version: chart.version, fetch_opts: { repo: chart.repo } };
  }
  if (!/^https?:\/\//.test(chart.path)) {
    const path = resolve(chart.path);
    return { path: dirname(path), chart: basename(path) };
  }
  // From such an address the provider reads the chart's name up to the first hyphen, and then misses the folder.
  if (chart.name.includes("-")) {
    throw new Error(
      `the chart ${chart.name} cannot be taken from the address ${chart.path}: its name has a hyphen; ` +
        "take it from a repository, or download the file",
    );
  }
  return { chart: chart.path };
}

/** A chart of this computer that is not there would else be told by the provider, which knows no remedy. */
function refuseMissing(chart: ChartSource): void {
  if (!("path" in chart) || /^https?:/.test(chart.path) || existsSync(resolve(chart.path))) return;
  throw new pulumi.RunError(
    `the chart ${chart.name} is not at ${resolve(chart.path)}; for a sandbox's own mirror ` +
      "`npm run mirror -- --charts` makes it within seconds, any other folder has to be filled by you",
  );
}

/** Path of the first output in values. */
function findOutput(value: unknown, path: string): string | undefined {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return path;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, inner] of Object.entries(value)) {
    const found = findOutput(inner, `${path}.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
