import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { filled } from "../mesh/exposure-fields";
import { apiOf, type TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { checked, type Place } from "./faults";
import { type ExternalHandle, external } from "./handles";
import { metadataOf } from "./metadata";
import type { ServiceEntryArgs } from "./service-entry-args";
import {
  checkAddresses,
  checkEndpoints,
  checkHosts,
  portName,
  renderEndpoints,
  renderPorts,
} from "./service-entry-checks";
import { labelMap, oneOf } from "./values";
import { renderVisibility } from "./visibility";

export type * from "./service-entry-args";

/** A host of a ServiceEntry, for routes and policies. */
export const entryHost = ({ hosts: [first = ""], ports }: ServiceEntryArgs): ExternalHandle =>
  external(first, Object.fromEntries(ports.map((one) => [portName(one), one.number])));

const resolutions = ["NONE", "STATIC", "DNS", "DNS_ROUND_ROBIN", "DYNAMIC_DNS"] as const;

/** A ServiceEntry, whose faults are noted at a place. */
export function serviceEntryAt(args: ServiceEntryArgs, context: TrafficContext, at: Place): KubeObject {
  const { hosts, addresses, location = "MESH_EXTERNAL", namespace, exportTo, workloadSelector } = args;
  const resolution = oneOf(args.resolution, resolutions, at.in("resolution"));
  checkHosts(args, at.in("hosts"));
  checkAddresses(args, context, at.in("addresses"));
  checkEndpoints(args, at);
  // Said even where it is the default: without it, whether the entry has an address depends on istiod's flags.
  const labels = addresses === "auto" ? { "networking.istio.io/enable-autoallocate-ip": "true" } : undefined;
  const selector =
    workloadSelector === undefined
      ? undefined
      : { labels: labelMap(workloadSelector, at.in("workloadSelector")) };
  return {
    apiVersion: apiOf(context).networking,
    kind: "ServiceEntry",
    metadata: { ...metadataOf(args, at), ...filled({ labels }) },
    spec: filled({
      hosts,
      addresses: addresses === "auto" ? undefined : addresses,
      ports: renderPorts(args, at.in("ports")),
      location: oneOf(location, ["MESH_EXTERNAL", "MESH_INTERNAL"], at.in("location")),
      resolution,
      endpoints: renderEndpoints(args, at.in("endpoints")),
      workloadSelector: selector,
      exportTo: renderVisibility({ exportTo, namespace, nobody: true }, at.in("exportTo")),
      subjectAltNames: args.subjectAltNames,
    }),
  };
}

/** A ServiceEntry. */
export const renderServiceEntry = (args: ServiceEntryArgs, context: TrafficContext): KubeObject[] =>
  checked(`ServiceEntry ${args.namespace}/${args.name}`, (at) => [serviceEntryAt(args, context, at)]);

/** Hosts that are no Services of the cluster, as the mesh shall know them. */
export class ServiceEntry extends DeclaredPolicy {
  /** The first host, for routes and policies. */
  readonly host: ExternalHandle;

  constructor(
    name: string,
    args: ServiceEntryArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("ServiceEntry", name, renderServiceEntry(args, args), options);
    this.host = entryHost(args);
  }
}
