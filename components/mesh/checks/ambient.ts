import { mapAt } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import { injectLabel } from "../injection";
import { injectionOf, ownProxy } from "../injection-objects";
import { dataplaneModeLabel } from "../namespace";
import { kindCheck, type MeshDraft, workloadCheck } from "./define";

const waypointLabel = "istio.io/use-waypoint";
const waypointNamespaceLabel = "istio.io/use-waypoint-namespace";

/** The pod's own label wins over its namespace's. */
const modeOf = (own: string | undefined, index: ObjectIndex, namespace: string) =>
  own ?? index.namespaceLabels(namespace)?.[dataplaneModeLabel];

/** A pod is in the mesh by one way: with a sidecar, ztunnel leaves it alone. */
export const oneDataPlane = workloadCheck(["KIA1311", "KIA1315", "KIA1316"], (workload, index) => {
  const { object, namespace, metadata } = workload;
  const labels = mapAt(object, `${metadata}.labels`);
  const own = labels[dataplaneModeLabel];
  const proxy = ownProxy(workload);
  const path = `${metadata}.labels.${dataplaneModeLabel}`;
  if (own === "ambient" && proxy !== undefined) {
    return [
      {
        code: "KIA1315",
        path,
        message: `the pod has a container ${proxy.name} and asks for ambient: ztunnel leaves it out`,
        change: "take the container out, or the label away",
      },
    ];
  }
  if (own === "ambient" && labels[injectLabel] === "true") {
    return [
      {
        code: "KIA1311",
        path,
        message: `the pod asks for ambient and, by ${injectLabel}=true, for a sidecar: the sidecar wins where it is injected`,
        change: "keep one of the two labels",
      },
    ];
  }
  const ambient = modeOf(own, index, namespace) === "ambient";
  const sidecar = proxy !== undefined || (ambient && injectionOf(workload, index)?.injected === true);
  if (!ambient || !sidecar) return [];
  return [
    {
      code: "KIA1316",
      path: `${metadata}.labels`,
      message: "the namespace is in ambient and the pod has a sidecar: ztunnel leaves this pod out",
      change: `let the namespace have one of the two, or say it is meant by ${dataplaneModeLabel}=none on the pod`,
    },
  ];
});

interface WaypointUse {
  readonly path: string;
  readonly waypoint: string | undefined;
  readonly waypointNamespace: string;
  readonly ambient: boolean | undefined;
}

/** A label that leads nowhere: traffic goes on without the rules that the waypoint was to carry out. */
function waypointFaults(use: WaypointUse, index: ObjectIndex): MeshDraft[] {
  const { path, waypoint, waypointNamespace, ambient } = use;
  if (waypoint === undefined || waypoint === "none") return [];
  if (ambient === false) {
    return [
      {
        code: "KIA1312",
        path,
        message: `${waypointLabel}=${waypoint} is read in ambient only, and this is not in ambient`,
        change: `label the namespace ${dataplaneModeLabel}=ambient, or take the label away`,
      },
    ];
  }
  if (index.find("gateway.networking.k8s.io/Gateway", waypointNamespace, waypoint) !== undefined) return [];
  if (!index.owns(waypointNamespace)) return [];
  return [
    {
      code: "KIA1313",
      path,
      message: `there is no waypoint ${waypointNamespace}/${waypoint}: rules that need one are not carried out`,
      change: `declare the Gateway ${waypoint} with the class istio-waypoint, or correct the label`,
    },
  ];
}

export const podWaypoint = workloadCheck(["KIA1312", "KIA1313"], ({ object, namespace, metadata }, index) => {
  const labels = mapAt(object, `${metadata}.labels`);
  const mode = modeOf(labels[dataplaneModeLabel], index, namespace);
  const known = labels[dataplaneModeLabel] !== undefined || index.namespaceLabels(namespace) !== undefined;
  return waypointFaults(
    {
      path: `${metadata}.labels.${waypointLabel}`,
      waypoint: labels[waypointLabel],
      waypointNamespace: labels[waypointNamespaceLabel] ?? namespace,
      ambient: known ? mode === "ambient" : undefined,
    },
    index,
  );
});

export const namespaceWaypoint = kindCheck(["KIA1312", "KIA1313"], ["Namespace"], (namespace, index) => {
  const labels = mapAt(namespace, "metadata.labels");
  // Pods may be in ambient by labels of their own; only then a waypoint without the namespace's label is of use.
  const single = index
    .workloadsIn(namespace.metadata.name)
    .some(({ labels }) => labels?.[dataplaneModeLabel] === "ambient");
  return waypointFaults(
    {
      path: `metadata.labels.${waypointLabel}`,
      waypoint: labels[waypointLabel],
      waypointNamespace: labels[waypointNamespaceLabel] ?? namespace.metadata.name,
      ambient: labels[dataplaneModeLabel] === "ambient" || single,
    },
    index,
  );
});
