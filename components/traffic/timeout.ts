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
import type { HttpFragment } from "./routes/types";

export interface TimeoutArgs extends Omit<FragmentArgs, "timeout">, Directed {
  /** For the request with all its tries: `500ms`, `0.5s`. At least 1ms. Istio has none of its own. */
  readonly timeout: string;
}

/** Answers 504 where the whole request takes longer. A fault of the same route is not counted. */
export const withTimeout = (fragment: HttpFragment, timeout: string): HttpFragment =>
  modified(fragment, { timeout });

/** A route with it, to `to` or to the host itself. */
export const timeoutRoute = (args: TimeoutArgs): HttpFragment =>
  fragmentOf("timeout", args, { action: actionOf(args, args.host) });

/** The route as the only one of its host, or with `otherwise` for the rest. */
export const renderTimeout = (args: TimeoutArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(timeoutRoute(args), args, context);

/** Requests of a host end after a time: one VirtualService. */
export class Timeout extends DeclaredPolicy {
  constructor(
    name: string,
    args: TimeoutArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Timeout", name, renderTimeout(args, args), options);
  }
}
