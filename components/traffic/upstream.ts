import { isIP } from "node:net";
import { filled } from "../mesh/exposure-fields";
import type { BlockKind, DestinationPolicy, PolicyScope } from "./destination-policy";
import { decimal, duration, host, integer, oneOf, port } from "./values";

/** Smaller parts of a traffic policy, which hold for a host or a subset and never for one port. */

/** Retries under way, in proportion to requests under way, instead of the fixed `maxRetries` of a connection pool. */
export interface RetryBudgetArgs {
  /** Percent of the requests that are under way or wait. Default 20. */
  readonly percent?: number;
  /** So many are always possible. Default 3. */
  readonly minRetryConcurrency?: number;
  /** Requests of that time back count too. Default `0s`: only those under way. */
  readonly budgetInterval?: string;
}

const retryBudgetKind: BlockKind = {
  name: "retryBudget",
  complete: (block) => ({ percent: 20, minRetryConcurrency: 3, ...block }),
};

/** The wish for a budget of retries. Istio 1.28 or later. */
export const retryBudget = (args: RetryBudgetArgs, scope: PolicyScope = {}): DestinationPolicy => ({
  kind: retryBudgetKind,
  scope,
  render: (site) => {
    const { at } = site;
    const { percent, minRetryConcurrency, budgetInterval } = args;
    site.since("1.28", args);
    if (percent !== undefined) decimal(percent, at.in("percent"), { max: 100 });
    if (minRetryConcurrency !== undefined) {
      // Istio takes 0 for nothing said.
      integer(minRetryConcurrency, at.in("minRetryConcurrency"), { min: 1, max: 2 ** 32 - 1 });
    }
    return filled({
      percent,
      minRetryConcurrency,
      budgetInterval:
        budgetInterval === undefined
          ? undefined
          : duration(budgetInterval, at.in("budgetInterval"), { min: "0s" }),
    });
  },
});

/** TCP through an HTTP proxy. The rule is for the proxy's host. */
export interface TunnelArgs {
  /** How the proxy is asked. Default CONNECT. */
  readonly protocol?: "CONNECT" | "POST";
  /** Where the proxy connects to: a name in full, or an address. */
  readonly targetHost: string;
  readonly targetPort: number;
}

/** The wish to reach a host through a proxy. For TCP and TLS routes; not with `proxyProtocol`. */
export const tunnel = (args: TunnelArgs, scope: PolicyScope = {}): DestinationPolicy => ({
  kind: {
    name: "tunnel",
    checkLevel: (_, { blocks }, { at }) => {
      if (blocks.proxyProtocol !== undefined)
        at.fault("tunnel and proxyProtocol", "one of them", "choose one");
    },
  },
  scope,
  render: ({ at }) => ({
    protocol: oneOf(args.protocol ?? "CONNECT", ["CONNECT", "POST"], at.in("protocol")),
    targetHost:
      isIP(args.targetHost) > 0
        ? args.targetHost
        : host(args.targetHost, at.in("targetHost"), { wildcard: false, short: false }),
    targetPort: port(args.targetPort, at.in("targetPort")),
  }),
});

/** The wish to tell the host the caller's address ahead of the connection's own bytes. Default V1, which is readable. */
export const proxyProtocol = (
  { version = "V1" }: { readonly version?: "V1" | "V2" } = {},
  scope: PolicyScope = {},
): DestinationPolicy => ({
  kind: { name: "proxyProtocol" },
  scope,
  render: ({ at }) => ({ version: oneOf(version, ["V1", "V2"], at.in("version")) }),
});
