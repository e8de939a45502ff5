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
import type { FaultModifier, HttpFragment } from "./routes/types";

export interface FaultArgs extends Omit<FragmentArgs, "fault">, Directed {
  /** A delay, an abort, or both: `{ abort: { httpStatus: 500, percentage: 30 } }`. */
  readonly fault: FaultModifier;
}

/** Makes failures on purpose, in the proxy of the client and before timeout and retries of the same route. */
export const withFault = (fragment: HttpFragment, fault: FaultModifier): HttpFragment =>
  modified(fragment, { fault });

/** A route with it, to `to` or to the host itself. */
export const faultRoute = (args: FaultArgs): HttpFragment =>
  fragmentOf("fault", args, { action: actionOf(args, args.host) });

/** The route as the only one of its host, or with `otherwise` for the rest. */
export const renderFault = (args: FaultArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(faultRoute(args), args, context);

/** Requests of a host fail or wait on purpose: one VirtualService. */
export class Fault extends DeclaredPolicy {
  constructor(
    name: string,
    args: FaultArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Fault", name, renderFault(args, args), options);
  }
}
