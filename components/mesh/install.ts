import type { IstioChart } from "../artifacts/charts";
import type { KubeObject } from "../lib/objects";
import { minorOf } from "../lib/versions";
import type { ControlPlaneSettings, GatewaySettings, MeshSettings, Values } from "./mesh-settings";
import { controlPlaneFor, defaultRevision } from "./revisions";
import { baseValues, cniValues, gatewayRevision, gatewayValues, istiodValues, ztunnelValues } from "./values";

/** From here on Istio publishes its charts; before, istioctl is the way. */
export const FIRST_CHARTS = "1.12";

/**
 * Versions whose gateway chart has a schema that allows no key at its top: older Helm ignored that, today's
 * refuses everything. By minor, the first patch in which it was mended; none was for the first four.
 */
const brokenGatewaySchema: Readonly<Record<string, number>> = {
  "1.21": Number.POSITIVE_INFINITY,
  "1.22": Number.POSITIVE_INFINITY,
  "1.23": Number.POSITIVE_INFINITY,
  "1.24": Number.POSITIVE_INFINITY,
  "1.25": 5,
  "1.26": 4,
  "1.27": 1,
};

/** Whether the values of the gateway chart cannot be checked by Helm. */
export const hasBrokenSchema = (version: string): boolean =>
  Number(version.split(".")[2]?.split("-")[0]) < (brokenGatewaySchema[minorOf(version)] ?? 0);

/** One chart, rendered once. */
export interface Release {
  readonly chart: IstioChart;
  /** Version of the chart, which is that of Istio. */
  readonly version: string;
  /** Helm's name of it; stands in labels. */
  readonly name: string;
  readonly namespace: string;
  readonly values: Values;
  /** The chart's own schema refuses every value, with a Helm that reads it by the letter. Default false. */
  readonly skipSchemaValidation?: boolean;
}

export interface ControlPlaneRelease extends Release {
  readonly revision: string;
}

export interface GatewayRelease extends Release {
  readonly gateway: GatewaySettings;
}

/** All charts of a mesh by the order in which they are installed. */
export interface InstallPlan {
  readonly base?: Release;
  readonly cni?: Release;
  readonly controlPlanes: readonly ControlPlaneRelease[];
  readonly ztunnel?: Release;
  readonly gateways: readonly GatewayRelease[];
}

/** Numbers of a version; a release comes after the versions before it, and a rebuilt one after the first build. */
const rank = (version: string): number[] => {
  const [release = "", ...pre] = version.split("-");
  const numbers = (text: string) => (text.match(/\d+/g) ?? []).map(Number);
  return [...numbers(release), pre.length === 0 ? 1 : 0, ...numbers(pre.join("-"))];
};

function isNewer(a: string, b: string): boolean {
  const [left, right] = [rank(a), rank(b)];
  for (let place = 0; place < Math.max(left.length, right.length); place++) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** The version that what there is only once follows: CRDs of a newer Istio serve an older one too, not the reverse. */
export const newestVersion = (planes: readonly ControlPlaneSettings[]): string =>
  planes.map(({ version }) => version).reduce((a, b) => (isNewer(a, b) ? a : b));

/** Which charts with which values. */
export function planInstall(settings: MeshSettings): InstallPlan {
  const { namespace, components, controlPlanes } = settings;
  const version = newestVersion(controlPlanes);
  // One per node whatever the number of control planes: they follow the default one.
  const main = controlPlaneFor(settings, defaultRevision(settings));
  const release = (chart: IstioChart, name: string, values: Values): Release => ({
    chart,
    version: chart === "base" ? version : main.version,
    name,
    namespace,
    values,
  });
  return {
    ...(components.base ? { base: release("base", "istio-base", baseValues(settings)) } : {}),
    ...(components.cni || components.ambient
      ? { cni: release("cni", "istio-cni", cniValues(settings, main)) }
      : {}),
    controlPlanes: components.istiod
      ? controlPlanes.map((plane) => ({
          chart: "istiod" as const,
          version: plane.version,
          name: plane.revision === "" ? "istiod" : `istiod-${plane.revision}`,
          namespace,
          values: istiodValues(settings, plane),
          revision: plane.revision,
        }))
      : [],
    ...(components.ambient ? { ztunnel: release("ztunnel", "ztunnel", ztunnelValues(settings, main)) } : {}),
    gateways: settings.gateways.map((gateway) => {
      const { version } = controlPlaneFor(settings, gatewayRevision(settings, gateway));
      return {
        chart: "gateway" as const,
        version,
        name: gateway.name,
        namespace: gateway.namespace,
        values: gatewayValues(settings, gateway),
        ...(hasBrokenSchema(version) ? { skipSchemaValidation: true } : {}),
        gateway,
      };
    }),
  };
}

/** The objects of each chart. */
export interface RenderedInstall {
  readonly base: readonly KubeObject[];
  readonly cni: readonly KubeObject[];
  readonly controlPlanes: readonly { readonly revision: string; readonly objects: readonly KubeObject[] }[];
  readonly ztunnel: readonly KubeObject[];
  readonly gateways: readonly {
    readonly gateway: GatewaySettings;
    readonly objects: readonly KubeObject[];
  }[];
}

/** Renders every chart of a plan, one after the other, by whatever can render one. */
export async function renderInstall(
  plan: InstallPlan,
  render: (release: Release) => Promise<readonly KubeObject[]>,
): Promise<RenderedInstall> {
  const perhaps = async (release: Release | undefined) => (release === undefined ? [] : render(release));
  const base = await perhaps(plan.base);
  const cni = await perhaps(plan.cni);
  const controlPlanes = [];
  for (const release of plan.controlPlanes) {
    controlPlanes.push({ revision: release.revision, objects: await render(release) });
  }
  const ztunnel = await perhaps(plan.ztunnel);
  const gateways = [];
  for (const release of plan.gateways) {
    gateways.push({ gateway: release.gateway, objects: await render(release) });
  }
  return { base, cni, controlPlanes, ztunnel, gateways };
}
