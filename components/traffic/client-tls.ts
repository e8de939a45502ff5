import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import type { DestinationPolicy, PolicyScope, PolicyTarget } from "./destination-policy";
import { DestinationPolicies, planPolicy } from "./destinations";
import { type ClientTlsArgs, renderTls, tlsKind } from "./tls-settings";

export type { ClientTlsArgs } from "./tls-settings";

/** The wish for a way to speak to a host, for all of it, a subset or a port. */
export const clientTls = (args: ClientTlsArgs, scope: PolicyScope = {}): DestinationPolicy => ({
  kind: tlsKind,
  scope,
  render: (site) => renderTls(args, site),
});

const plan = (args: ClientTlsArgs & PolicyTarget, context: TrafficContext) =>
  planPolicy("ClientTls", args, (rest, scope) => clientTls(rest, scope), context);

/** A DestinationRule with nothing but a way to speak to the host. */
export const renderClientTls = (args: ClientTlsArgs & PolicyTarget, context: TrafficContext): KubeObject[] =>
  plan(args, context).objects;

/** How proxies speak to a host as its clients. Where more is wished for the host, use `Destinations`. */
export class ClientTls extends DestinationPolicies {
  constructor(
    name: string,
    args: ClientTlsArgs & PolicyTarget & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("ClientTls", name, plan(args, args), options);
  }
}
