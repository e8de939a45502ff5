import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { renderFrontDoor } from "./front-door";
import { appImages } from "./images";
import { type AppArgs, type AppComponentArgs, childOptions, renderDeployment, renderService } from "./parts";

export interface ProxyComArgs extends AppArgs {
  /** Names under which clients come. Default `["nginx.bbotte.com"]`. */
  readonly hosts?: readonly string[];
}

const name = "proxy-com";

export function renderProxyCom(args: ProxyComArgs): KubeObject[] {
  const { namespace, pods, hosts = ["nginx.bbotte.com"] } = args;
  const port = { name: "http", port: 80 };
  return [
    renderDeployment({
      namespace,
      pods,
      name,
      labels: { app: name, version: "v1" },
      container: "nginx",
      image: appImages.nginx,
      ports: [port],
      health: "/",
    }),
    renderService({ name, namespace, selector: { app: name }, ports: [port] }),
    ...renderFrontDoor({
      ...args,
      hosts,
      gateway: "nginx-gateway",
      virtualService: "nginx",
      paths: [{ prefix: "/" }],
      service: name,
      port: port.port,
    }),
  ];
}

/** An nginx behind a host name of its own: document 000's example of one more front in the mesh. */
export class ProxyCom extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: ProxyComArgs & AppComponentArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:apps:ProxyCom", name, {}, options);
    this.done = declareObjects(renderProxyCom(args), childOptions(this, args));
    this.registerOutputs({});
  }
}
