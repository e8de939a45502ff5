import { Undecided, unknownBelow } from "../../../lib/fields";
import type { Check } from "../../../lib/findings";
import { kindOf } from "../../../lib/workloads";
import { kindCheck, note } from "../define";
import { specOf } from "../field";
import { misfits } from "./compare";
import { shapes } from "./shape";

const kinds = Object.keys(shapes().kinds);

/** Fields that do not exist, values of another type, and what the rules of the definitions forbid. */
export const fitsItsKind: Check = kindCheck(["IST0106"], kinds, (object) =>
  misfits(specOf(object), shapes().kinds[kindOf(object)] ?? -1, () => {}).map(({ field, message, change }) =>
    note("IST0106", field, message, change),
  ),
);

/** Says where the check above had to pass something over. */
export const wholeSpecKnown: Check = kindCheck(["IST0106"], kinds, (object) => {
  const unknown = unknownBelow(object.spec, "spec");
  if (unknown !== undefined) throw new Undecided(object, unknown);
  return [];
});
