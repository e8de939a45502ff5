import type { Labels } from "../../lib/fields";
import { Undecided } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { Workload } from "../../lib/workloads";
import { namespaceOf } from "../../lib/workloads";
import { workloadEntryKind } from "../analysis/kinds";
import { fieldsIn, mapOf, numberOf, readable, specOf } from "./objects";
import { podSpecOf } from "./proxies";
import type { Service, ServicePort } from "./registry";
import type { Open } from "./types";

/** Pods of one workload behind a destination. */
export interface EndpointGroup {
  /** Undefined for endpoints that no declared workload makes. */
  readonly workload: Workload | undefined;
  readonly replicas: number;
  /** Part of the destination's requests, as long as all pods are alike. */
  readonly share: number;
}

const hasAll = (labels: Labels, wanted: Labels): boolean =>
  Object.entries(wanted).every(([key, value]) => labels[key] === value);

function replicasOf({ object }: Workload): number {
  if (object.kind === "DaemonSet" || object.kind === "Pod") return 1;
  if (object.kind === "Job" || object.kind === "CronJob") return 1;
  return numberOf(specOf(object).replicas) ?? 1;
}

/** Labels of the WorkloadEntries that a selector takes: they count like pods. */
const machinesOf = (selector: Labels, namespace: string, index: ObjectIndex): readonly Labels[] =>
  readable(index, workloadEntryKind)
    .objects.filter((object) => namespaceOf(object) === namespace)
    .map((object) => ({ ...mapOf(object.metadata.labels), ...mapOf(specOf(object).labels) }))
    .filter((labels) => hasAll(labels, selector));

/** Endpoints of a Service with the labels of a subset, by workload. */
export function endpointsOf(
  service: Service,
  subset: Labels,
  index: ObjectIndex,
): { readonly groups: readonly EndpointGroup[]; readonly open: readonly Open[] } {
  const { selector, written, namespace } = service;
  const machines = selector === undefined ? [] : machinesOf(selector, namespace, index);
  const outside = [...written, ...machines].filter((labels) => hasAll(labels, subset)).length;
  let workloads: readonly Workload[] = [];
  const open: Open[] = [];
  try {
    const pods = selector === undefined ? [] : index.selected(selector, namespace);
    workloads = pods.filter(({ labels }) => labels !== undefined && hasAll(labels, subset));
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    open.push({ text: `${error.message}; its pods are left out` });
  }
  if (selector === undefined && outside === 0 && service.object.kind === "Service") {
    open.push({
      text: `${service.host} has no selector: its endpoints are not declared, and assumed to be there`,
    });
    return { groups: [{ workload: undefined, replicas: 1, share: 1 }], open };
  }
  const counted = workloads.map((workload) => ({ workload, replicas: replicasOf(workload) }));
  const alive = counted.filter(({ replicas }) => replicas > 0);
  const total = alive.reduce((sum, { replicas }) => sum + replicas, outside);
  const groups: EndpointGroup[] = alive.map((group) => ({ ...group, share: group.replicas / total }));
  if (outside > 0) groups.push({ workload: undefined, replicas: outside, share: outside / total });
  return { groups, open };
}

/** The port at the pods, which PeerAuthentication and AuthorizationPolicy go by. */
export function targetPort(port: ServicePort | undefined, workload: Workload): number | undefined {
  if (port === undefined) return undefined;
  if (typeof port.target === "number") return port.target;
  if (/^\d+$/.test(port.target)) return Number(port.target);
  const ports = fieldsIn(podSpecOf(workload).containers).flatMap((container) => fieldsIn(container.ports));
  return numberOf(ports.find(({ name }) => name === port.target)?.containerPort);
}
