import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { type Field, specOf } from "./field";
import { type Target, targetOf } from "./registry";

export type RouteList = "http" | "tls" | "tcp";

/** A place where a VirtualService sends requests. */
export interface Destination {
  /** The `destination` itself. */
  readonly field: Field;
  /** The rule that it is in. */
  readonly rule: Field;
  readonly list: RouteList;
  readonly mirror: boolean;
  /** As written. */
  readonly text: string;
  readonly target: Target;
  readonly subset: string | undefined;
  readonly port: number | undefined;
}

export const rulesOf = (virtualService: KubeObject, list: RouteList): readonly Field[] =>
  specOf(virtualService).at(list).items();

function destinationAt(field: Field, rule: Field, list: RouteList, mirror: boolean): Destination[] {
  const text = field.at("host").text();
  if (text === undefined || text === "") return [];
  const subset = field.at("subset").text();
  return [
    {
      field,
      rule,
      list,
      mirror,
      text,
      target: targetOf(text, namespaceOf(field.object)),
      subset: subset === "" ? undefined : subset,
      port: field.at("port", "number").number(),
    },
  ];
}

export const routeDestinations = (rule: Field, list: RouteList = "http"): Destination[] =>
  rule
    .at("route")
    .items()
    .flatMap((route) => destinationAt(route.at("destination"), rule, list, false));

export const mirrorDestinations = (rule: Field): Destination[] => [
  ...destinationAt(rule.at("mirror"), rule, "http", true),
  ...rule
    .at("mirrors")
    .items()
    .flatMap((mirror) => destinationAt(mirror.at("destination"), rule, "http", true)),
];

export const destinationsOf = (virtualService: KubeObject): Destination[] =>
  (["tcp", "tls", "http"] as const).flatMap((list) =>
    rulesOf(virtualService, list).flatMap((rule) => [
      ...routeDestinations(rule, list),
      ...(list === "http" ? mirrorDestinations(rule) : []),
    ]),
  );

/** The gateways of a VirtualService as `namespace/name`, and `mesh` for the sidecars, which is the default. */
export function gatewaysOf(virtualService: KubeObject): string[] {
  const own = namespaceOf(virtualService);
  const given = specOf(virtualService).at("gateways").texts();
  return (given.length === 0 ? ["mesh"] : given).map((text) => gatewayName(text, own));
}

export function gatewayName(text: string, own: string): string {
  if (text === "mesh") return text;
  if (text.includes("/")) return text.startsWith("./") ? `${own}${text.slice(1)}` : text;
  const [name = "", namespace = own] = text.split(".");
  return `${namespace}/${name}`;
}

/** How people name a rule: by its name, or by its place. */
export const ruleTitle = (rule: Field): string => rule.at("name").text() ?? rule.path.replace("spec.", "");
