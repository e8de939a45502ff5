import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { appImages } from "./images";
import { type AppArgs, type AppComponentArgs, childOptions, renderDeployment, renderService } from "./parts";

const name = "fortio";

/**
 * Counters of the proxy beside fortio that it does not show by itself: what its calls met, down to requests that
 * overflowed a connection pool.
 */
const counters = `proxyStatsMatcher:
  inclusionPrefixes:
  - cluster.outbound
  - cluster_manager
  - listener_manager
  - server
  - cluster.xds-grpc
`;

export function renderFortio({ namespace, pods }: AppArgs): KubeObject[] {
  const ports = [
    { name: "http", port: 8080 },
    { name: "grpc-ping", port: 8079 },
  ];
  return [
    renderService({
      name,
      namespace,
      labels: { app: name, service: name },
      selector: { app: name },
      ports,
    }),
    renderDeployment({
      namespace,
      pods,
      name,
      labels: { app: name, version: "v1" },
      container: name,
      image: appImages.fortio,
      // Its own folder belongs to root.
      args: ["server", "-data-dir", "/tmp"],
      ports,
      health: "/debug",
      user: 65532,
      annotations: { "proxy.istio.io/config": counters },
    }),
  ];
}

/** A generator of load, started by `kubectl exec deploy/fortio -c fortio -- fortio load URL`. */
export class Fortio extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(name: string, args: AppComponentArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:apps:Fortio", name, {}, options);
    this.done = declareObjects(renderFortio(args), childOptions(this, args));
    this.registerOutputs({});
  }
}
