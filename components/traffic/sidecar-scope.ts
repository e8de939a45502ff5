import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { serviceHost, type TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { type HostHandle, hostOf } from "./handles";
import { type EgressListener, renderSidecar, type SidecarArgs } from "./sidecar";

/** What a workload calls, from which follows what its proxy has to know. */
export interface LeastScopeArgs extends Omit<SidecarArgs, "egress"> {
  /** Services and hosts outside: those that are asked for, and those that routes of these lead to. */
  readonly calls: readonly HostHandle[];
  /** Namespaces of hosts outside, where their ServiceEntries are. Default `*`, any. */
  readonly entriesFrom?: string;
}

const byCode = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** The narrowest egress with which the calls work: each Service by its full name, and the mesh's namespace. */
export function leastScope(args: LeastScopeArgs, context: TrafficContext): readonly EgressListener[] {
  const { calls, entriesFrom = "*", meshNamespace = "istio-system", namespace } = args;
  const hosts = calls.map((handle) =>
    handle.kind === "service"
      ? `${handle.namespace === namespace ? "." : handle.namespace}/${serviceHost(handle.name, handle.namespace, context)}`
      : `${entriesFrom}/${hostOf(handle, context)}`,
  );
  const whole = `${meshNamespace === namespace ? "." : meshNamespace}/*`;
  const apart = hosts.filter((text) => !text.startsWith(whole.slice(0, -1)));
  return [{ hosts: [...new Set([...apart.sort(byCode), whole])] }];
}

/** A Sidecar by what the workload calls. */
export function renderLeastScope(args: LeastScopeArgs, context: TrafficContext): KubeObject[] {
  const { calls, entriesFrom, ...sidecar } = args;
  return renderSidecar({ ...sidecar, egress: leastScope(args, context) }, context);
}

/** A Sidecar by what the workload calls: its proxy learns of nothing else. */
export class LeastScopeSidecar extends DeclaredPolicy {
  constructor(
    name: string,
    args: LeastScopeArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("LeastScopeSidecar", name, renderLeastScope(args, args), options);
  }
}
