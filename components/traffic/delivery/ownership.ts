import { RunError } from "@pulumi/pulumi";
import { fieldOf, itemsAt, textAt, textsAt, unknownBelow } from "../../lib/fields";
import { type KubeObject, titleOf } from "../../lib/objects";
import { kindOf, namespaceOf } from "../../lib/workloads";
import { canaryKind } from "../analysis/kinds";
import type { CanaryArgs } from "./canary-types";

/** What belongs to Flagger from the first moment of a Canary on. */
export interface Ownership {
  /** The Canary, as messages name it. */
  readonly owner: string;
  readonly namespace: string;
  /** Services that it makes, or takes over: the one that is called, and those of the old and the new version. */
  readonly services: readonly string[];
  /** Hosts that its VirtualService routes, in the shortest form that is without doubt: `ad.weather`. */
  readonly routed: readonly string[];
  /** Hosts that it makes DestinationRules for; one for the called Service would reach nobody. */
  readonly destinations: readonly string[];
}

/** `ad`, `ad.weather` and `ad.weather.svc.cluster.local` of namespace `weather` as `ad.weather`; others as they are. */
export function plainHost(host: string, namespace: string): string {
  const [name = "", place = namespace, ...rest] = host.split(".");
  return rest.length === 0 || rest[0] === "svc" ? `${name}.${place}` : host;
}

/** As much of a Canary as decides what it owns. */
export type OwningCanary = Pick<CanaryArgs, "name" | "namespace" | "hosts">;

/** The Canaries among declared objects, whoever declares them. */
export const canariesAmong = (objects: readonly KubeObject[]): OwningCanary[] =>
  objects
    .filter((object) => kindOf(object) === canaryKind && unknownBelow(object, "") === undefined)
    .map((canary) => ({
      name: textAt(canary, "spec.service.name") ?? textAt(canary, "spec.targetRef.name") ?? "",
      namespace: namespaceOf(canary),
      hosts: textsAt(canary, "spec.service.hosts"),
    }));

export function canaryOwns({ name, namespace, hosts = [] }: OwningCanary): Ownership {
  const services = [name, `${name}-primary`, `${name}-canary`];
  const plain = services.map((service) => plainHost(service, namespace));
  return {
    owner: `Canary ${namespace}/${name}`,
    namespace,
    services,
    routed: [...new Set([...hosts.map((host) => plainHost(host, namespace)), ...plain])],
    destinations: plain,
  };
}

/** Why an object may not be beside a Canary. */
interface Conflict {
  readonly object: string;
  readonly reason: string;
  readonly change: string;
}

const look: Readonly<Record<string, (object: KubeObject, owned: Ownership) => Omit<Conflict, "object">[]>> = {
  "networking.istio.io/VirtualService": (object, { owner, routed }) =>
    itemsAt(object, "spec.hosts")
      .map((path) => String(fieldOf(object, path)))
      .filter((host) => routed.includes(plainHost(host, namespaceOf(object))))
      .map((host) => ({ reason: `${owner} routes ${host}`, change: "say its routes in the Canary" })),
  "networking.istio.io/DestinationRule": (object, { owner, destinations }) => {
    const host = textAt(object, "spec.host") ?? "";
    return destinations.includes(plainHost(host, namespaceOf(object)))
      ? [{ reason: `${owner} has a rule for ${host} made`, change: "say it as trafficPolicy of the Canary" }]
      : [];
  },
  Service: (object, { owner, namespace, services }) =>
    namespaceOf(object) === namespace && services.includes(object.metadata.name)
      ? [{ reason: `${owner} has it made, and changes its selector at each release`, change: "remove it" }]
      : [],
};

/** Objects that Flagger and the program would write over each other's heads, and Canaries that share a host. */
export function conflictsOf(canaries: readonly OwningCanary[], objects: readonly KubeObject[]): Conflict[] {
  const owned = canaries.map(canaryOwns);
  const twice = owned.flatMap(({ owner, routed }, index) => {
    const before = owned.slice(0, index).find((other) => other.routed.some((host) => routed.includes(host)));
    if (before === undefined) return [];
    return [
      { object: owner, reason: `${before.owner} has a host of it too`, change: "leave the host to one" },
    ];
  });
  // Of an object that is not known in full nothing can be said before `up`.
  const known = objects.filter((object) => kindOf(object) in look && unknownBelow(object, "") === undefined);
  const seconds = known.flatMap((object) =>
    owned.flatMap((one) =>
      (look[kindOf(object)]?.(object, one) ?? []).map((rest) => ({ object: titleOf(object), ...rest })),
    ),
  );
  return [...twice, ...seconds];
}

/** Throws all conflicts at once. For compositions, which have both at hand; the analysis looks at whole programs. */
export function refuseSecondOwners(canaries: readonly OwningCanary[], objects: readonly KubeObject[]): void {
  const conflicts = conflictsOf(canaries, objects);
  if (conflicts.length === 0) return;
  const lines = conflicts.map(
    ({ object, reason, change }) => `  ${object}\n    ${reason}\n    change: ${change}`,
  );
  throw new RunError(`Objects with two owners; nothing was declared.\n\n${lines.join("\n\n")}\n`);
}

/** Lists of destinations with weights, by kind: outer list, inner list. */
const weighted: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "networking.istio.io/VirtualService": [
    ["spec.http", "route"],
    ["spec.tcp", "route"],
    ["spec.tls", "route"],
  ],
  "gateway.networking.k8s.io/HTTPRoute": [["spec.rules", "backendRefs"]],
  "gateway.networking.k8s.io/GRPCRoute": [["spec.rules", "backendRefs"]],
};

/**
 * Paths of an object's weights, and of nothing else: what Pulumi has to leave alone (`ignoreChanges`) where a
 * controller, such as Argo Rollouts, changes weights in a route of ours. A wider path would hide real changes.
 */
export function weightPaths(object: KubeObject): string[] {
  const lists = weighted[kindOf(object)];
  if (lists === undefined)
    throw new RunError(`${titleOf(object)} has no weights; allowed: ${Object.keys(weighted).join(", ")}`);
  return lists.flatMap(([outer, inner]) =>
    itemsAt(object, outer).flatMap((path) =>
      itemsAt(object, `${path}.${inner}`).map((destination) => `${destination}.weight`),
    ),
  );
}
