import type * as pulumi from "@pulumi/pulumi";
import type { Machine } from "../components/hosts/machine";
import { renderChart } from "../components/lib/chart";
import { describeMesh } from "../components/mesh/mesh";
import { meshProfileValues } from "../components/sandbox/mesh-profile";
import { buildAddons } from "./addons";
import { planAddons } from "./addons-plan";
import { buildApps } from "./apps";
import type { Foundation } from "./foundation";
import { buildGateways, type IngressAddresses } from "./gateways";
import { buildMesh, type PlannedMesh, planMesh } from "./mesh";
import { buildTraffic, planTraffic, type TrafficProgram, trafficOptions } from "./traffic";
import { trafficSurroundings } from "./traffic-site";

/** Mesh, add-ons and applications, to the last field. */
export type InClusterPlan = Awaited<ReturnType<typeof planInCluster>>;

/**
 * Works out all that will run in the cluster beside its own parts. Charts are rendered here, before the first step on
 * a host, so that a mistake in their values costs nothing.
 */
export async function planInCluster({ platform, mirror, hosts, protect }: Foundation) {
  const { kubernetes, runtime, ...config } = platform.config;
  const source = { artifacts: config.artifacts, mirror };
  const mesh =
    config.mesh === false
      ? undefined
      : await planMesh(config.mesh, kubernetes, source, mirror === undefined ? {} : stockEnvoy());
  const nodes = hosts.all.filter(({ gone }) => !gone).map(({ address }) => address);
  const addons = await planAddons(config.addons, {
    mesh: mesh && describeMesh(mesh.settings),
    kubernetesVersion: kubernetes.version,
    nodeAddresses: nodes,
    metrics: mirror === undefined ? "istio" : "envoy",
    logFormat: runtime.kind === "containerd" ? "cri" : "docker",
    renderChart,
  });
  return {
    mesh,
    addons,
    apps: config.apps,
    kubernetesVersion: kubernetes.version,
    traffic: planTraffic(config.traffic, trafficSurroundings(platform)),
    gateways: config.gateways,
    certificates: platform.gatewayCertificates,
    ingress: ingressAddresses(mesh, nodes),
    protect,
    droneGiteaClientSecret: platform.droneGiteaClientSecret,
  };
}

/** Where clients find the ingress gateway, as far as the config says it: by ports of every node. */
function ingressAddresses(mesh: PlannedMesh | undefined, nodes: readonly string[]): IngressAddresses {
  const expose = mesh?.settings.gateways.find(({ direction }) => direction === "ingress")?.expose;
  const at = (name: string) => {
    const port = expose?.kind === "nodePort" ? expose.nodePorts?.[name] : undefined;
    return port === undefined ? undefined : `${nodes.at(-1)}:${port}`;
  };
  return { http: at("http2"), https: at("https") };
}

/** The proxies of the sandbox's own mirror are a stock Envoy; Istio's build of it needs none of these values. */
const stockEnvoy = () =>
  Object.fromEntries(
    (["istiod", "gateway", "cni"] as const).map((chart) => [chart, meshProfileValues(chart)]),
  );

export interface InClusterArgs {
  /** A control plane, for what is done by istioctl. */
  readonly seat: Machine;
  /** The step after which the API server answers. */
  readonly cluster: pulumi.Resource;
  /** Nodes with a pod network and names, on which pods run. */
  readonly after: readonly pulumi.Resource[];
  /** Parent of steps on the seat. */
  readonly parent: pulumi.Resource;
  readonly provider: pulumi.ProviderResource;
  /** What the composition itself declares in the mesh. Default: nothing. */
  readonly traffic?: TrafficProgram | undefined;
}

/** Makes it: mesh, add-ons, applications, ways in, traffic, each after what it needs. Returns the stack's outputs. */
export function buildInCluster(plan: InClusterPlan, args: InClusterArgs) {
  const { provider, cluster, after } = args;
  const mesh = plan.mesh && buildMesh(plan.mesh, args, { provider });
  const before = [cluster, ...after];
  const { done: _, ...addons } = buildAddons(
    plan.addons,
    // The mesh's namespace, where most of them live, is the first of what makes it ready.
    { after: mesh === undefined ? before : [...before, ...mesh.ready] },
    { provider, deletedWith: cluster },
  );
  const apps =
    mesh &&
    buildApps({
      ...args,
      apps: plan.apps,
      kubernetesVersion: plan.kubernetesVersion,
      mesh,
      after: before,
      ingressAddress: plan.ingress.http,
      droneGiteaClientSecret: plan.droneGiteaClientSecret,
    });
  // Applications bring the namespaces of routes and policies.
  const withApps = [...before, ...(mesh?.ready ?? []), ...(apps?.done ?? [])];
  const { routes, edge } = plan.gateways;
  const gateways =
    mesh && (routes.length > 0 || edge !== false)
      ? buildGateways({
          ...plan,
          addresses: plan.ingress,
          mesh,
          after: withApps,
          cluster,
          provider,
        })
      : undefined;
  const place = { after: withApps, cluster, provider };
  const traffic = plan.traffic.parts.length === 0 ? undefined : buildTraffic(plan.traffic, place);
  if (mesh !== undefined) args.traffic?.({ ...mesh, mesh, options: trafficOptions(place) });
  return {
    ...(mesh === undefined ? {} : { mesh: { version: mesh.version, ingress: plan.ingress.http } }),
    ...(gateways === undefined ? {} : { gateways }),
    ...(traffic === undefined ? {} : { traffic }),
    ...(Object.keys(addons.dashboards).length > 0 ? addons : {}),
    ...(apps === undefined ? {} : { apps: apps.outputs }),
  };
}
