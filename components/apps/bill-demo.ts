import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { renderFrontDoor } from "./front-door";
import { appImages } from "./images";
import { type AppArgs, type AppComponentArgs, childOptions, renderDeployment, renderService } from "./parts";

export interface BillDemoArgs extends AppArgs {
  /** Names under which clients come. Default `["tomcat.istio-demo.com"]`. */
  readonly hosts?: readonly string[];
}

const bill = "bill-service";
const front = "front-tomcat";
const versions = ["v1", "v2"] as const;

/** What each version of the bill service writes at its start, and then answers. */
const bills = { v1: "this is bill-service-v1", v2: "hello, this is bill-service-v2" } as const;

/** v1 is the image as it is; v2 has a page of its own, in a folder that the image's page would fill. */
const fronts = {
  v1: {},
  v2: {
    command: [
      "/bin/sh",
      "-c",
      "echo 'hello tomcat version2'>/opt/tomcat/webapps/ROOT/index.html;/opt/tomcat/bin/deploy-and-run.sh;",
    ],
    scratch: ["/opt/tomcat/webapps/ROOT"],
  },
} as const;

function renderBills({ namespace, pods }: AppArgs): KubeObject[] {
  return [
    ...versions.map((version) =>
      renderDeployment({
        namespace,
        pods,
        name: `${bill}-${version}`,
        // Tools of the mesh group by `app`; the documents' own label stays the selector.
        labels: { app: bill, service: bill, version },
        selector: { service: bill, version },
        container: bill,
        image: appImages.nginx,
        command: [
          "/bin/sh",
          "-c",
          `echo '${bills[version]}'>/usr/share/nginx/html/index.html;nginx -g 'daemon off;'`,
        ],
        ports: [{ name: "http", port: 80 }],
        health: "/",
        scratch: ["/usr/share/nginx/html"],
      }),
    ),
    renderService({
      name: bill,
      namespace,
      selector: { service: bill },
      ports: [{ name: "http", port: 9999, targetPort: 80 }],
    }),
  ];
}

export function renderBillDemo(args: BillDemoArgs): KubeObject[] {
  const { namespace, pods, hosts = ["tomcat.istio-demo.com"] } = args;
  const port = { name: "http", port: 8080 };
  return [
    ...renderBills(args),
    ...versions.map((version) =>
      renderDeployment({
        namespace,
        pods,
        name: `${front}-${version}`,
        labels: { app: front, version },
        container: front,
        image: appImages.consolTomcat,
        ports: [port],
        health: "tcp",
        memory: "128Mi",
        ...fronts[version],
      }),
    ),
    renderService({ name: front, namespace, selector: { app: front }, ports: [port] }),
    ...renderFrontDoor({
      ...args,
      hosts,
      gateway: `${front}-gateway`,
      virtualService: `gateway-${front}`,
      service: front,
      port: port.port,
    }),
  ];
}

/** A front (tomcat) that calls a bill service (nginx), each in two versions: the course of document 003. */
export class BillDemo extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: BillDemoArgs & AppComponentArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:apps:BillDemo", name, {}, options);
    this.done = declareObjects(renderBillDemo(args), childOptions(this, args));
    this.registerOutputs({});
  }
}
