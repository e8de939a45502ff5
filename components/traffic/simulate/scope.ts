import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { sidecarKind } from "../analysis/kinds";
import { within } from "./hosts";
import { fieldsIn, fieldsOf, mapOf, readable, specOf, textOf, textsOf } from "./objects";
import { chooses, type Party } from "./proxies";
import type { Service } from "./registry";
import type { Settings } from "./settings";
import type { Rules } from "./virtual-services";

/** What a sidecar knows of the mesh. */
export interface Scope {
  /** The Sidecar that narrows it; undefined: everything that is exported to its namespace. */
  readonly object: KubeObject | undefined;
  readonly outbound: Settings["outbound"];
  readonly knows: (service: Service) => boolean;
  readonly takes: (rules: Rules) => boolean;
}

const selectorOf = (object: KubeObject) => mapOf(fieldsOf(specOf(object).workloadSelector).labels);

function sidecarFor(
  party: Party,
  all: readonly KubeObject[],
  { rootNamespace }: Settings,
): KubeObject | undefined {
  const own = all.filter((object) => namespaceOf(object) === party.namespace);
  const wide = (object: KubeObject) => Object.keys(selectorOf(object)).length === 0;
  return (
    own.find((object) => !wide(object) && chooses(selectorOf(object), party)) ??
    own.find(wide) ??
    all.find((object) => namespaceOf(object) === rootNamespace && wide(object))
  );
}

/** The Sidecar of a client, if one is declared. Gateways have none. */
export function scopeOf(party: Party, index: ObjectIndex, settings: Settings): Scope {
  const open: Scope = {
    object: undefined,
    outbound: settings.outbound,
    knows: () => true,
    takes: () => true,
  };
  if (party.kind === "gateway") return open;
  const object = sidecarFor(party, readable(index, sidecarKind).objects, settings);
  if (object === undefined) return open;
  const spec = specOf(object);
  const mode = textOf(fieldsOf(spec.outboundTrafficPolicy).mode);
  const outbound = mode === "REGISTRY_ONLY" || mode === "ALLOW_ANY" ? mode : settings.outbound;
  if (spec.egress === undefined) return { ...open, object, outbound };
  const hosts = fieldsIn(spec.egress).flatMap(({ hosts: list }) => textsOf(list));
  const imports = hosts.map((text): [string, string] => {
    const [place = "", host = ""] = text.split("/");
    return [place === "." ? party.namespace : place, host];
  });
  const has = (namespace: string, host: string) =>
    imports.some(([place, wanted]) => (place === "*" || place === namespace) && within(host, wanted));
  return {
    object,
    outbound,
    knows: ({ namespace, host }) => has(namespace, host),
    takes: ({ namespace, hosts: names }) => names.some((host) => has(namespace, host)),
  };
}
