import { type Catalogue, type Draft, defineCheck } from "../lib/checks";
import { fieldOf, itemsAt, mapAt, matches, numberAt, showLabels, textAt } from "../lib/fields";
import type { Check } from "../lib/findings";
import type { ObjectIndex } from "../lib/object-index";
import { titleOf } from "../lib/objects";
import { type Workload, workloadOf } from "../lib/workloads";

/** A host of the cluster, as the config has it. */
export interface LabelledNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export const hostNetworkCodes = {
  MP0331: { severity: "error", title: "pods on the host's network that fit on no host" },
  MP0332: { severity: "error", title: "more pods want a port of hosts than there are hosts for them" },
  MP0333: { severity: "warning", title: "pod on the host's network that is replaced by rolling" },
} as const satisfies Catalogue;

type Code = keyof typeof hostNetworkCodes;

const inHostNetwork = ({ object, spec }: Workload) => fieldOf(object, `${spec}.hostNetwork`) === true;

/** Ports of the node that a pod takes: on the host's network each port that it names. */
function portsOf(workload: Workload): string[] {
  const { object, spec } = workload;
  return itemsAt(object, `${spec}.containers`).flatMap((container) =>
    itemsAt(object, `${container}.ports`).flatMap((path) => {
      const own = inHostNetwork(workload) ? numberAt(object, `${path}.containerPort`) : undefined;
      const port = numberAt(object, `${path}.hostPort`) ?? own;
      return port === undefined ? [] : [`${port}/${textAt(object, `${path}.protocol`) ?? "TCP"}`];
    }),
  );
}

const onHost = (workload: Workload) => inHostNetwork(workload) || portsOf(workload).length > 0;

const candidates = ({ object, spec }: Workload, nodes: readonly LabelledNode[]) => {
  const selector = mapAt(object, `${spec}.nodeSelector`);
  return nodes.filter(({ labels }) => matches(selector, labels));
};

/** How many pods there are; those of a DaemonSet are as many as its hosts. */
const podsOf = (workload: Workload, nodes: readonly LabelledNode[]) =>
  workload.object.kind === "DaemonSet"
    ? candidates(workload, nodes).length
    : (numberAt(workload.object, "spec.replicas") ?? 1);

function homeless(workload: Workload, nodes: readonly LabelledNode[]): Draft<Code>[] {
  if (candidates(workload, nodes).length > 0) return [];
  const selector = mapAt(workload.object, `${workload.spec}.nodeSelector`);
  return [
    {
      code: "MP0331",
      path: `${workload.spec}.nodeSelector`,
      message: `no host has the labels ${showLabels(selector)}: the pods stay Pending and the run waits for them`,
      change: `give a host of hosts.members the labels ${showLabels(selector)}`,
    },
  ];
}

/** With the workloads before this one that want one of its ports on the same hosts. */
function crowded(workload: Workload, index: ObjectIndex, nodes: readonly LabelledNode[]): Draft<Code>[] {
  const place = index.workloads.findIndex(({ object }) => object === workload.object);
  const mine = candidates(workload, nodes);
  const before = index.workloads.slice(0, place).filter(onHost);
  return portsOf(workload).flatMap((port): Draft<Code>[] => {
    const rivals = before.filter(
      (other) =>
        portsOf(other).includes(port) && candidates(other, nodes).some((node) => mine.includes(node)),
    );
    const hosts = new Set([...mine, ...rivals.flatMap((other) => candidates(other, nodes))]).size;
    const pods = [workload, ...rivals].reduce((sum, other) => sum + podsOf(other, nodes), 0);
    if (pods <= hosts || mine.length === 0) return [];
    const beside = rivals.map(({ object }) => titleOf(object)).join(", ");
    return [
      {
        code: "MP0332",
        path: `${workload.spec}.containers`,
        message: `${pods} pods want port ${port} of ${hosts} hosts${beside === "" ? "" : `, with ${beside}`}: some stay Pending`,
        change: "take fewer replicas, label more hosts, or give them other ports or hosts",
      },
    ];
  });
}

function rolling(workload: Workload, nodes: readonly LabelledNode[]): Draft<Code>[] {
  const { object } = workload;
  const isFixed =
    object.kind !== "Deployment" ||
    textAt(object, "spec.strategy.type") === "Recreate" ||
    fieldOf(object, "spec.strategy.rollingUpdate.maxSurge") === 0;
  if (isFixed || portsOf(workload).length === 0) return [];
  if (podsOf(workload, nodes) < candidates(workload, nodes).length) return [];
  return [
    {
      code: "MP0333",
      path: "spec.strategy",
      message:
        "the new pod starts before the old one ends and finds its ports taken on every host: an update never ends",
      change: "set spec.strategy.type to Recreate, or rollingUpdate.maxSurge to 0",
    },
  ];
}

/** Pods on the host's network against the hosts that there are. */
export const hostNetworkCheck = (nodes: readonly LabelledNode[]): Check =>
  defineCheck(hostNetworkCodes, {
    codes: ["MP0331", "MP0332", "MP0333"],
    over: (index) => index.workloads.map(({ object }) => object),
    look: (object, index) => {
      const workload = workloadOf(object);
      if (workload === undefined || !onHost(workload)) return [];
      return [...homeless(workload, nodes), ...crowded(workload, index, nodes), ...rolling(workload, nodes)];
    },
  });
