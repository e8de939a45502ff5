import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { type ConnectionPoolArgs, connectionPool } from "./connection-pool";
import type { TrafficContext } from "./context";
import type { DestinationPolicy, PolicyScope, PolicyTarget } from "./destination-policy";
import { DestinationPolicies, planPolicy } from "./destinations";
import { type OutlierDetectionArgs, outlierDetection } from "./outlier-detection";

/**
 * Requests beyond what a host can take get 503 at once, and endpoints that fail are left alone; once none is left, all
 * requests get 503 until the first may come back. Envoy has no breaker of its own: these two make one.
 */
export interface CircuitBreakerArgs {
  /** At what load it opens. At least one of `maxConnections`, `http1MaxPendingRequests`, `http2MaxRequests`. */
  readonly connectionPool: ConnectionPoolArgs;
  /** At what errors it opens, and for how long. `maxEjectionPercent` is 100 by default, so that it can open for all. */
  readonly outlierDetection: OutlierDetectionArgs;
}

function opensAtLoad({ tcp, http, otherLimits }: ConnectionPoolArgs): boolean {
  const limits = [tcp?.maxConnections, http?.http1MaxPendingRequests, http?.http2MaxRequests];
  return otherLimits === "envoy" || limits.some((limit) => limit !== undefined);
}

/** The wish for a circuit breaker, for a host, a subset or a port. */
export function circuitBreaker(
  { connectionPool: pool, outlierDetection: detection }: CircuitBreakerArgs,
  scope: PolicyScope = {},
): readonly DestinationPolicy[] {
  const limits = connectionPool(pool, scope, "connectionPool");
  const guarded: DestinationPolicy = {
    ...limits,
    render: (site) => {
      if (!opensAtLoad(pool)) {
        const allowed = "maxConnections, http1MaxPendingRequests, http2MaxRequests";
        site.at
          .in("connectionPool")
          .fault(pool, `one of ${allowed}`, "name one: no load would open the breaker");
      }
      return limits.render(site);
    },
  };
  return [guarded, outlierDetection({ maxEjectionPercent: 100, ...detection }, scope, "outlierDetection")];
}

const plan = (args: CircuitBreakerArgs & PolicyTarget, context: TrafficContext) =>
  planPolicy("CircuitBreaker", args, circuitBreaker, context);

/** A DestinationRule with nothing but a circuit breaker. */
export const renderCircuitBreaker = (
  args: CircuitBreakerArgs & PolicyTarget,
  context: TrafficContext,
): KubeObject[] => plan(args, context).objects;

/** Connection pool and outlier detection as one. Where more is wished for the host, use `Destinations`. */
export class CircuitBreaker extends DestinationPolicies {
  constructor(
    name: string,
    args: CircuitBreakerArgs & PolicyTarget & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("CircuitBreaker", name, plan(args, args), options);
  }
}
