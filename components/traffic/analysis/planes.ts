import { entryAt } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf, type Workload } from "../../lib/workloads";
import { injectionOf, ownProxy } from "../../mesh/injection-objects";

const modeLabel = "istio.io/dataplane-mode";
const waypointLabel = "istio.io/use-waypoint";

export type DataPlane = "sidecar" | "ambient" | "none";

/** How a namespace takes part in the mesh, by its label; undefined where it is not declared. */
export const namespacePlane = (namespace: string, index: ObjectIndex): string | undefined =>
  index.namespaceLabels(namespace)?.[modeLabel];

/** How the pods of a workload take part in the mesh; undefined where their namespace is not declared. */
export function dataPlaneOf(workload: Workload, index: ObjectIndex): DataPlane | undefined {
  if (ownProxy(workload) !== undefined) return "sidecar";
  const injection = injectionOf(workload, index);
  if (injection?.injected === true) return "sidecar";
  const mode = workload.labels?.[modeLabel] ?? namespacePlane(workload.namespace, index);
  if (mode === "ambient") return "ambient";
  return injection === undefined ? undefined : "none";
}

/** Whether requests to an object in ambient pass a waypoint, by a label of its own or of its namespace. */
export function hasWaypoint(object: KubeObject, index: ObjectIndex): boolean {
  const own = entryAt(object, "metadata.labels", waypointLabel);
  const name = own ?? index.namespaceLabels(namespaceOf(object))?.[waypointLabel];
  return name !== undefined && name !== "none" && name !== "";
}

/** Whether a namespace has a waypoint. */
export function namespaceHasWaypoint(namespace: string, index: ObjectIndex): boolean {
  const name = index.namespaceLabels(namespace)?.[waypointLabel];
  return name !== undefined && name !== "none" && name !== "";
}
