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
import type { HttpFragment, HttpMatch, PathMatch } from "./routes/types";

export interface PathRouteArgs extends Omit<FragmentArgs, "match">, Directed {
  /** `"/login"`, `{ prefix: "/static" }`, `{ segments: "/rate" }`, `{ regex: "/v[12]/.*" }`. */
  readonly uri: PathMatch;
  /** Default false. */
  readonly ignoreUriCase?: boolean;
  /** Further conditions, which have to hold too. Default: none. */
  readonly also?: HttpMatch;
}

/** Requests by their path. */
export function pathRoute(args: PathRouteArgs): HttpFragment {
  const { uri, ignoreUriCase, also } = args;
  const match: HttpMatch = { ...also, uri, ...(ignoreUriCase === undefined ? {} : { ignoreUriCase }) };
  return fragmentOf("path", args, { match, action: actionOf(args, args.host) });
}

/** The route, and with `otherwise` the rest of the host. */
export const renderPathRoute = (args: PathRouteArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(pathRoute(args), args, context);

/** Requests of a host by their path: one VirtualService. */
export class PathRoute extends DeclaredPolicy {
  constructor(
    name: string,
    args: PathRouteArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("PathRoute", name, renderPathRoute(args, args), options);
  }
}
