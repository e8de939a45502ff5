import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import { apiOf, type TrafficContext } from "../context";
import { DeclaredPolicy } from "../declared-policy";
import { checked, type Place } from "../faults";
import { dnsLabel, oneOf, port } from "../values";
import { namespaceOfScope, type Scope, scopeFields } from "./scope";

/**
 * What a proxy takes from callers. `STRICT`: mutual TLS only. `PERMISSIVE`: both. `DISABLE`: plain text only. `UNSET`:
 * as the next wider policy says.
 */
export type MtlsMode = "UNSET" | "DISABLE" | "PERMISSIVE" | "STRICT";

const modes = ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"] as const;

export interface PeerAuthenticationArgs {
  /** Default for a mesh or a namespace: `default`, and nothing else, so that there cannot be two of them. */
  readonly name?: string;
  /** `attached` does not exist for this kind. */
  readonly scope: Exclude<Scope, { kind: "attached" }>;
  readonly mode: MtlsMode;
  /** Other modes for single ports, by the port's number in the pod, not in the Service. Default none. */
  readonly portLevelMtls?: Readonly<Record<number, MtlsMode>>;
  /** Ports that the pods have, against which `portLevelMtls` is checked. Default: not known. */
  readonly containerPorts?: readonly number[];
}

/** One PeerAuthentication. */
export function renderPeerAuthentication(args: PeerAuthenticationArgs, context: TrafficContext): KubeObject {
  const { scope, mode, name = "default" } = args;
  return checked(`PeerAuthentication ${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    if (scope.kind === "workload" ? args.name === undefined : name !== "default")
      refuseName(args, at.in("name"));
    const fields = scopeFields(scope, context, at.in("scope"));
    oneOf(mode, modes, at.in("mode"));
    return {
      apiVersion: apiOf(context).security,
      kind: "PeerAuthentication",
      metadata: { name, namespace: namespaceOfScope(scope) },
      spec: { ...fields, mtls: { mode }, ...portFields(args, at.in("portLevelMtls")) },
    };
  });
}

const refuseName = ({ scope, name }: PeerAuthenticationArgs, at: Place) =>
  scope.kind === "workload"
    ? at.fault(name, "a name of its own: default is that of the whole namespace", "name it")
    : at.fault(name, "default: of several for one namespace Istio takes the oldest", "leave the name out");

function portFields({ scope, portLevelMtls, containerPorts }: PeerAuthenticationArgs, at: Place): object {
  if (portLevelMtls === undefined) return {};
  const ports = Object.entries(portLevelMtls);
  if (ports.length === 0) at.fault({}, "one port or more", "leave the field out");
  if (scope.kind !== "workload") {
    at.fault(portLevelMtls, "nothing, for a mesh or a namespace", "choose a workload by its labels");
  }
  for (const [key, mode] of ports) {
    const number = Number(key);
    port(number, at.in(key));
    oneOf(mode, modes, at.in(key));
    if (containerPorts !== undefined && !containerPorts.includes(number)) {
      at.in(key).fault(
        number,
        containerPorts.join(", "),
        "name a port of the pods: it is not that of the Service",
      );
    }
  }
  return { portLevelMtls: Object.fromEntries(ports.map(([key, mode]) => [key, { mode }])) };
}

/** How clients are moved from plain text to mutual TLS: each namespace by itself, the mesh at last. */
export interface MtlsMigrationArgs {
  /** All namespaces that take part. */
  readonly namespaces: readonly string[];
  /** Those of them whose callers all have a proxy by now. Default none. */
  readonly strict?: readonly string[];
  /** Takes only mutual TLS everywhere, also in namespaces that come later. Default false. */
  readonly finished?: boolean;
  /** Default `istio-system`. */
  readonly rootNamespace?: string;
}

/** One PeerAuthentication per namespace and one for the mesh, for the stage that was reached. */
export function renderMtlsMigration(args: MtlsMigrationArgs, context: TrafficContext): KubeObject[] {
  const { namespaces, strict = [], finished = false, rootNamespace = "istio-system" } = args;
  return checked("mTLS migration", (at) => {
    strict.forEach((namespace, index) => {
      if (!namespaces.includes(namespace)) {
        at.in("strict", index).fault(namespace, namespaces.join(", "), "name it in namespaces too");
      }
    });
    const open = namespaces.filter((namespace) => !strict.includes(namespace));
    if (finished && open.length > 0) {
      at.in("finished").fault(
        true,
        "false while a namespace is permissive",
        `put ${open.join(", ")} into strict`,
      );
    }
    const mode = (done: boolean): MtlsMode => (done ? "STRICT" : "PERMISSIVE");
    const whole = { kind: "mesh", rootNamespace } as const;
    return [
      renderPeerAuthentication({ scope: whole, mode: mode(finished) }, context),
      ...namespaces.map((namespace) =>
        renderPeerAuthentication(
          { scope: { kind: "namespace", namespace }, mode: mode(strict.includes(namespace)) },
          context,
        ),
      ),
    ];
  });
}

/** Whether proxies take plain text, mutual TLS, or both. */
export class PeerAuthentication extends DeclaredPolicy {
  constructor(
    name: string,
    args: PeerAuthenticationArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("PeerAuthentication", name, [renderPeerAuthentication(args, args)], options);
  }
}

/** A move to mutual TLS by stages: see `MtlsMigrationArgs`. */
export class MtlsMigration extends DeclaredPolicy {
  constructor(
    name: string,
    args: MtlsMigrationArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("MtlsMigration", name, renderMtlsMigration(args, args), options);
  }
}
