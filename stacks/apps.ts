import * as pulumi from "@pulumi/pulumi";
import { AppNamespaces } from "../components/apps/namespaces";
import { atLeast } from "../components/lib/versions";
import type { MeshHandle } from "../components/mesh/mesh-handle";
import { type Injection, injectionLabel, isNeverInjected, revisionLabel } from "../components/mesh/namespace";
import { type Common, type PlannedApp, planApps } from "./app-plan";
import type { AppsConfig } from "./config/apps-schema";

export interface AppsContext {
  readonly apps: AppsConfig;
  readonly mesh: MeshHandle;
  readonly kubernetesVersion: string;
  /** The cluster's. */
  readonly provider: pulumi.ProviderResource;
  /** The step after which the API server answers. With it undone, these objects are gone too. Default: none. */
  readonly cluster?: pulumi.Resource | undefined;
  /** Beside the mesh: nodes for the pods. Default nothing. */
  readonly after?: readonly pulumi.Resource[];
  /** HOST or HOST:PORT at which the ingress gateway answers plain HTTP. Default: not known, so no URLs from outside. */
  readonly ingressAddress?: pulumi.Input<string> | undefined;
  /** Secret of the OAuth2 application that was made for Drone; from the key of that name. */
  readonly droneGiteaClientSecret?: pulumi.Input<string> | undefined;
}

export interface Apps {
  /** After these all applications answer. */
  readonly done: readonly pulumi.Resource[];
  /** By application: addresses inside the cluster and from outside. */
  readonly outputs: Readonly<Record<string, { inside?: string; outside?: pulumi.Output<string> }>>;
}

/** What the default labels of the mesh mean, in the words of a namespace. */
export function defaultInjection(labels: Readonly<Record<string, string>>): Injection | undefined {
  const revision = labels[revisionLabel];
  if (revision !== undefined) return { revision };
  return labels[injectionLabel] === "enabled" ? "enabled" : undefined;
}

/**
 * Which proxy the pods of a namespace get, in one word that changes when the proxy does. Pods that change hands are
 * started anew by it, also when Istio is upgraded in place: a running pod keeps its old proxy for ever.
 */
export function proxyName(
  mesh: Pick<MeshHandle, "version" | "revision" | "controlPlanes" | "tags">,
  injection: Injection | undefined,
): string | undefined {
  if (injection === undefined || injection === "disabled" || injection === "ambient") return undefined;
  const named =
    injection === "enabled" ? mesh.revision : (mesh.tags[injection.revision] ?? injection.revision);
  const revision = named ?? "";
  const plane = mesh.controlPlanes.find((one) => one.revision === revision);
  return [revision === "" ? "default" : revision, plane?.version ?? mesh.version].join("/");
}

/**
 * How long pods wait for callers to hear that they leave. An API server before 1.30 drops the field and then refuses a
 * preStop that says nothing.
 */
const drainSeconds = (kubernetesVersion: string) => (atLeast(kubernetesVersion, "1.30") ? 5 : 0);

/** How each namespace of the applications gets into the mesh, sorted by name. */
export function appNamespaces(apps: AppsConfig, labels: Readonly<Record<string, string>>) {
  const names = new Set(planApps(apps).map(({ namespace }) => namespace));
  return [...names].sort().map((name) => {
    const usual = isNeverInjected(name) ? undefined : defaultInjection(labels);
    return { name, injection: apps.injection[name] ?? usual };
  });
}

/** Host and page as a client writes them; one without a name comes by the gateway's address. */
function outsideUrl({ hosts, page }: PlannedApp, address: pulumi.Input<string> | undefined) {
  const [host] = hosts;
  if (page === undefined || host === undefined || address === undefined) return undefined;
  return pulumi.output(address).apply((where) => {
    if (host.startsWith("*")) return `http://${where}${page}`;
    const port = /:(\d+)$/.exec(where)?.[0] ?? "";
    return `http://${host}${port}${page}`;
  });
}

/** All applications of a config. They come after the mesh, since a pod that is there before it gets no proxy. */
export function buildApps(context: AppsContext): Apps {
  const { apps, mesh, provider, cluster, ingressAddress } = context;
  const plans = planApps(apps, context.droneGiteaClientSecret);
  if (plans.length === 0) return { done: [], outputs: {} };
  const before = [...mesh.ready, ...(context.after ?? [])];
  const namespaces = appNamespaces(apps, mesh.injectionLabels);
  const made = new AppNamespaces("app-namespaces", { namespaces, after: before, cluster }, { provider });
  const injections = new Map(namespaces.map(({ name, injection }) => [name, injection]));
  const done = plans.flatMap((plan) => {
    const pods = {
      proxy: proxyName(mesh, injections.get(plan.namespace)),
      drainSeconds: drainSeconds(context.kubernetesVersion),
    };
    const common: Common = { mesh, pods };
    const space = made.byName.get(plan.namespace);
    const after = [...before, ...(space === undefined ? [] : [space])];
    return plan.declare({ ...common, after, cluster }, { provider });
  });
  const outputs = plans.map((plan) => {
    const outside = mesh.ingress === undefined ? undefined : outsideUrl(plan, ingressAddress);
    const inside = plan.inside === undefined ? {} : { inside: plan.inside };
    return [plan.name, { ...inside, ...(outside === undefined ? {} : { outside }) }] as const;
  });
  return { done, outputs: Object.fromEntries(outputs) };
}
