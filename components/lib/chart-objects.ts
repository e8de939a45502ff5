import type { ChartArgs } from "./chart";
import { type KubeObject, titleOf } from "./objects";
import { clusterScoped } from "./scopes";

const isDefinition = ({ kind }: KubeObject) => kind === "CustomResourceDefinition";
const isTest = ({ metadata }: KubeObject) =>
  metadata.annotations?.["helm.sh/hook"]?.includes("test") === true;

/** What Helm rendered as this program declares it: single objects, each with its namespace, in one fixed order. */
export function tidyChart(
  rendered: readonly KubeObject[],
  { namespace, includeCrds, releaseName }: Pick<ChartArgs, "namespace" | "includeCrds" | "releaseName">,
): KubeObject[] {
  const objects = rendered.flatMap(unpack).map((object) => withoutNulls(object) as KubeObject);
  const isClusterScoped = clusterScoped(objects);
  const wanted = objects
    .filter((object) => !isTest(object) && (includeCrds !== false || !isDefinition(object)))
    .map((object) => placed(object, isClusterScoped(object) ? undefined : namespace))
    .sort((left, right) => compare(rankOf(left), rankOf(right)));
  const twice = wanted.find((object, place) => place > 0 && rankOf(object) === rankOf(wanted[place - 1]));
  if (twice !== undefined) {
    throw new Error(`the chart of the release ${releaseName} has ${titleOf(twice)} twice`);
  }
  return wanted;
}

/** A list of objects, of kind List or ServiceList, is no object itself. */
function unpack(object: KubeObject): readonly KubeObject[] {
  return object.kind.endsWith("List") && Array.isArray(object.items)
    ? object.items.flatMap(unpack)
    : [object];
}

/** An empty field of a template comes as null; for the API server that is a field which is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)]])),
  );
}

/** The provider takes every kind that it does not know for a namespaced one. */
function placed(object: KubeObject, namespace: string | undefined): KubeObject {
  const { namespace: own, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: namespace === undefined ? metadata : { ...metadata, namespace: own ?? namespace },
  };
}

/** Definitions first. By characters and not by language, so that it is the same on every computer. */
function rankOf(object: KubeObject | undefined): string {
  if (object === undefined) return "";
  const { apiVersion, kind, metadata } = object;
  const group = apiVersion.includes("/") ? apiVersion.split("/")[0] : "";
  return [isDefinition(object) ? 0 : 1, kind, group, metadata.namespace ?? "", metadata.name].join("\n");
}

const compare = (left: string, right: string) => (left < right ? -1 : left > right ? 1 : 0);
