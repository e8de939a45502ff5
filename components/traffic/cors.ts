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
import type { CorsModifier, HttpFragment } from "./routes/types";

export interface CorsArgs extends Omit<FragmentArgs, "corsPolicy">, Directed {
  /** `{ allowOrigins: ["https://shop.example.com"], allowMethods: ["GET"], maxAge: "24h" }`. */
  readonly corsPolicy: CorsModifier;
}

/** Tells browsers which pages may ask, and answers their preflights. */
export const withCors = (fragment: HttpFragment, corsPolicy: CorsModifier): HttpFragment =>
  modified(fragment, { corsPolicy });

/** A route with it, to `to` or to the host itself. */
export const corsRoute = (args: CorsArgs): HttpFragment =>
  fragmentOf("cors", args, { action: actionOf(args, args.host) });

/** The route as the only one of its host, or with `otherwise` for the rest. */
export const renderCors = (args: CorsArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(corsRoute(args), args, context);

/** Browsers are told who may use a host: one VirtualService. */
export class Cors extends DeclaredPolicy {
  constructor(
    name: string,
    args: CorsArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Cors", name, renderCors(args, args), options);
  }
}
