import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import type { BlockKind, DestinationPolicy, PolicyScope, PolicyTarget } from "./destination-policy";
import { DestinationPolicies, planPolicy } from "./destinations";
import { type ConnectionPoolArgs, checkPool, renderPool } from "./pool-settings";

export {
  type ConnectionPoolArgs,
  envoyLimits,
  type HttpPool,
  type TcpKeepalive,
  type TcpPool,
} from "./pool-settings";

export const connectionPoolKind: BlockKind = {
  name: "connectionPool",
  check: (block, { at }) => checkPool(block, at),
};

/**
 * The wish for limits, for a host, a subset or a port.
 *
 * @param key Where the arguments stand in those of a larger wish. Default: they are all of it.
 */
export const connectionPool = (
  args: ConnectionPoolArgs,
  scope: PolicyScope = {},
  key?: string,
): DestinationPolicy => ({
  kind: connectionPoolKind,
  scope,
  render: ({ at }) => renderPool(args, key === undefined ? at : at.in(key)),
});

const plan = (args: ConnectionPoolArgs & PolicyTarget, context: TrafficContext) =>
  planPolicy("ConnectionPool", args, connectionPool, context);

/** A DestinationRule with nothing but limits. */
export const renderConnectionPool = (
  args: ConnectionPoolArgs & PolicyTarget,
  context: TrafficContext,
): KubeObject[] => plan(args, context).objects;

/** How much one proxy puts on a host at a time. Where more is wished for the host, use `Destinations`. */
export class ConnectionPool extends DestinationPolicies {
  constructor(
    name: string,
    args: ConnectionPoolArgs & PolicyTarget & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("ConnectionPool", name, plan(args, args), options);
  }
}
