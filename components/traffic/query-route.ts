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
import type { HttpFragment, HttpMatch, ValueMatch } from "./routes/types";

export interface QueryRouteArgs extends Omit<FragmentArgs, "match">, Directed {
  /** By parameter: `{ version: "2" }`, `{ debug: { present: true } }`. The first of several of one name counts. */
  readonly queryParams: Readonly<Record<string, ValueMatch>>;
  /** Further conditions, which have to hold too. Default: none. */
  readonly also?: HttpMatch;
}

/** Requests by the parameters after the `?`. */
export function queryRoute(args: QueryRouteArgs): HttpFragment {
  const queryParams = { ...args.also?.queryParams, ...args.queryParams };
  const match: HttpMatch = { ...args.also, queryParams };
  return fragmentOf("query", args, { match, action: actionOf(args, args.host) });
}

/** The route, and with `otherwise` the rest of the host. */
export const renderQueryRoute = (args: QueryRouteArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(queryRoute(args), args, context);

/** Requests of a host by their parameters: one VirtualService. */
export class QueryRoute extends DeclaredPolicy {
  constructor(
    name: string,
    args: QueryRouteArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("QueryRoute", name, renderQueryRoute(args, args), options);
  }
}
