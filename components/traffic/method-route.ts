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
import type { HttpFragment, HttpMatch, TextMatch } from "./routes/types";

export interface MethodRouteArgs extends Omit<FragmentArgs, "match">, Directed {
  /** `GET`, or any other match: `{ regex: "PUT|POST" }`. */
  readonly method: TextMatch;
  /** Further conditions, which have to hold too. Default: none. */
  readonly also?: HttpMatch;
}

/** Requests by their method. */
export function methodRoute(args: MethodRouteArgs): HttpFragment {
  const match: HttpMatch = { ...args.also, method: args.method };
  return fragmentOf("method", args, { match, action: actionOf(args, args.host) });
}

/** The route, and with `otherwise` the rest of the host. */
export const renderMethodRoute = (args: MethodRouteArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(methodRoute(args), args, context);

/** Requests of a host by their method: one VirtualService. */
export class MethodRoute extends DeclaredPolicy {
  constructor(
    name: string,
    args: MethodRouteArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("MethodRoute", name, renderMethodRoute(args, args), options);
  }
}
