import type * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../lib/findings";
import type { KubeObject } from "../lib/objects";
import { DeclaredPolicy } from "./declared-policy";
import { tell } from "./routes/policy";

export interface TrafficObjectsArgs {
  /** What was rendered, by whatever policies. */
  readonly objects: readonly KubeObject[];
  /** What is to be said of it. Default: nothing. */
  readonly findings?: readonly Finding[];
  /** More of them, with values that are made in a run, as children of the component. Default: none. */
  readonly secrets?: (parent: pulumi.Resource) => readonly KubeObject[];
}

/** Objects of a plan: what belongs together and was rendered before anything was made. */
export class TrafficObjects extends DeclaredPolicy {
  constructor(name: string, args: TrafficObjectsArgs, options?: pulumi.ComponentResourceOptions) {
    super("TrafficObjects", name, (self) => [...args.objects, ...(args.secrets?.(self) ?? [])], options);
    tell(args.findings ?? [], this);
  }
}
