import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { virtualServiceKind } from "../analysis/kinds";
import { delegatedRoutes } from "./delegates";
import { fullMatch, fullRoute, gatewayName } from "./full-names";
import { fullHost } from "./hosts";
import { type Fields, fieldsIn, fieldsOf, readable, specOf, textsOf } from "./objects";
import { seenFrom } from "./registry";
import type { Settings } from "./settings";
import type { Open } from "./types";

/** One condition list of a route. */
export interface RouteMatch {
  readonly object: KubeObject;
  /** `spec.http[0].match[1]`. */
  readonly path: string;
  readonly fields: Fields;
}

/** One entry of `http`, that of a delegate joined with its root's. */
export interface HttpRoute {
  readonly object: KubeObject;
  /** `spec.http[0]`. */
  readonly path: string;
  readonly fields: Fields;
  /** Empty: everything. */
  readonly matches: readonly RouteMatch[];
}

/** A VirtualService with its names resolved. */
export interface Rules {
  readonly object: KubeObject;
  readonly namespace: string;
  readonly hosts: readonly string[];
  /** `mesh`, or `namespace/name`. */
  readonly gateways: readonly string[];
  readonly exportTo: readonly string[];
  readonly http: readonly HttpRoute[];
}

/** Routes as they stand, without delegates, with all names in full. */
const ownRoutes = (object: KubeObject, domain: string): HttpRoute[] =>
  fieldsIn(specOf(object).http).map((fields, place) => ({
    object,
    path: `spec.http[${place}]`,
    fields: fullRoute(fields, namespaceOf(object), domain),
    matches: fieldsIn(fields.match).map((match, at) => ({
      object,
      path: `spec.http[${place}].match[${at}]`,
      fields: fullMatch(match, namespaceOf(object)),
    })),
  }));

/** All VirtualServices, in the order in which Istio takes them. */
export class VirtualServices {
  readonly open: readonly Open[];
  readonly all: readonly Rules[];
  private readonly byGateway = new Map<string, readonly Rules[]>();

  constructor(index: ObjectIndex, settings: Settings) {
    const { objects, open } = readable(index, virtualServiceKind);
    this.open = open;
    const defaults = settings.exportTo.virtualServices;
    const byName = new Map(
      objects.map((object) => [`${namespaceOf(object)}/${object.metadata.name}`, object]),
    );
    const delegate = (name: string, from: string): KubeObject | undefined => {
      const object = byName.get(name);
      if (object === undefined) return undefined;
      const { exportTo } = specOf(object);
      const seen = exportTo === undefined ? defaults : textsOf(exportTo);
      return seenFrom(seen, namespaceOf(object), from) ? object : undefined;
    };
    this.all = objects
      .filter((object) => textsOf(specOf(object).hosts).length > 0)
      .map((object) => rulesOf(object, settings, (name) => delegate(name, namespaceOf(object))));
  }

  /** What a proxy gets for `mesh` or for a Gateway: first its own private ones, then by name, then public ones. */
  of(gateway: string, client: string): readonly Rules[] {
    const key = `${client}\n${gateway}`;
    const known = this.byGateway.get(key);
    if (known !== undefined) return known;
    const bound = this.all.filter(
      (rules) => rules.gateways.includes(gateway) && seenFrom(rules.exportTo, rules.namespace, client),
    );
    const rank = ({ exportTo }: Rules) => (exportTo.includes("*") ? 2 : exportTo.includes(".") ? 0 : 1);
    const sorted = [...bound].sort((a, b) => rank(a) - rank(b));
    this.byGateway.set(key, sorted);
    return sorted;
  }
}

function rulesOf(
  object: KubeObject,
  { dnsDomain, exportTo }: Settings,
  delegate: (name: string) => KubeObject | undefined,
): Rules {
  const spec = specOf(object);
  const namespace = namespaceOf(object);
  const gateways = textsOf(spec.gateways).map((name) => gatewayName(name, namespace));
  return {
    object,
    namespace,
    hosts: textsOf(spec.hosts).map((host) => fullHost(host, namespace, dnsDomain)),
    gateways: gateways.length === 0 ? ["mesh"] : gateways,
    exportTo: spec.exportTo === undefined ? exportTo.virtualServices : textsOf(spec.exportTo),
    http: ownRoutes(object, dnsDomain).flatMap((route) => {
      const { name, namespace: place } = fieldsOf(route.fields.delegate);
      if (typeof name !== "string") return [route];
      const other = delegate(`${typeof place === "string" && place !== "" ? place : namespace}/${name}`);
      return other === undefined ? [] : delegatedRoutes(route, ownRoutes(other, dnsDomain));
    }),
  };
}
