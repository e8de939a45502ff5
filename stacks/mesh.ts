import type * as pulumi from "@pulumi/pulumi";
import { type IstioArtifacts, type IstioSource, istioArtifacts } from "../components/artifacts/charts";
import type { Machine } from "../components/hosts/machine";
import { renderChart } from "../components/lib/chart";
import type { KubeObject } from "../components/lib/objects";
import { type InstallPlan, planInstall, type Release, renderInstall } from "../components/mesh/install";
import { installByIstioctl } from "../components/mesh/istioctl";
import { Mesh } from "../components/mesh/mesh";
import type { MeshHandle } from "../components/mesh/mesh-handle";
import type { MeshSettings } from "../components/mesh/mesh-settings";
import { type Stage, stageMesh, stagePolicies } from "../components/mesh/mesh-stages";
import type { Platform } from "./config/load";
import type { MeshConfig } from "./config/mesh-schema";
import { type ChartValues, installsByIstioctl, resolveMesh } from "./mesh-settings";

/** A mesh that is known to the last field, before there is a cluster. */
export interface PlannedMesh {
  readonly settings: MeshSettings;
  readonly stages: readonly Stage[];
  /** The program to run first, for versions without charts. */
  readonly istioctl?: ReturnType<IstioArtifacts["istioctl"]>;
}

export interface MeshSource {
  /** The platform's artifacts by kind; `folder` is that of the sandbox's mirror, `files` its address. */
  readonly artifacts: Platform["config"]["artifacts"];
  /** Where the sandbox serves a mirror of its own. */
  readonly mirror?: { readonly folder: string; readonly files: string } | undefined;
}

/** Where Istio comes from, for each kind of artifacts. Public mirrors carry no charts, so that they mean upstream. */
export function istioSource(mesh: MeshConfig, { artifacts, mirror }: MeshSource): IstioSource {
  const { hub, charts } = mesh;
  if (charts?.startsWith("/")) return { kind: "folder", folder: charts, files: mirror?.files, hub };
  if (charts !== undefined) return { kind: "repository", repository: charts, hub };
  if (mirror !== undefined)
    return { kind: "folder", folder: `${mirror.folder}/files/charts`, files: mirror.files, hub };
  return artifacts.kind === "mirror"
    ? { kind: "files", files: artifacts.files, hub }
    : { kind: "upstream", hub };
}

/** Renders one chart by Helm, with the schema that it carries. */
const rendererOf =
  (source: IstioArtifacts, kubernetesVersion: string) =>
  ({
    chart,
    version,
    name,
    namespace,
    values,
    skipSchemaValidation = false,
  }: Release): Promise<readonly KubeObject[]> =>
    renderChart({
      chart: source.chart(chart, version),
      releaseName: name,
      namespace,
      values,
      kubeVersion: kubernetesVersion,
      includeCrds: true,
      skipSchemaValidation,
    });

/** Everything about the mesh that can be known before the first resource; asks no cluster. */
export async function planMesh(
  mesh: MeshConfig,
  kubernetes: { readonly version: string; readonly dnsDomain: string },
  source: MeshSource,
  below: ChartValues = {},
): Promise<PlannedMesh> {
  const settings = resolveMesh(mesh, { dnsDomain: kubernetes.dnsDomain, below });
  const artifacts = istioArtifacts(istioSource(mesh, source));
  if (installsByIstioctl(mesh)) {
    return { settings, stages: stagePolicies(settings), istioctl: artifacts.istioctl(mesh.version) };
  }
  const plan: InstallPlan = planInstall(settings);
  const rendered = await renderInstall(plan, rendererOf(artifacts, kubernetes.version));
  return { settings, stages: stageMesh(settings, rendered) };
}

export interface BuildMeshArgs {
  /** A control plane, for what is done by istioctl. */
  readonly seat: Machine;
  /** The step after which the API server answers. */
  readonly cluster: pulumi.Resource;
  /** Pod network, and nodes on which pods run. */
  readonly after: readonly pulumi.Resource[];
  readonly parent: pulumi.Resource;
}

/** Makes it. The provider of the cluster comes with the options. */
export function buildMesh(
  { settings, stages, istioctl }: PlannedMesh,
  { seat, cluster, after, parent }: BuildMeshArgs,
  options: pulumi.ComponentResourceOptions,
): MeshHandle {
  const program =
    istioctl === undefined
      ? []
      : [installByIstioctl({ seat, settings, program: istioctl, parent, after: [cluster, ...after] })];
  return new Mesh("mesh", { settings, stages, cluster, after: [...after, ...program] }, options).handle;
}
