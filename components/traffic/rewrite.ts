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
import type { HttpFragment, RewriteModifier } from "./routes/types";

export interface RewriteArgs extends Omit<FragmentArgs, "rewrite">, Directed {
  /** New path or host: `{ uri: "/ratings" }`. */
  readonly rewrite: RewriteModifier;
}

/** Changes path or host on the way to the target. */
export const withRewrite = (fragment: HttpFragment, rewrite: RewriteModifier): HttpFragment =>
  modified(fragment, { rewrite });

/** A route with it, to `to` or to the host itself. */
export const rewriteRoute = (args: RewriteArgs): HttpFragment =>
  fragmentOf("rewrite", args, { action: actionOf(args, args.host) });

/** The route as the only one of its host, or with `otherwise` for the rest. */
export const renderRewrite = (args: RewriteArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(rewriteRoute(args), args, context);

/** Paths or hosts of requests are changed: one VirtualService. */
export class Rewrite extends DeclaredPolicy {
  constructor(
    name: string,
    args: RewriteArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Rewrite", name, renderRewrite(args, args), options);
  }
}
