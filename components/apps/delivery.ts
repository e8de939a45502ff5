import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { type DroneArgs, renderDroneRunner, renderDroneServer } from "./drone";
import { type GiteaArgs, type GiteaSecrets, renderDatabase, renderGitea } from "./gitea";
import { type AppComponentArgs, childOptions } from "./parts";

export interface DeliveryArgs extends GiteaArgs {
  /** Default: none yet. Gitea comes first, since the OAuth2 application for Drone is made on its pages. */
  readonly drone?:
    | (Omit<DroneArgs, "namespace" | "mesh" | "pods"> & {
        /** Secret of the OAuth2 application. */
        readonly clientSecret: pulumi.Input<string>;
      })
    | undefined;
}

/** Everything that is made once, by Pulumi. */
export interface DeliverySecrets extends GiteaSecrets {
  /** What Drone's server and runner know each other by. */
  readonly rpc: pulumi.Input<string>;
}

export function renderDelivery(args: DeliveryArgs, secrets: DeliverySecrets): KubeObject[] {
  const { namespace, pods, drone } = args;
  const gitea = [...renderDatabase(args, secrets), ...renderGitea(args)];
  if (drone === undefined) return gitea;
  const droneArgs: DroneArgs = { namespace, pods, ...drone };
  return [
    ...gitea,
    ...renderDroneServer(droneArgs, { rpc: secrets.rpc, client: drone.clientSecret }),
    ...renderDroneRunner(droneArgs),
  ];
}

/**
 * Code and builds: Gitea with MariaDB, and Drone with one runner (document 001's two compose files). Passwords and the
 * secret between server and runner are made here, and stand in Secrets alone.
 */
export class Delivery extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: DeliveryArgs & AppComponentArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:apps:Delivery", name, {}, options);
    const secrets = {
      databaseRoot: this.password(`${name}-database-root`),
      database: this.password(`${name}-database`),
      rpc: this.password(`${name}-drone-rpc`),
    };
    this.done = declareObjects(renderDelivery(args, secrets), childOptions(this, args));
    this.registerOutputs({});
  }

  private password(name: string): pulumi.Output<string> {
    return new random.RandomPassword(name, { length: 32, special: false }, { parent: this }).result;
  }
}
