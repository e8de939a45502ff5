import { frameworkCodes } from "./checks";
import { isUnknown, titleFor } from "./fields";
import type { Check } from "./findings";
import { isExternal } from "./object-index";
import { isPatch, type KubeObject } from "./objects";
import { kindOf } from "./workloads";

const isOwn = (object: KubeObject) =>
  !isExternal(object) &&
  !isPatch(object) &&
  !isUnknown(object.metadata.name) &&
  !isUnknown(object.metadata.namespace);

/** Two components with the same object: Pulumi tells them apart by their parents, the API server does not. */
export const declaredOnce: Check = (objects) => {
  const seen = new Set<string>();
  return objects.filter(isOwn).flatMap((object) => {
    const title = titleFor(object);
    const key = `${kindOf(object)} ${title}`;
    if (!seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [
      {
        code: "MP0004",
        severity: frameworkCodes.MP0004.severity,
        object: title,
        path: "metadata.name",
        message: "it is declared twice: each of the two would be written over by the other",
        change: "take one of them away, or give it another name",
      },
    ];
  });
};
