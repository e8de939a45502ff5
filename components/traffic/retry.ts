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
import type { HttpFragment, RetryModifier } from "./routes/types";

export interface RetryArgs extends Omit<FragmentArgs, "retries">, Directed {
  /** `{ attempts: 3, perTryTimeout: "2s", retryOn: ["5xx"] }`; attempts come after the first try. */
  readonly retries: RetryModifier;
}

/** Tries again where a request fails. Istio itself does so twice where the connection or the server is not ready. */
export const withRetries = (fragment: HttpFragment, retries: RetryModifier): HttpFragment =>
  modified(fragment, { retries });

/** A route with it, to `to` or to the host itself. */
export const retryRoute = (args: RetryArgs): HttpFragment =>
  fragmentOf("retry", args, { action: actionOf(args, args.host) });

/** The route as the only one of its host, or with `otherwise` for the rest. */
export const renderRetry = (args: RetryArgs & Alone, context: TrafficContext): KubeObject[] =>
  renderAlone(retryRoute(args), args, context);

/** Failed requests of a host are tried again: one VirtualService. */
export class Retry extends DeclaredPolicy {
  constructor(
    name: string,
    args: RetryArgs & Alone & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("Retry", name, renderRetry(args, args), options);
  }
}
