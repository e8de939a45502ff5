import { entryAt, fieldOf } from "../../lib/fields";
import type { Workload } from "../../lib/workloads";
import { injectLabel } from "../injection";
import { containersOf, injectionOf, ownProxy } from "../injection-objects";
import { injectionLabel, revisionLabel } from "../namespace";
import { type MeshDraft, workloadCheck } from "./define";
import { knownRevisions } from "./namespaces";

const statusPath = "sidecar.istio.io/status";

/** By what a pod template shows that a proxy was put into it by hand, as `istioctl kube-inject` does. */
function handInjection(workload: Workload): { readonly path: string; readonly sign: string } | undefined {
  const { object, metadata } = workload;
  const proxy = ownProxy(workload);
  if (proxy !== undefined) return { path: `${proxy.path}.name`, sign: `a container ${proxy.name}` };
  const init = containersOf(workload).find(({ name }) => name === "istio-init");
  if (init !== undefined) return { path: `${init.path}.name`, sign: "an init container istio-init" };
  const annotations = `${metadata}.annotations`;
  if (entryAt(object, annotations, statusPath) !== undefined) {
    return { path: `${annotations}.${statusPath}`, sign: `the injector's mark ${statusPath}` };
  }
  return undefined;
}

/**
 * The failure of the documents: pods injected by hand in a namespace that also injects. The agent then finds its own port
 * as the application's and ends, again and again (CrashLoopBackOff, 1/2 ready).
 */
export const doubleInjection = workloadCheck(["MP0101"], (workload, index) => {
  const decision = injectionOf(workload, index);
  const own = decision?.injected === true ? handInjection(workload) : undefined;
  if (own === undefined || decision === undefined) return [];
  return [
    {
      code: "MP0101",
      path: own.path,
      message: `the pod template already has ${own.sign}, and Istio injects another proxy since ${decision.because}: the proxy would crash in a loop`,
      change: `give the template as it was before kube-inject; or keep it and set the pod's label ${injectLabel}=false`,
    },
  ];
});

/** On the Deployment itself the label is only a label; the injector sees pods, so pods carry on as before. */
export const injectOnOwner = workloadCheck(["MP0103", "IST0107"], ({ object, metadata }) =>
  metadata === "metadata"
    ? []
    : ["labels", "annotations"].flatMap((part): MeshDraft[] => {
        const value = entryAt(object, `metadata.${part}`, injectLabel);
        // On both it is a habit of charts, and does what it says.
        if (value === undefined || entryAt(object, `${metadata}.labels`, injectLabel) === value) return [];
        return [
          {
            ...(part === "labels" ? { code: "MP0103" } : { code: "IST0107", severity: "error" }),
            path: `metadata.${part}.${injectLabel}`,
            message: `${injectLabel}=${value} stands on the ${object.kind}, and Istio reads it on pods only: it does nothing here`,
            change: `move it to ${metadata}.labels`,
          },
        ];
      }),
);

/** The label wins. Whoever reads the annotation believes otherwise. */
export const oneVoice = workloadCheck(["MP0104", "MP0106"], ({ object, metadata }) => {
  const label = entryAt(object, `${metadata}.labels`, injectLabel);
  const annotation = entryAt(object, `${metadata}.annotations`, injectLabel);
  const odd: MeshDraft[] = [
    ["labels", label],
    ["annotations", annotation],
  ].flatMap(([part, value]): MeshDraft[] =>
    value === undefined || ["true", "false"].includes(value)
      ? []
      : [
          {
            code: "MP0106",
            path: `${metadata}.${part}.${injectLabel}`,
            message: `${injectLabel}=${value} means nothing: it is neither true nor false, and the namespace decides`,
            change: 'write "true" or "false"',
          },
        ],
  );
  if (label === undefined || annotation === undefined || label === annotation) return odd;
  return [
    ...odd,
    {
      code: "MP0104",
      path: `${metadata}.annotations.${injectLabel}`,
      message: `the label says ${injectLabel}=${label} and the annotation ${annotation}; the label wins`,
      change: "take the annotation away",
    },
  ];
});

const asksFor = ({ object, metadata }: Workload): string | undefined =>
  ["labels", "annotations"].find((part) => entryAt(object, `${metadata}.${part}`, injectLabel) === "true");

/** Asked for by the pod, and refused by its namespace or its network. */
export const unmetWish = workloadCheck(["MP0105"], (workload, index) => {
  const part = asksFor(workload);
  const decision = part === undefined ? undefined : injectionOf(workload, index);
  // A label that says no beside an annotation that says yes is a disagreement, and reported as that.
  const said = entryAt(workload.object, `${workload.metadata}.labels`, injectLabel);
  if (decision === undefined || decision.injected || (part === "annotations" && said !== undefined))
    return [];
  const reason =
    part === "annotations" && decision.because.startsWith("neither")
      ? "an annotation does not bring a pod to the injector where no label does"
      : decision.because;
  return [
    {
      code: "MP0105",
      path: `${workload.metadata}.${part}.${injectLabel}`,
      message: `the pod asks for a sidecar and gets none: ${reason}`,
      change:
        part === "annotations"
          ? `ask by the label ${injectLabel} of the pod, in a namespace that does not refuse it`
          : `label the namespace ${injectionLabel}=enabled, move the workload, or take the label away`,
    },
  ];
});

/** It works, without a sidecar; said because the namespace promises one. */
export const hostNetworkPod = workloadCheck(["MP0108"], (workload, index) => {
  const { object, namespace, labels = {}, metadata, spec } = workload;
  if (fieldOf(object, `${spec}.hostNetwork`) !== true || asksFor(workload) !== undefined) return [];
  const decision = injectionOf(workload, index);
  const asked = index.namespaceLabels(namespace)?.[injectionLabel] === "enabled";
  const revision = index.namespaceLabels(namespace)?.[revisionLabel] !== undefined;
  if (decision === undefined || !(asked || revision) || labels[injectLabel] === "false") return [];
  return [
    {
      code: "MP0108",
      path: `${spec}.hostNetwork`,
      message:
        "the namespace injects, and this pod stays without a sidecar as it uses the host's network: mesh policies pass it by, and STRICT mutual TLS refuses it",
      change: `say that it is meant by the label ${injectLabel}=false in ${metadata}.labels, or leave the host's network`,
    },
  ];
});

/** A pod names a control plane of its own only where its namespace names none. */
export const overruledRevision = workloadCheck(
  ["MP0102", "MP0107"],
  ({ object, namespace, metadata }, index) => {
    const revision = entryAt(object, `${metadata}.labels`, revisionLabel);
    const namespaceLabels = index.namespaceLabels(namespace);
    if (revision === undefined || namespaceLabels === undefined) return [];
    const path = `${metadata}.labels.${revisionLabel}`;
    const ruling = [injectionLabel, revisionLabel].find((label) => namespaceLabels[label] !== undefined);
    const value = ruling === undefined ? undefined : namespaceLabels[ruling];
    if (ruling !== undefined && value !== revision) {
      return [
        {
          code: "MP0107",
          path,
          message: `${revisionLabel}=${revision} is without effect: the namespace has ${ruling}=${value}, which decides`,
          change: "take the label from the pod, or all injection labels from the namespace",
        },
      ];
    }
    const known = ruling === undefined ? knownRevisions(index) : undefined;
    if (known === undefined || known.includes(revision)) return [];
    return [
      {
        code: "MP0102",
        path,
        message: `no control plane has the revision or tag ${revision}; there are ${known.join(", ")}. The pod would start without a sidecar`,
        change: `name one of ${known.join(", ")}`,
      },
    ];
  },
);
