import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../components/lib/objects";
import type { MeshHandle } from "../components/mesh/mesh-handle";
import type { TrafficContext } from "../components/traffic/context";
import type { Fault, Place } from "../components/traffic/faults";
import { TrafficObjects } from "../components/traffic/traffic-objects";
import { ConfigError } from "./config/faults";
import type { TrafficConfig } from "./config/traffic-schema";
import { type PlannedPart, planHost } from "./traffic-host";
import { planSharedLimits } from "./traffic-limits";
import { planLists } from "./traffic-lists";
import { checkOwners } from "./traffic-owners";
import { ConfigPlace } from "./traffic-paths";
import { planScenarios } from "./traffic-scenarios";
import { type TrafficSurroundings, trafficSite } from "./traffic-site";
import { Hosts } from "./traffic-targets";

/** One entry of the section: what becomes one component. */
export interface TrafficPart extends PlannedPart {
  /** Its name in Pulumi. */
  readonly name: string;
  readonly at: Place;
  /** Whether it is an experiment. Default false. */
  readonly alone?: boolean;
  /** Objects with values that are made in a run, under the component. Default: none. */
  readonly secrets?: (parent: pulumi.Resource) => readonly KubeObject[];
}

export interface TrafficPlan {
  readonly parts: readonly TrafficPart[];
  /** Everything that is wrong, by its path in the config. Empty where the config was checked before. */
  readonly faults: readonly Fault[];
}

/** Keys of the section that ask for something. */
function asked(traffic: TrafficConfig): string[] {
  const says = (value: unknown): boolean =>
    Array.isArray(value)
      ? value.length > 0
      : typeof value === "object" && value !== null && Object.values(value).some((inner) => says(inner));
  return Object.entries(traffic)
    .filter(([key, value]) => (key === "hosts" ? Object.keys(value).length > 0 : says(value)))
    .map(([key]) => key);
}

/** All that the section asks for, to the last field, and all that is wrong with it. Touches nothing. */
export function planTrafficParts(traffic: TrafficConfig, around: TrafficSurroundings): TrafficPlan {
  const faults: Fault[] = [];
  const place = (path: string) => new ConfigPlace(path, faults);
  if (around.mesh === undefined) {
    for (const key of asked(traffic))
      place(`traffic.${key}`).fault(key, "none without a mesh", "set mesh, or take it away");
    return { parts: [], faults };
  }
  const site = trafficSite(around);
  const hosts = new Hosts(traffic.hosts, site);
  const parts: TrafficPart[] = [
    ...planScenarios(traffic.scenarios, site, place("traffic.scenarios")).map((part) => ({
      ...part,
      name: `scenario-${part.name}`,
      alone: true,
    })),
    ...Object.entries(traffic.hosts).map(([name, config]) => {
      const at = place(`traffic.hosts.${name}`);
      return { name: `host-${name}`, at, ...planHost(name, config, hosts, site, at) };
    }),
    ...planSharedLimits(traffic.rateLimits, site, place),
    ...planLists(traffic, site, place),
  ];
  const apps = site.routing.map(({ path, objects }) => ({ name: path, at: place(path), objects }));
  checkOwners([...apps, ...parts]);
  return { parts, faults: once(faults) };
}

/** A limit is looked at for the proxies and for the service; what is wrong with it is one fault all the same. */
const once = (faults: readonly Fault[]) =>
  faults.filter(
    ({ path, allowed }, index) =>
      faults.findIndex((other) => other.path === path && other.allowed === allowed) === index,
  );

/** The same for a config whose faults were told; throws where there are any. */
export function planTraffic(traffic: TrafficConfig, around: TrafficSurroundings): TrafficPlan {
  const plan = planTrafficParts(traffic, around);
  if (plan.faults.length > 0) throw new ConfigError(plan.faults);
  return plan;
}

/** What a composition's own traffic is made with. */
export interface TrafficProgramContext extends TrafficContext {
  readonly mesh: MeshHandle;
  /** For every policy: provider, and what has to be there before. */
  readonly options: pulumi.ComponentResourceOptions;
}

/** Traffic that a composition declares in TypeScript, beside that of the config and after the applications. */
export type TrafficProgram = (context: TrafficProgramContext) => void;

export interface TrafficContextOfStack {
  /** What has to be there before: the mesh, and the applications with their namespaces. */
  readonly after: readonly pulumi.Resource[];
  /** The step after which the API server answers. With it undone, these objects are gone too. */
  readonly cluster: pulumi.Resource;
  readonly provider: pulumi.ProviderResource;
}

export const trafficOptions = ({ after, cluster, provider }: TrafficContextOfStack) => ({
  provider,
  dependsOn: [...after],
  deletedWith: cluster,
});

/** Makes the objects, a component for each entry of the config. Returns the stack's outputs. */
export function buildTraffic({ parts }: TrafficPlan, context: TrafficContextOfStack) {
  const options = trafficOptions(context);
  for (const { name, ...args } of parts) new TrafficObjects(name, args, options);
  return { parts: parts.map(({ name }) => name) };
}
