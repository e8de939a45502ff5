import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { type Alone, renderAlone } from "./routes/policy";
import type { TlsFragment, TlsMatch, WeightedTarget } from "./routes/types";

export interface TlsSniArgs extends Omit<TlsFragment, "protocol" | "action" | "name" | "match"> {
  /** Default `tls`. */
  readonly name?: string;
  /** Names that clients ask for: the host, or some of those that its wildcard stands for. */
  readonly sniHosts: readonly string[];
  /** Further conditions, such as the port. Default: none. */
  readonly also?: Omit<TlsMatch, "sniHosts">;
  /** Each with its per cent of the connections. */
  readonly targets: readonly WeightedTarget[];
  /** Default false: weights have to sum to 100. */
  readonly relativeWeights?: boolean;
}

/** TLS connections by the name that the client asks for, without opening them. */
export function tlsSni({ sniHosts, also, targets, relativeWeights, ...args }: TlsSniArgs): TlsFragment {
  const parts = relativeWeights === undefined ? {} : { relativeWeights };
  const action = { kind: "forward", targets, ...parts } as const;
  return { name: "tls", ...args, protocol: "tls", match: { ...also, sniHosts }, action };
}

/** The route as the only one of its host. */
export const renderTlsSni = (
  args: TlsSniArgs & Pick<Alone, "settings">,
  context: TrafficContext,
): KubeObject[] => renderAlone(tlsSni(args), args, context);

/** TLS connections to a host by name: one VirtualService. */
export class TlsSni extends DeclaredPolicy {
  constructor(
    name: string,
    args: TlsSniArgs & Pick<Alone, "settings"> & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("TlsSni", name, renderTlsSni(args, args), options);
  }
}
