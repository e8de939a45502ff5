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

export interface HttpbinArgs extends AppArgs {
  /** Each is a Deployment; `/hostname` answers with the pod's name, and so with the version. Default `["v1"]`. */
  readonly versions?: readonly string[];
}

const name = "httpbin";

/** One Service on port 8000 over all versions. */
export function renderHttpbin({ namespace, pods, versions = ["v1"] }: HttpbinArgs): KubeObject[] {
  return [
    renderAccount(name, namespace, { app: name }),
    renderService({
      name,
      namespace,
      labels: { app: name, service: name },
      selector: { app: name },
      ports: [{ name: "http", port: 8000, targetPort: 8080 }],
    }),
    ...versions.map((version) =>
      renderDeployment({
        namespace,
        pods,
        name: `${name}-${version}`,
        labels: { app: name, version },
        container: name,
        image: appImages.httpbin,
        // Without it /hostname invents a name.
        env: [{ name: "USE_REAL_HOSTNAME", value: "true" }],
        ports: [{ name: "http", port: 8080 }],
        health: "/status/200",
        user: 65532,
        account: name,
      }),
    ),
  ];
}

/** A server that answers as it is asked to: status, delay, headers, bytes. */
export class Httpbin extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: HttpbinArgs & AppComponentArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:apps:Httpbin", name, {}, options);
    this.done = declareObjects(renderHttpbin(args), childOptions(this, args));
    this.registerOutputs({});
  }
}
