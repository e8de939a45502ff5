import { type KubeObject, titleOf } from "../components/lib/objects";
import type { Place } from "../components/traffic/faults";

/** Objects of one entry of the config. */
export interface Owned {
  /** Of the component. */
  readonly name: string;
  readonly at: Place;
  readonly objects: readonly KubeObject[];
  /** Whether it is an experiment, which wants the pods of its filters for itself too. Default false. */
  readonly alone?: boolean;
}

interface Spec {
  readonly host?: string;
  readonly hosts?: readonly string[];
  readonly gateways?: readonly string[];
  readonly workloadSelector?: unknown;
}

/** What an object is about, by its kind. Routes and policies of a host are one thing: each changes what the other does. */
const about: Readonly<Record<string, (spec: Spec, object: KubeObject) => string[]>> = {
  VirtualService: ({ hosts = [], gateways = ["mesh"] }) =>
    hosts.flatMap((host) => gateways.map((at) => (at === "mesh" ? `host ${host}` : `host ${host} at ${at}`))),
  DestinationRule: ({ host = "" }) => [`host ${host}`],
};

const filtered: typeof about = {
  ...about,
  EnvoyFilter: ({ workloadSelector }, { metadata }) => [
    `filters of ${metadata.namespace} ${JSON.stringify(workloadSelector)}`,
  ],
};

export const claimsOf = (object: KubeObject, alone: boolean): string[] => [
  ...((alone ? filtered : about)[object.kind]?.((object.spec ?? {}) as Spec, object) ?? []),
  titleOf(object),
];

/** Of two that decide about one thing Istio takes one and says nothing: the second one of the config is a fault. */
export function checkOwners(parts: readonly Owned[]): void {
  const owners = new Map<string, Place>();
  for (const { name, at, objects, alone = false } of parts) {
    const claims = [
      ...new Set([...objects.flatMap((object) => claimsOf(object, alone)), `the name ${name}`]),
    ];
    const clash = claims.find((claim) => owners.has(claim));
    const first = owners.get(clash ?? "");
    if (clash === undefined || first === undefined) for (const claim of claims) owners.set(claim, at);
    else at.fault(clash, `what ${first.path} leaves alone`, "take one of the two away");
  }
}
