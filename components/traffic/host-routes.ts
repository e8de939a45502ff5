import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { Finding } from "../lib/findings";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { handedOn } from "./declared-policy";
import { type HostHandle, hostOf } from "./handles";
import type { HostRouteSettings } from "./routes/merge";
import { plan, tell } from "./routes/policy";
import type { RouteFragment } from "./routes/types";

export interface HostRoutesArgs extends TrafficContext {
  readonly host: HostHandle;
  /** Of the VirtualService. */
  readonly settings?: HostRouteSettings;
  /** Fragments that are known from the start. Default: none. */
  readonly fragments?: readonly RouteFragment[];
}

/**
 * Collects the routes of one host from several modules, and makes one VirtualService of them at the end. Istio would
 * put several VirtualServices of a host together at gateways alone, in the order of their age; in the mesh it takes
 * one and drops the others.
 *
 *     const reviews = new HostRoutes("reviews", { host, version });
 *     reviews.add(headerRoute({ host, headers: { "end-user": "jason" }, to: v2 }));   // one module
 *     reviews.add(trafficSplit({ host, targets: [...] }));                            // another one
 *     reviews.declare();
 */
export class HostRoutes extends pulumi.ComponentResource {
  readonly #args: HostRoutesArgs;
  readonly #fragments: RouteFragment[] = [];
  readonly #handedOn: pulumi.CustomResourceOptions;
  #declared = false;

  constructor(name: string, args: HostRoutesArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:traffic:HostRoutes", name, {}, options);
    this.#args = args;
    this.#handedOn = handedOn(options);
    this.add(...(args.fragments ?? []));
  }

  /** Adds routes. They may come in any order; to add some after `declare` is an error. */
  add(...fragments: readonly RouteFragment[]): this {
    const { host } = this.#args;
    const own = hostOf(host, this.#args);
    if (this.#declared) throw new Error(`routes of ${own} are declared already: add before declare()`);
    for (const fragment of fragments) {
      const other = hostOf(fragment.host, this.#args);
      if (other !== own) {
        throw new Error(
          `route ${fragment.name} is for ${other}, and these are the routes of ${own}: add it there`,
        );
      }
      this.#fragments.push(fragment);
    }
    return this;
  }

  /** What would be declared now, and what is to be said about it. */
  plan(): { readonly objects: readonly KubeObject[]; readonly findings: readonly Finding[] } {
    return plan(this.#fragments, this.#args.settings, this.#args);
  }

  /** Registers the VirtualService. Warnings are shown; errors are thrown, all at once, and nothing is registered. */
  declare(): readonly pulumi.Resource[] {
    if (this.#declared)
      throw new Error(`routes of ${hostOf(this.#args.host, this.#args)} are declared twice`);
    const { objects, findings } = this.plan();
    tell(findings, this);
    this.#declared = true;
    const ready = declareObjects(objects, { parent: this, ...this.#handedOn });
    this.registerOutputs({});
    return ready;
  }
}
