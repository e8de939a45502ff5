import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { destinationRuleKind } from "../analysis/kinds";
import { fullHost, mostSpecific } from "./hosts";
import { type Fields, fieldsIn, fieldsOf, mapOf, readable, specOf, textOf, textsOf } from "./objects";
import { chooses, type Party } from "./proxies";
import type { Service } from "./registry";
import type { Settings } from "./settings";
import type { Open } from "./types";

/** A value with the place where it was read. */
export interface Placed {
  readonly object: KubeObject;
  readonly path: string;
  readonly fields: Fields;
}

/** All DestinationRules of one namespace for one host, as one. */
export interface DestinationRule {
  readonly objects: readonly KubeObject[];
  readonly host: string;
  readonly exportTo: readonly string[];
  /** Pods whose requests it is for; undefined: all. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly policy: Placed | undefined;
  readonly subsets: ReadonlyMap<string, Placed>;
}

type ByHost = Map<string, DestinationRule[]>;

const exportsOf = (object: KubeObject): readonly string[] =>
  selectorOf(object) === undefined ? textsOf(specOf(object).exportTo) : ["."];

function selectorOf(object: KubeObject): Readonly<Record<string, string>> | undefined {
  const labels = mapOf(fieldsOf(specOf(object).workloadSelector).matchLabels);
  return Object.keys(labels).length === 0 ? undefined : labels;
}

function single(object: KubeObject, host: string): DestinationRule {
  const spec = specOf(object);
  const policy = fieldsOf(spec.trafficPolicy);
  return {
    objects: [object],
    host,
    exportTo: exportsOf(object),
    selector: selectorOf(object),
    policy:
      spec.trafficPolicy === undefined ? undefined : { object, path: "spec.trafficPolicy", fields: policy },
    subsets: new Map(
      fieldsIn(spec.subsets).map((fields, place) => [
        textOf(fields.name) ?? "",
        { object, path: `spec.subsets[${place}]`, fields },
      ]),
    ),
  };
}

const keyOf = ({ exportTo, selector }: DestinationRule): string =>
  JSON.stringify([[...exportTo].sort(), Object.entries(selector ?? {}).sort()]);

/** The older one keeps its policy and its subsets; the newer one adds what is not there. */
function add(list: DestinationRule[], rule: DestinationRule): void {
  const place = list.findIndex((other) => keyOf(other) === keyOf(rule));
  const older = list[place];
  if (older === undefined) list.push(rule);
  else
    list[place] = {
      ...older,
      objects: [...older.objects, ...rule.objects],
      policy: older.policy ?? rule.policy,
      subsets: new Map([...rule.subsets, ...older.subsets]),
    };
}

/** DestinationRules as clients find them. */
export class DestinationRules {
  readonly open: readonly Open[];
  private readonly local = new Map<string, ByHost>();
  private readonly exported = new Map<string, ByHost>();
  private readonly root: ByHost = new Map();
  private readonly settings: Settings;

  constructor(index: ObjectIndex, settings: Settings) {
    this.settings = settings;
    const { objects, open } = readable(index, destinationRuleKind);
    this.open = open;
    for (const object of objects) this.put(object);
  }

  private put(object: KubeObject): void {
    const namespace = namespaceOf(object);
    const host = fullHost(textOf(specOf(object).host) ?? "", namespace, this.settings.dnsDomain);
    const rule = single(object, host);
    const { exportTo } = rule;
    const into = (map: ByHost) => {
      const list = map.get(host) ?? [];
      map.set(host, list);
      add(list, rule);
    };
    const of = (maps: Map<string, ByHost>) => {
      const map = maps.get(namespace) ?? new Map();
      maps.set(namespace, map);
      return map;
    };
    if (exportTo.length === 0 || exportTo.some((name) => ["*", ".", namespace].includes(name)))
      into(of(this.local));
    const effective = exportTo.length === 0 ? this.settings.exportTo.destinationRules : exportTo;
    const hidden = effective.length === 1 && effective.every((name) => [".", namespace].includes(name));
    if (!hidden) into(of(this.exported));
    else if (namespace === this.settings.rootNamespace) into(this.root);
  }

  /** The one that counts for a client: from its namespace, else from the Service's, else from the root namespace. */
  find({ host, namespace }: Pick<Service, "host" | "namespace">, client: Party): DestinationRule | undefined {
    const { rootNamespace } = this.settings;
    const first = client.namespace === rootNamespace ? this.root : this.local.get(client.namespace);
    const own = first === undefined ? undefined : mostSpecific(host, first);
    if (own !== undefined) return choose(own, client);
    for (const place of [namespace, rootNamespace]) {
      const found = mostSpecific(host, this.exported.get(place) ?? new Map<string, DestinationRule[]>());
      const seen = (found ?? []).filter(
        ({ exportTo }) =>
          exportTo.length === 0 || exportTo.includes("*") || exportTo.includes(client.namespace),
      );
      if (seen.length > 0) return choose(seen, client);
    }
    return undefined;
  }
}

const choose = (rules: readonly DestinationRule[], client: Party): DestinationRule | undefined =>
  rules.find(({ selector }) => selector !== undefined && chooses(selector, client)) ??
  rules.find(({ selector }) => selector === undefined);
