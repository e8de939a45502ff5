import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import {
  type Alone,
  actionOf,
  type Directed,
  type FragmentArgs,
  fragmentOf,
  renderAlone,
} from "./routes/policy";
import type { HttpFragment, HttpMatch } from "./routes/types";

export interface SourceRouteArgs extends Omit<FragmentArgs, "match">, Directed {
  /** Labels of the pods that send: `{ app: "productpage" }`. */
  readonly sourceLabels?: Readonly<Record<string, string>>;
  /** Namespace of the pods that send. */
  readonly sourceNamespace?: string;
  /** Further conditions, which have to hold too. Default: none. */
  readonly also?: HttpMatch;
}

/** Requests by who sends them. It is the sidecar of the sender that routes, so senders without one are not asked. */
export function sourceRoute(args: SourceRouteArgs): HttpFragment {
  const { sourceLabels, sourceNamespace, also } = args;
  const match: HttpMatch = {
    ...also,
    ...(sourceLabels === undefined ? {} : { sourceLabels }),
    ...(sourceNamespace === undefined ? {} : { sourceNamespace }),
  };
  return fragmentOf("source", args, { match, action: actionOf(args, args.host) });
}

/** The route, and with `otherwise` the rest of the host. */
export const renderSourceRoute = (args: SourceRouteArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(sourceRoute(args), args, context);

/** Requests of a host by who sends them: one VirtualService. */
export class SourceRoute extends DeclaredPolicy {
  constructor(
    name: string,
    args: SourceRouteArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("SourceRoute", name, renderSourceRoute(args, args), options);
  }
}
