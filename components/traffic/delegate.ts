import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { refuse } from "../lib/refusal";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { mergeDelegate } from "./routes/merge-delegate";
import { type FragmentArgs, fragmentOf } from "./routes/policy";
import type { DelegateHandle, HttpFragment } from "./routes/types";

export interface DelegateArgs
  extends Pick<FragmentArgs, "name" | "module" | "host" | "gateways" | "priority" | "order" | "match"> {
  /** Who routes what this takes. */
  readonly to: DelegateHandle;
}

/**
 * Leaves some requests of a host to routes of another namespace. The conditions of both have to hold: those of the
 * delegate must be narrower.
 */
export const delegate = (args: DelegateArgs): HttpFragment =>
  fragmentOf(`delegate-${args.to.name}`, args, { action: args.to });

/** Routes that other routes leave requests to; without a host of their own. */
export interface DelegateRoutesArgs {
  readonly name: string;
  readonly namespace: string;
  /** What they do. Their hosts and gateways are those of the routes that leave requests to them. */
  readonly routes: readonly HttpFragment[];
}

/** The handle for `delegate`. */
export const delegateHandle = ({ name, namespace }: Omit<DelegateRoutesArgs, "routes">): DelegateHandle => ({
  kind: "delegate",
  name,
  namespace,
});

/** A VirtualService without hosts. */
export function renderDelegateRoutes(args: DelegateRoutesArgs, context: TrafficContext): KubeObject[] {
  const { objects, findings } = mergeDelegate(args.routes, args, context);
  refuse(findings);
  return [...objects];
}

/** Routes for what other routes leave to them: one VirtualService without hosts. */
export class DelegateRoutes extends DeclaredPolicy {
  readonly handle: DelegateHandle;

  constructor(
    name: string,
    args: DelegateRoutesArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("DelegateRoutes", name, renderDelegateRoutes(args, args), options);
    this.handle = delegateHandle(args);
  }
}
