import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf, type Workload } from "../../../lib/workloads";
import { gather, put } from "../define";
import { specOf } from "../field";
import { peerAuthenticationKind } from "../kinds";
import { rootNamespace } from "../mesh";
import { isWide, selectedBy } from "../selection";

/** What pods do with connections: `DISABLE` takes plain ones alone, `STRICT` those with mutual TLS alone. */
export type PeerMode = "DISABLE" | "PERMISSIVE" | "STRICT";

interface Policies {
  readonly wide: Map<string, KubeObject[]>;
  readonly narrow: Map<KubeObject, KubeObject[]>;
}

const policies = (index: ObjectIndex) =>
  gather(
    index,
    "peer policies",
    [peerAuthenticationKind],
    (): Policies => ({ wide: new Map(), narrow: new Map() }),
    ({ wide, narrow }, policy) => {
      if (isWide(policy)) put(wide, namespaceOf(policy), policy);
      for (const { object } of selectedBy(policy, index)) put(narrow, object, policy);
    },
  );

const modeOf = (policy: KubeObject | undefined, port?: number): PeerMode | undefined => {
  if (policy === undefined) return undefined;
  const spec = specOf(policy);
  const own = port === undefined ? undefined : spec.at("portLevelMtls", String(port), "mode").text();
  const mode = own ?? spec.at("mtls", "mode").text();
  return mode === undefined || mode === "UNSET" ? undefined : (mode as PeerMode);
};

export interface Decision {
  readonly mode: PeerMode;
  /** Who said so; undefined for Istio's default. */
  readonly policy: KubeObject | undefined;
}

/** What counts for a namespace, without policies for single workloads. */
export function namespaceMode(namespace: string, index: ObjectIndex): Decision {
  const { entries, vague } = policies(index);
  for (const place of [namespace, rootNamespace(index)]) {
    const policy = entries.wide.get(place)?.[0];
    const mode = modeOf(policy);
    if (mode !== undefined) return { mode, policy };
  }
  if (vague !== undefined) throw vague;
  return { mode: "PERMISSIVE", policy: undefined };
}

/** What counts at a port of pods; the narrower policy wins. */
export function peerMode(
  { object, namespace }: Workload,
  port: number | undefined,
  index: ObjectIndex,
): Decision {
  const policy = policies(index).entries.narrow.get(object)?.[0];
  const mode = modeOf(policy, port);
  return mode === undefined ? namespaceMode(namespace, index) : { mode, policy };
}
