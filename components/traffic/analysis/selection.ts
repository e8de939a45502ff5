import { type Labels, showLabels, titleFor } from "../../lib/fields";
import type { Check } from "../../lib/findings";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf, type Workload } from "../../lib/workloads";
import type { TrafficCode } from "./catalogue";
import { gather, kindCheck, note, others, put, type TrafficDraft } from "./define";
import { type Field, specOf } from "./field";
import * as kinds from "./kinds";
import { rootNamespace } from "./mesh";

/** Where a kind keeps the labels of the pods that it is for. */
export const selectorOf = (object: KubeObject): Field => {
  const spec = specOf(object);
  return ["Sidecar", "EnvoyFilter"].includes(object.kind)
    ? spec.at("workloadSelector", "labels")
    : spec.at("selector", "matchLabels");
};

/** Whether a policy is for a whole namespace, or for the mesh. */
export const isWide = (object: KubeObject): boolean => {
  const spec = specOf(object);
  const targets = ["targetRef", "targetRefs"].some((name) => spec.at(name).given);
  return selectorOf(object).keys().length === 0 && !targets;
};

/** What makes the pods that a policy's selector hits; those of all namespaces for the root namespace. */
export function selectedBy(object: KubeObject, index: ObjectIndex): readonly Workload[] {
  const labels = selectorOf(object).labels();
  if (Object.keys(labels).length === 0) return [];
  const own = namespaceOf(object);
  // A Sidecar of the root namespace is for its own pods, too, if it has a selector.
  const everywhere = own === rootNamespace(index) && object.kind !== "Sidecar";
  return index.selected(labels, everywhere ? "" : own);
}

const machinesHave = (labels: Labels, namespace: string, index: ObjectIndex): boolean =>
  [
    ...index.inNamespace(kinds.workloadEntryKind, namespace),
    ...index.inNamespace(kinds.workloadGroupKind, namespace),
  ].some((object) => {
    const spec = specOf(object);
    const own = (
      object.kind === "WorkloadGroup" ? spec.at("metadata", "labels") : spec.at("labels")
    ).labels();
    return Object.entries(labels).every(([key, value]) => own[key] === value);
  });

const missing = (code: TrafficCode, list: readonly string[]): Check =>
  kindCheck([code], list, (object, index) => {
    const labels = selectorOf(object).labels();
    const own = namespaceOf(object);
    if (Object.keys(labels).length === 0 || selectedBy(object, index).length > 0) return [];
    if (machinesHave(labels, own, index)) return [];
    // A gateway that others installed is known by the Services that lead to it.
    if (index.servicesAsking(labels).length > 0 && !index.closed) return [];
    const certain = index.owns(own);
    return [
      note(
        code,
        selectorOf(object),
        `no pods in ${own} have ${showLabels(labels)}${certain ? `: the ${object.kind} has no effect` : " here; whether others make them is not known"}`,
        "correct the selector or the labels of the pods",
        certain ? undefined : "info",
      ),
    ];
  });

/** Selectors that hit nothing. */
export const selectorsHit: readonly Check[] = [
  missing("IST0101", [kinds.sidecarKind, kinds.telemetryKind]),
  missing("KIA0004", [
    ...[kinds.peerAuthenticationKind, kinds.requestAuthenticationKind, kinds.envoyFilterKind],
    ...[kinds.wasmPluginKind, kinds.trafficExtensionKind, kinds.proxyConfigKind],
  ]),
];

interface Rivalry {
  readonly wide: Map<string, string[]>;
  readonly narrow: Map<KubeObject, string[]>;
}

/** Policies of a kind by what they are for. */
const rivalry = (kind: string, index: ObjectIndex) =>
  gather(
    index,
    `rivals ${kind}`,
    [kind],
    (): Rivalry => ({ wide: new Map(), narrow: new Map() }),
    ({ wide, narrow }, object) => {
      if (isWide(object)) put(wide, namespaceOf(object), titleFor(object));
      for (const { object: pods } of selectedBy(object, index)) put(narrow, pods, titleFor(object));
    },
  ).entries;

/** Of policies that exclude each other, the oldest counts. */
export const oneOfAKind = (kind: string, wideCode: TrafficCode, narrowCode: TrafficCode): Check =>
  kindCheck([wideCode, narrowCode], [kind], (object, index): TrafficDraft[] => {
    const { wide, narrow } = rivalry(kind, index);
    const own = titleFor(object);
    const oldest = "the oldest counts, and the others have no effect";
    if (isWide(object)) {
      const names = others(wide.get(namespaceOf(object)) ?? [], own);
      if (names === "") return [];
      return [
        note(
          wideCode,
          "metadata.namespace",
          `${names} is for the whole namespace, too: ${oldest}`,
          "keep one of them, or give the other a selector",
        ),
      ];
    }
    for (const { object: pods } of selectedBy(object, index)) {
      const names = others(narrow.get(pods) ?? [], own);
      if (names !== "") {
        return [
          note(
            narrowCode,
            selectorOf(object),
            `${names} is for ${titleFor(pods)}, too: ${oldest}`,
            "keep the selectors apart, or put both into one",
          ),
        ];
      }
    }
    return [];
  });
