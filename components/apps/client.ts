import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { appImages } from "./images";
import {
  type AppArgs,
  type AppComponentArgs,
  childOptions,
  renderAccount,
  renderDeployment,
  renderService,
} from "./parts";

export interface ClientArgs extends AppArgs {
  /** Of all its objects; Istio's samples have `curl`, and `sleep` as its older name. */
  readonly name: string;
}

/** Its account is what rules about callers name; the Service is only there so that it has a name in the mesh. */
export function renderClient({ name, namespace, pods }: ClientArgs): KubeObject[] {
  return [
    renderAccount(name, namespace, { app: name }),
    renderService({
      name,
      namespace,
      labels: { app: name, service: name },
      selector: { app: name },
      ports: [{ name: "http", port: 80 }],
    }),
    renderDeployment({
      namespace,
      pods,
      name,
      labels: { app: name, version: "v1" },
      container: name,
      image: appImages.curl,
      command: ["/bin/sleep", "infinity"],
      grace: 0,
      user: 100,
      account: name,
      memory: "16Mi",
    }),
  ];
}

/** A pod that waits for someone to call others from it, with curl. */
export class Client extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: ClientArgs & AppComponentArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:apps:Client", name, {}, options);
    this.done = declareObjects(renderClient(args), childOptions(this, args));
    this.registerOutputs({});
  }
}
