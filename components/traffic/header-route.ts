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

export interface HeaderRouteArgs extends Omit<FragmentArgs, "match">, Directed {
  /** By header: `{ "end-user": "jason" }`, `{ cookie: { regex: ".*user=jason.*" } }`, `{ "x-trace": { present: true } }`. */
  readonly header?: Readonly<Record<string, ValueMatch>>;
  /** Headers that must not be so. A request without the header passes. */
  readonly withoutHeader?: Readonly<Record<string, ValueMatch>>;
  /** Further conditions, which have to hold too. Default: none. */
  readonly also?: HttpMatch;
}

/** Requests by what their headers say. Names of headers are the same in upper and lower case, values are not. */
export function headerRoute(args: HeaderRouteArgs): HttpFragment {
  const { header, withoutHeader, also } = args;
  const match: HttpMatch = {
    ...also,
    ...(header === undefined ? {} : { headers: { ...also?.headers, ...header } }),
    ...(withoutHeader === undefined ? {} : { withoutHeaders: { ...also?.withoutHeaders, ...withoutHeader } }),
  };
  return fragmentOf("header", args, { match, action: actionOf(args, args.host) });
}

/** The route, and with `otherwise` the rest of the host. */
export const renderHeaderRoute = (args: HeaderRouteArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(headerRoute(args), args, context);

/** Requests of a host by their headers: one VirtualService. */
export class HeaderRoute extends DeclaredPolicy {
  constructor(
    name: string,
    args: HeaderRouteArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("HeaderRoute", name, renderHeaderRoute(args, args), options);
  }
}
