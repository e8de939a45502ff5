import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { appImages, type LabService, labImage, labServices } from "./images";
import { type AppArgs, type AppComponentArgs, childOptions, renderDeployment, renderService } from "./parts";

export interface IstioLabArgs extends AppArgs {
  /** Which of them run. node asks go; python asks lua and node. Default: all four. */
  readonly services?: readonly LabService[];
}

const versions = ["v1", "v2"] as const;
const PORT = { name: "http", port: 80 } as const;

function renderLabService({ namespace, pods }: AppArgs, service: LabService): KubeObject[] {
  const app = `service-${service}`;
  return [
    renderService({ name: app, namespace, selector: { app }, ports: [PORT] }),
    ...versions.map((version) =>
      renderDeployment({
        namespace,
        pods,
        name: `${app}-${version}`,
        labels: { app, version },
        container: app,
        image: labImage(service, version),
        ports: [PORT],
        health: "/status",
        memory: "50Mi",
      }),
    ),
  ];
}

/** Services in two versions each, and dns-test, from which they are called. */
export function renderIstioLab(args: IstioLabArgs): KubeObject[] {
  const { namespace, pods, services = labServices } = args;
  return [
    ...services.flatMap((service) => renderLabService(args, service)),
    renderDeployment({
      namespace,
      pods,
      name: "dns-test",
      labels: { app: "dns-test", version: "v1" },
      container: "dns-test",
      image: appImages.busyboxCurl,
      command: ["/bin/sh", "-c", "while true; do sleep 3600; done"],
      grace: 0,
      memory: "16Mi",
    }),
  ];
}

/** The services of the resilience exercises (document 004): `/env` answers with name, version and who was asked. */
export class IstioLab extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: IstioLabArgs & AppComponentArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:apps:IstioLab", name, {}, options);
    this.done = declareObjects(renderIstioLab(args), childOptions(this, args));
    this.registerOutputs({});
  }
}
