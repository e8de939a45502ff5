import { defineCheck } from "../../../lib/checks";
import type { Check } from "../../../lib/findings";
import { isExternal, type ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf, workloadOf } from "../../../lib/workloads";
import { catalogue } from "../catalogue";
import { gather, note } from "../define";
import { specOf } from "../field";
import { authorizationPolicyKind } from "../kinds";
import { rootNamespace } from "../mesh";
import { dataPlaneOf } from "../planes";
import { isWide, selectedBy } from "../selection";

interface Cover {
  readonly namespaces: Set<string>;
  readonly pods: Set<KubeObject>;
  /** Services that a policy names by targetRefs, as `namespace/name`. */
  readonly targets: Set<string>;
}

const cover = (index: ObjectIndex) =>
  gather(
    index,
    "authorization cover",
    [authorizationPolicyKind],
    (): Cover => ({ namespaces: new Set(), pods: new Set(), targets: new Set() }),
    ({ namespaces, pods, targets }, policy) => {
      if (isWide(policy)) namespaces.add(namespaceOf(policy));
      for (const { object } of selectedBy(policy, index)) pods.add(object);
      for (const target of specOf(policy).at("targetRefs").items()) {
        targets.add(`${namespaceOf(policy)}/${target.at("name").text() ?? ""}`);
      }
    },
  );

/** Told only where somebody uses policies at all: without any, everything is open and everybody knows. */
export const everyoneIsCovered: Check = defineCheck(catalogue, {
  codes: ["KIA1301"],
  over: (index) =>
    index.ofKind(authorizationPolicyKind).length === 0 ? [] : index.workloads.map(({ object }) => object),
  look: (object, index) => {
    const workload = workloadOf(object);
    const { entries, vague } = cover(index);
    if (workload === undefined || isExternal(object)) return [];
    const { namespace } = workload;
    if (
      entries.namespaces.has(namespace) ||
      entries.namespaces.has(rootNamespace(index)) ||
      entries.pods.has(object)
    )
      return [];
    const plane = dataPlaneOf(workload, index);
    if (plane === undefined || plane === "none" || namespace === rootNamespace(index)) return [];
    if (
      index.servicesOf(workload).some(({ metadata }) => entries.targets.has(`${namespace}/${metadata.name}`))
    )
      return [];
    if (vague !== undefined) throw vague;
    return [
      note(
        "KIA1301",
        "metadata.name",
        "no AuthorizationPolicy is for its pods: everybody in the mesh may call them",
        "add one, or one for the namespace that allows nothing",
      ),
    ];
  },
});
