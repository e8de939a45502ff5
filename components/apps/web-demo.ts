import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { appImages } from "./images";
import { type AppArgs, type AppComponentArgs, childOptions, renderDeployment, renderService } from "./parts";

const PORT = { name: "http", port: 8080 } as const;

const servers = {
  httpd: {
    container: "busybox",
    image: appImages.busybox,
    command: ["/bin/sh", "-c", "echo 'hello httpd' > /var/www/index.html; httpd -f -p 8080 -h /var/www"],
    // The user may not write into the image's own folder.
    scratch: ["/var/www"],
    user: 65534,
    health: "/",
    grace: 5,
  },
  tomcat: { container: "tomcat", image: appImages.tomcatApp, memory: "128Mi", health: "tcp" },
} as const;

/**
 * Two servers with a Service each, one Service over both, and a client. The pods' labels are `server` and `app: web`, as
 * in document 002; its Services look for `app: tomcat` and `app: httpd`, which no pod has, so here they ask for `server`.
 */
export function renderWebDemo({ namespace, pods }: AppArgs): KubeObject[] {
  const names = ["httpd", "tomcat"] as const;
  return [
    renderDeployment({
      namespace,
      pods,
      name: "client",
      labels: { app: "client", version: "v1" },
      selector: { app: "client" },
      container: "busybox",
      image: appImages.busybox,
      command: ["/bin/sh", "-c", "while true; do sleep 3600; done"],
      grace: 0,
      user: 65534,
      memory: "16Mi",
    }),
    ...names.map((server) =>
      renderDeployment({
        namespace,
        pods,
        name: server,
        labels: { server, app: "web", version: "v1" },
        selector: { server, app: "web" },
        ports: [PORT],
        ...servers[server],
      }),
    ),
    ...names.map((server) =>
      renderService({ name: `${server}-svc`, namespace, selector: { server }, ports: [PORT] }),
    ),
    renderService({ name: "web-svc", namespace, selector: { app: "web" }, ports: [PORT] }),
  ];
}

/** httpd and tomcat behind one name, between which document 002 shifts traffic. */
export class WebDemo extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(name: string, args: AppComponentArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:apps:WebDemo", name, {}, options);
    this.done = declareObjects(renderWebDemo(args), childOptions(this, args));
    this.registerOutputs({});
  }
}
