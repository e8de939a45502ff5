import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { type Alone, renderAlone } from "./routes/policy";
import type { TcpFragment, TcpMatch, WeightedTarget } from "./routes/types";

export interface TcpSplitArgs extends Omit<TcpFragment, "protocol" | "action" | "name" | "match"> {
  /** Default `tcp`. */
  readonly name?: string;
  /** Default: takes every connection. */
  readonly match?: TcpMatch | readonly TcpMatch[];
  /** Each with its per cent of the connections. */
  readonly targets: readonly WeightedTarget[];
  /** Default false: weights have to sum to 100. */
  readonly relativeWeights?: boolean;
}

/** Connections by weight. The choice is made once for each connection, not for each request in it. */
export function tcpSplit({ targets, relativeWeights, ...args }: TcpSplitArgs): TcpFragment {
  const parts = relativeWeights === undefined ? {} : { relativeWeights };
  return { name: "tcp", ...args, protocol: "tcp", action: { kind: "forward", targets, ...parts } };
}

/** The split as the only route of its host. */
export const renderTcpSplit = (
  args: TcpSplitArgs & Pick<Alone, "settings">,
  context: TrafficContext,
): KubeObject[] => renderAlone(tcpSplit(args), args, context);

/** Connections to a host by weight: one VirtualService. */
export class TcpSplit extends DeclaredPolicy {
  constructor(
    name: string,
    args: TcpSplitArgs & Pick<Alone, "settings"> & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("TcpSplit", name, renderTcpSplit(args, args), options);
  }
}
