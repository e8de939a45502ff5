import type { MirrorGroup } from "../components/sandbox/mirror/items";
import type { Config } from "./config/schema";

/** Settings of the add-ons that are no program. */
const noPrograms = { namespace: false, metrics: false, alerts: false };

/** What the sandbox's mirror has to hold beside the cluster's own parts: what the stack runs, since it is minutes of building. */
export function mirrorGroups({ mesh, addons, apps, gateways, traffic }: Config): MirrorGroup[] {
  const wanted = (section: object) => Object.values(section).some((part) => isWanted(part));
  // nginx, and the limits' service with its Redis, are among them.
  const byPolicies = { edge: gateways.edge, rateLimits: traffic.rateLimits.global };
  return [
    ...(mesh === false ? [] : (["mesh"] as const)),
    ...(wanted({ ...addons, ...noPrograms, jaeger: false, ...byPolicies }) ? (["addons"] as const) : []),
    ...(addons.jaeger === false ? [] : (["tracing"] as const)),
    ...(wanted({ ...apps, injection: false }) ? (["apps"] as const) : []),
  ];
}

const isWanted = (part: unknown) =>
  Array.isArray(part) ? part.length > 0 : part !== false && part !== undefined;
