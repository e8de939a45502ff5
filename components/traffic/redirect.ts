import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { type Alone, type FragmentArgs, fragmentOf, renderAlone } from "./routes/policy";
import type { HttpFragment, RedirectAction } from "./routes/types";

/** `headers` of responses alone make sense here. */
export interface RedirectArgs extends FragmentArgs {
  /** Where clients are sent: `{ uri: "/new" }`, `{ scheme: "https" }`. */
  readonly redirect: Omit<RedirectAction, "kind">;
}

/** Sends clients elsewhere, by a 301 or another 3xx. */
export const redirect = (args: RedirectArgs): HttpFragment =>
  fragmentOf("redirect", args, { action: { ...args.redirect, kind: "redirect" } });

/** The redirect as the only route of its host, or with `otherwise` for the rest. */
export const renderRedirect = (args: RedirectArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(redirect(args), args, context);

/** Clients of a host are sent elsewhere: one VirtualService. */
export class Redirect extends DeclaredPolicy {
  constructor(
    name: string,
    args: RedirectArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Redirect", name, renderRedirect(args, args), options);
  }
}
