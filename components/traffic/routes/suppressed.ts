import { suppressAnnotation } from "../../lib/suppression";
import { mesh } from "../handles";
import type { HttpRoute } from "./http";
import { takesAll } from "./order";
import type { RouteFragment } from "./types";

const isRelative = ({ action }: RouteFragment) =>
  action.kind === "forward" &&
  action.relativeWeights === true &&
  action.targets.length > 1 &&
  action.targets.reduce((sum, { weight = 0 }) => sum + weight, 0) !== 100;

/** In the mesh alone is a missing last route taken for a mistake. */
const isOpenInMesh = (routes: readonly HttpRoute[], gateways: readonly string[]) =>
  routes.length > 0 &&
  gateways.includes(mesh) &&
  !routes.some(({ entries }) => entries.some(({ conditions }) => takesAll(conditions)));

/**
 * Annotations of a VirtualService: the given ones, and the reasons for what its fragments said is meant, so that the
 * analysis of the object does not ask once more.
 */
export function annotationsOf(
  given: Readonly<Record<string, string>> | undefined,
  fragments: readonly RouteFragment[],
  routes: readonly HttpRoute[],
  gateways: readonly string[],
): { readonly annotations?: Readonly<Record<string, string>> } {
  const reasons = [
    ...(fragments.some(isRelative) ? ["MP0402=weights are relative"] : []),
    ...(isOpenInMesh(routes, gateways) ? ["MP0410=requests without a route are to get 404"] : []),
  ];
  if (reasons.length === 0) return given === undefined ? {} : { annotations: given };
  const own = given?.[suppressAnnotation];
  const text = [...(own === undefined ? [] : [own]), ...reasons].join("; ");
  return { annotations: { ...given, [suppressAnnotation]: text } };
}
