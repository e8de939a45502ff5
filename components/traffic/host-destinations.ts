import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { TrafficContext } from "./context";
import { handedOn } from "./declared-policy";
import type { PolicyWish } from "./destination-policy";
import { DeclaredHost, type DestinationsArgs, type Destined, mergeDestinations } from "./destinations";
import type { SubsetHandle } from "./handles";
import { tell } from "./routes/policy";

/**
 * Collects wishes for one host from several modules, and makes one DestinationRule of them at the end. Istio itself
 * would take the policy of the oldest rule of a host, add the subsets of the others, and drop the rest of them.
 *
 *     const reviews = new HostDestinations("reviews", { host, version, subsets: { v1: { version: "v1" } } });
 *     reviews.add(connectionPool({ tcp: { maxConnections: 10 } }));          // one module
 *     reviews.add(outlierDetection({ consecutive5xxErrors: 3 }));            // another one
 *     reviews.declare();
 */
export class HostDestinations<Name extends string = never> extends pulumi.ComponentResource {
  #host: DeclaredHost<Name>;
  readonly #context: TrafficContext;
  readonly #handedOn: pulumi.CustomResourceOptions;
  #declared = false;

  constructor(
    name: string,
    args: DestinationsArgs<Name> & TrafficContext,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:traffic:HostDestinations", name, {}, options);
    const { version, dnsDomain, ...wishes } = args;
    this.#context = { version, ...(dnsDomain === undefined ? {} : { dnsDomain }) };
    this.#host = new DeclaredHost(wishes as DestinationsArgs<Name>);
    this.#handedOn = handedOn(options);
  }

  /** A subset, for routes. */
  subset(name: Name): SubsetHandle {
    return this.#host.subset(name);
  }

  /** Adds wishes. They may come in any order; to add some after `declare` is an error. */
  add(...policies: readonly PolicyWish[]): this {
    this.#refuseLate("wished for");
    this.#host = this.#host.with(...policies);
    return this;
  }

  /** What would be declared now, and what is to be said about it. */
  plan(): Destined {
    return mergeDestinations([this.#host], this.#context);
  }

  /** Registers the DestinationRule. What is worth knowing is shown; faults are thrown, all at once. */
  declare(): readonly pulumi.Resource[] {
    this.#refuseLate("declared");
    const { objects, findings } = this.plan();
    tell(findings, this);
    this.#declared = true;
    const ready = declareObjects(objects, { parent: this, ...this.#handedOn });
    this.registerOutputs({});
    return ready;
  }

  #refuseLate(done: string): void {
    if (this.#declared) throw new Error(`a host's policies were ${done} after declare(): do it before`);
  }
}
