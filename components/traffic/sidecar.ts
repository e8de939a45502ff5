import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { filled } from "../mesh/exposure-fields";
import { apiOf, type TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import type { PodLabels } from "./destination-policy";
import { checked, type Place } from "./faults";
import { metadataOf, type Named } from "./metadata";
import { type ConnectionPoolArgs, renderWholePool } from "./pool-settings";
import { type EgressListener, type IngressListener, renderEgress, renderIngress } from "./sidecar-listeners";
import { labelMap, oneOf } from "./values";

export type * from "./sidecar-listeners";

/** What proxies of a namespace are told about, and what they take. */
export interface SidecarArgs extends Named {
  /** Pods that it is for. Default: all of the namespace; of the root namespace, all of the mesh. */
  readonly workloadSelector?: PodLabels;
  /** Default: everything in the mesh. */
  readonly egress?: readonly EgressListener[];
  /** Default: by the Services that lead to the pods. */
  readonly ingress?: readonly IngressListener[];
  /** Hosts that are not known: reach them (ALLOW_ANY) or not (REGISTRY_ONLY). Default: as the mesh says. */
  readonly outboundTrafficPolicy?: "ALLOW_ANY" | "REGISTRY_ONLY";
  /** Limits of what comes in. Default: none. */
  readonly inboundConnectionPool?: ConnectionPoolArgs;
  /** Istio's own namespace, which every proxy has to reach. Default `istio-system`. */
  readonly meshNamespace?: string;
}

/** Without it proxies lose telemetry's collectors, and whatever else the mesh has there. */
function checkMeshNamespace(
  { egress, meshNamespace = "istio-system", namespace }: SidecarArgs,
  at: Place,
): void {
  if (egress === undefined) return;
  const names = new Set(["*", meshNamespace, ...(namespace === meshNamespace ? ["."] : [])]);
  const reaches = ({ hosts }: EgressListener) =>
    hosts.some((text) => text.endsWith("/*") && names.has(text.slice(0, -2)));
  if (!egress.some(reaches)) {
    at.fault(
      egress.flatMap(({ hosts }) => hosts),
      `${meshNamespace}/* among the hosts`,
      "add it",
    );
  }
}

/** A Sidecar. */
export const renderSidecar = (args: SidecarArgs, context: TrafficContext): KubeObject[] =>
  checked(`Sidecar ${args.namespace}/${args.name}`, (at) => {
    const {
      namespace,
      workloadSelector,
      egress,
      ingress,
      outboundTrafficPolicy: policy,
      meshNamespace,
    } = args;
    const { inboundConnectionPool: pool } = args;
    checkMeshNamespace(args, at.in("egress"));
    if (workloadSelector !== undefined && namespace === (meshNamespace ?? "istio-system")) {
      at.in("workloadSelector").fault(
        workloadSelector,
        "none in the mesh's root namespace",
        "put it into the pods' namespace",
      );
    }
    const says = filled({
      ingress: ingress === undefined ? undefined : renderIngress(ingress, at.in("ingress")),
      egress: egress === undefined ? undefined : renderEgress(egress, namespace, at.in("egress")),
      inboundConnectionPool:
        pool === undefined ? undefined : renderWholePool(pool, at.in("inboundConnectionPool")),
      outboundTrafficPolicy:
        policy === undefined
          ? undefined
          : { mode: oneOf(policy, ["ALLOW_ANY", "REGISTRY_ONLY"], at.in("outboundTrafficPolicy")) },
    });
    if (Object.keys(says).length === 0) {
      const allowed = "one of egress, ingress, outboundTrafficPolicy, inboundConnectionPool";
      at.in("egress").fault(undefined, allowed, "say one, or leave the Sidecar out");
    }
    const selector =
      workloadSelector === undefined
        ? {}
        : { workloadSelector: { labels: labelMap(workloadSelector, at.in("workloadSelector")) } };
    const spec = { ...selector, ...says };
    return [{ apiVersion: apiOf(context).networking, kind: "Sidecar", metadata: metadataOf(args, at), spec }];
  });

/** What proxies are told about, and what they take. */
export class Sidecar extends DeclaredPolicy {
  constructor(name: string, args: SidecarArgs & TrafficContext, options?: pulumi.ComponentResourceOptions) {
    super("Sidecar", name, renderSidecar(args, args), options);
  }
}
