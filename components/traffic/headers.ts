import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { modified } from "./routes/modify";
import {
  type Alone,
  actionOf,
  type Directed,
  type FragmentArgs,
  fragmentOf,
  renderAlone,
} from "./routes/policy";
import type { HeaderChanges, HttpFragment } from "./routes/types";

export interface HeadersArgs extends Omit<FragmentArgs, "headers">, Directed {
  /** `{ request: { set: { "x-version": "2" } }, response: { remove: ["server"] } }`. */
  readonly headers: HeaderChanges;
}

/** Changes headers of requests on their way, and of answers on theirs. */
export const withHeaders = (fragment: HttpFragment, headers: HeaderChanges): HttpFragment =>
  modified(fragment, { headers });

/** A route with it, to `to` or to the host itself. */
export const headersRoute = (args: HeadersArgs): HttpFragment =>
  fragmentOf("headers", args, { action: actionOf(args, args.host) });

/** The route as the only one of its host, or with `otherwise` for the rest. */
export const renderHeaders = (args: HeadersArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(headersRoute(args), args, context);

/** Headers of requests and answers are changed: one VirtualService. */
export class Headers extends DeclaredPolicy {
  constructor(
    name: string,
    args: HeadersArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Headers", name, renderHeaders(args, args), options);
  }
}
