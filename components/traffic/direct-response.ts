import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { type Alone, type FragmentArgs, fragmentOf, renderAlone } from "./routes/policy";
import type { DirectResponseAction, HttpFragment } from "./routes/types";

export interface DirectResponseArgs extends FragmentArgs {
  /** What proxies answer by themselves: `{ status: 503, body: { string: "closed" } }`. */
  readonly response: Omit<DirectResponseAction, "kind">;
}

/** The proxy answers; no Service is asked. */
export const directResponse = (args: DirectResponseArgs): HttpFragment =>
  fragmentOf("direct-response", args, { action: { ...args.response, kind: "directResponse" } });

/** The answer as the only route of its host, or with `otherwise` for the rest. */
export const renderDirectResponse = (
  args: DirectResponseArgs & Alone,
  context: TrafficContext,
): KubeObject[] => renderAlone(directResponse(args), args, context);

/** Proxies answer for a host: one VirtualService. */
export class DirectResponse extends DeclaredPolicy {
  constructor(
    name: string,
    args: DirectResponseArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("DirectResponse", name, renderDirectResponse(args, args), options);
  }
}
