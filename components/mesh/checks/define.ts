import { type CheckRule, type Draft, defineCheck } from "../../lib/checks";
import type { Check } from "../../lib/findings";
import type { ObjectIndex } from "../../lib/object-index";
import { type Workload, workloadOf } from "../../lib/workloads";
import { catalogue, type MeshCode } from "./catalogue";

export type MeshDraft = Draft<MeshCode>;

/** A check with codes of the mesh's catalogue. */
export const meshCheck = (rule: CheckRule<MeshCode>): Check => defineCheck(catalogue, rule);

/** A check over all objects of some kinds, written as `apps/Deployment`. */
export const kindCheck = (
  codes: readonly MeshCode[],
  kinds: readonly string[],
  look: CheckRule<MeshCode>["look"],
): Check => meshCheck({ codes, over: (index) => kinds.flatMap((kind) => [...index.ofKind(kind)]), look });

/** A check over everything that makes pods. */
export const workloadCheck = (
  codes: readonly MeshCode[],
  look: (workload: Workload, index: ObjectIndex) => readonly MeshDraft[],
): Check =>
  meshCheck({
    codes,
    over: (index) => index.workloads.map(({ object }) => object),
    look: (object, index) => {
      const workload = workloadOf(object);
      return workload === undefined ? [] : look(workload, index);
    },
  });
