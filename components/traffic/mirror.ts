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
import type { HttpFragment, MirrorModifier } from "./routes/types";

export interface MirrorArgs extends Omit<FragmentArgs, "mirrors">, Directed {
  /** Who gets copies, and of how many requests. In Istio 1.31 copies keep the host; old releases put `-shadow` at its end. */
  readonly mirrors: readonly MirrorModifier[];
}

/** Sends copies to others too, without waiting for their answers. */
export const withMirrors = (fragment: HttpFragment, mirrors: readonly MirrorModifier[]): HttpFragment =>
  modified(fragment, { mirrors });

/** A route with it, to `to` or to the host itself. */
export const mirrorRoute = (args: MirrorArgs): HttpFragment =>
  fragmentOf("mirror", args, { action: actionOf(args, args.host) });

/** The route as the only one of its host, or with `otherwise` for the rest. */
export const renderMirror = (args: MirrorArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(mirrorRoute(args), args, context);

/** Requests of a host are copied to others: one VirtualService. */
export class Mirror extends DeclaredPolicy {
  constructor(
    name: string,
    args: MirrorArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Mirror", name, renderMirror(args, args), options);
  }
}
