import { Undecided } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import type { Workload } from "../../lib/workloads";
import { type Decision, peerMode } from "../analysis/security/peer-modes";
import type { Policies } from "./cluster";
import { fieldsOf, specOf, textOf } from "./objects";
import type { Injection, Party } from "./proxies";
import type { Settings } from "./settings";

/** How a connection comes about between a client and pods. */
export interface Connection {
  /** False: it is cut. */
  readonly works: boolean;
  /** Whether the client shows who it is. */
  readonly mutual: boolean;
  readonly text: string;
  readonly object?: KubeObject;
  readonly path?: string;
}

type Spoken = "plain" | "mutual" | "other TLS";

interface Client {
  readonly speaks: Spoken;
  readonly because: string;
  readonly object?: KubeObject;
  readonly path?: string;
}

/** What pods take, by PeerAuthentication. */
export function modeOf(workload: Workload, port: number | undefined, index: ObjectIndex): Decision {
  try {
    return peerMode(workload, port, index);
  } catch (error) {
    if (error instanceof Undecided) return { mode: "PERMISSIVE", policy: undefined };
    throw error;
  }
}

function pathOf({ policy, mode }: Decision, port: number | undefined): string {
  const level = policy === undefined ? undefined : fieldsOf(specOf(policy).portLevelMtls)[String(port)];
  return fieldsOf(level).mode === mode ? `spec.portLevelMtls.${port}.mode` : "spec.mtls.mode";
}

/** What a client speaks: by its DestinationRule, else what the pods understand. */
function spoken(
  client: Party,
  { tls }: Policies,
  pods: { readonly proxied: boolean; readonly mode: Decision["mode"]; readonly external: boolean },
  { autoMtls }: Settings,
): Client {
  if (client.kind === "plain" || client.kind === "outside")
    return { speaks: "plain", because: "the client has no sidecar" };
  if (tls !== undefined) {
    const mode = textOf(tls.fields.mode) ?? "DISABLE";
    const speaks = mode === "DISABLE" ? "plain" : mode === "ISTIO_MUTUAL" ? "mutual" : "other TLS";
    const because = `the client's DestinationRule says ${mode}`;
    return { speaks, because, object: tls.object, path: `${tls.path}.mode` };
  }
  if (!autoMtls) return { speaks: "plain", because: "automatic mutual TLS is off" };
  if (pods.external) return { speaks: "plain", because: "the host is outside the mesh" };
  if (!pods.proxied) return { speaks: "plain", because: "the pods have no sidecar" };
  return pods.mode === "DISABLE"
    ? { speaks: "plain", because: "the pods take no mutual TLS" }
    : { speaks: "mutual", because: "client and pods have sidecars" };
}

/** A connection to pods of a declared workload. */
export function connect(
  client: Party,
  policies: Policies,
  workload: Workload,
  injection: Injection,
  port: number | undefined,
  settings: Settings,
  index: ObjectIndex,
): Connection {
  const decision: Decision = injection.injected
    ? modeOf(workload, port, index)
    : { mode: "DISABLE", policy: undefined };
  const pods = { proxied: injection.injected, mode: decision.mode, external: false };
  const { speaks, because, ...place } = spoken(client, policies, pods, settings);
  const took = injection.injected
    ? `PeerAuthentication is ${decision.mode}${decision.policy === undefined ? " by default" : ""}`
    : `the pods have no sidecar (${injection.because})`;
  const rule = decision.policy === undefined ? {} : { object: decision.policy, path: pathOf(decision, port) };
  if (speaks === "mutual") {
    const works = injection.injected && decision.mode !== "DISABLE";
    const what = works ? "mutual TLS" : "mutual TLS, which the pods do not take: the connection is cut";
    return { works, mutual: works, text: `${what}: ${because}; ${took}`, ...(works ? rule : place) };
  }
  if (speaks === "other TLS")
    return {
      works: true,
      mutual: false,
      text: `TLS that reaches the application as it is: ${because}`,
      ...place,
    };
  const works = !(injection.injected && decision.mode === "STRICT");
  const what = works ? "plain text" : "plain text, which the pods refuse: the connection is cut";
  return { works, mutual: false, text: `${what}: ${because}; ${took}`, ...(works ? place : rule) };
}

/** A connection to endpoints that no declared workload makes. */
export function connectBlindly(client: Party, policies: Policies, settings: Settings): Connection {
  const pods = { proxied: false, mode: "DISABLE", external: true } as const;
  const { speaks, because, ...place } = spoken(client, policies, pods, settings);
  const how = speaks === "plain" ? "plain text" : speaks === "mutual" ? "mutual TLS" : "TLS";
  return { works: true, mutual: speaks === "mutual", text: `${how}: ${because}`, ...place };
}

/** How a proxy names itself. */
export const principalOf = ({ namespace, serviceAccount }: Party, { trustDomain }: Settings): string =>
  `${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;
