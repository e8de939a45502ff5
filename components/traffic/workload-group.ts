import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { ofMinor } from "../mesh/api-versions";
import { filled } from "../mesh/exposure-fields";
import { apiOf, type TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import type { PodLabels } from "./destination-policy";
import { type Endpoint, renderEndpoint } from "./endpoint";
import { checked, type Place } from "./faults";
import { metadataOf, type Named } from "./metadata";
import { integer, labelMap, port } from "./values";

/** How the proxy of a machine finds out whether its application is ready. Seconds and counts as of Kubernetes' probes. */
export interface ReadinessProbe {
  /** Default 0. */
  readonly initialDelaySeconds?: number;
  /** Default 1. */
  readonly timeoutSeconds?: number;
  /** Default 10. */
  readonly periodSeconds?: number;
  /** Default 1. */
  readonly successThreshold?: number;
  /** Default 3. */
  readonly failureThreshold?: number;
  /** How it asks. gRPC is in Istio's API, but its webhook refuses it. */
  readonly check:
    | {
        readonly httpGet: {
          /** Default `/`. */
          readonly path?: string;
          readonly port: number;
          /** Default: the address of the machine. */
          readonly host?: string;
          /** Default HTTP. */
          readonly scheme?: "HTTP" | "HTTPS";
        };
      }
    | { readonly tcpSocket: { readonly port: number; readonly host?: string } }
    | { readonly exec: { readonly command: readonly string[] } };
}

/** Machines that register by themselves, all alike. */
export interface WorkloadGroupArgs extends Named {
  /** Labels of their WorkloadEntries. */
  readonly labels: PodLabels;
  /** Default none. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What they have in common; each fills in its address. */
  readonly template: Endpoint;
  /** Default: they are always ready. */
  readonly probe?: ReadinessProbe;
}

const times = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function renderProbe({ check, ...timing }: ReadinessProbe, at: Place): object {
  for (const field of times) {
    const value = timing[field];
    if (value !== undefined) integer(value, at.in(field), { max: 2 ** 31 - 1 });
  }
  if ("httpGet" in check) port(check.httpGet.port, at.in("check", "httpGet", "port"));
  else if ("tcpSocket" in check) port(check.tcpSocket.port, at.in("check", "tcpSocket", "port"));
  else if (check.exec.command.length === 0) {
    at.in("check", "exec", "command").fault([], "a program with its arguments", "name it");
  }
  return { ...timing, ...check };
}

/** A WorkloadGroup. */
export const renderWorkloadGroup = (args: WorkloadGroupArgs, context: TrafficContext): KubeObject[] =>
  checked(`WorkloadGroup ${args.namespace}/${args.name}`, (at) => {
    const { labels, annotations, template, probe } = args;
    labelMap(labels, at.in("labels"));
    for (const key of Object.keys(template.labels ?? {})) {
      if (key in labels)
        at.in("template", "labels", key).fault(key, "each label in one place", "leave it out here");
    }
    const networking = apiOf(context).networking;
    return [
      {
        // v1beta1 of this kind is younger than that of its like.
        apiVersion: ofMinor(context.version, "1.13") ? networking : "networking.istio.io/v1alpha3",
        kind: "WorkloadGroup",
        metadata: metadataOf(args, at),
        spec: filled({
          metadata: filled({ labels, annotations }),
          template: renderEndpoint(template, { names: true, template: true }, at.in("template")),
          probe: probe === undefined ? undefined : renderProbe(probe, at.in("probe")),
        }),
      },
    ];
  });

/** Machines that register by themselves. */
export class WorkloadGroup extends DeclaredPolicy {
  constructor(
    name: string,
    args: WorkloadGroupArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("WorkloadGroup", name, renderWorkloadGroup(args, args), options);
  }
}
