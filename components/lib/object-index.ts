import { type Labels, mapAt, matches, Undecided, unknownBelow } from "./fields";
import { annotated, isPatch, type KubeObject } from "./objects";
import { kindOf, namespaceOf, type Workload, workloadOf } from "./workloads";

/** Marks an object that others make: it counts as there, and is not judged itself. */
export const externalAnnotation = "mesh-platform/external";

/** An object that exists without this program, so that references to it are not missing. */
export const external = (object: KubeObject): KubeObject =>
  annotated(object, { [externalAnnotation]: "true" });

export const isExternal = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.[externalAnnotation] === "true";

export interface IndexOptions {
  /** Take what is not declared as missing, as for a complete folder of YAML. Default false. */
  readonly closed?: boolean;
}

const put = <K, V>(map: Map<K, V[]>, key: K, value: V) => {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
};

const pairs = (namespace: string, labels: Labels) =>
  Object.entries(labels).map(([key, value]) => `${String(namespace)}\n${key}=${value}`);

/** A Service's selector; empty where it is not known, so that it leads nowhere. */
function knownSelector({ spec }: KubeObject): Labels {
  // A symbol has no field `selector`, so that an unknown spec needs no case of its own.
  const selector = (spec as { selector?: Labels } | undefined)?.selector ?? {};
  return unknownBelow(selector, "") === undefined ? selector : {};
}

/**
 * All declared objects by what checks ask for. Made once per analysis in one pass, so that a check over n objects
 * asks n times in constant time instead of walking over all of them.
 */
export class ObjectIndex {
  readonly objects: readonly KubeObject[];
  /** Everything that makes pods, in declared order. */
  readonly workloads: readonly Workload[];
  /** Whether what is not declared is missing. */
  readonly closed: boolean;
  private readonly kept = new Map<string, unknown>();
  private readonly kinds = new Map<string, KubeObject[]>();
  private readonly places = new Map<string, KubeObject[]>();
  private readonly nameless = new Map<string, KubeObject[]>();
  private readonly names = new Map<string, KubeObject>();
  private readonly pods = new Map<string, Workload[]>();
  private readonly podLabels = new Map<string, Workload[]>();
  private readonly services = new Map<string, KubeObject[]>();
  private readonly selectors = new Map<string, KubeObject[]>();

  constructor(objects: readonly KubeObject[], options: IndexOptions = {}) {
    this.objects = objects;
    this.closed = options.closed ?? false;
    const workloads: Workload[] = [];
    for (const object of objects) {
      this.add(object);
      const workload = workloadOf(object);
      if (workload !== undefined) workloads.push(workload);
    }
    this.workloads = workloads;
    for (const workload of workloads) {
      // Gateways choose pods of any namespace; the empty name stands for all of them.
      for (const place of ["", workload.namespace]) {
        put(this.pods, place, workload);
        for (const pair of pairs(place, workload.labels ?? {})) put(this.podLabels, pair, workload);
      }
    }
  }

  private add(object: KubeObject): void {
    const kind = kindOf(object);
    const place = namespaceOf(object);
    put(this.kinds, kind, object);
    if (typeof place !== "string" || typeof object.metadata.name !== "string")
      put(this.nameless, kind, object);
    if (typeof place !== "string") return;
    put(this.places, `${kind}\n${place}`, object);
    const name = `${kind}\n${place}\n${String(object.metadata.name)}`;
    // The object itself says more than a patch of it.
    const there = this.names.get(name);
    if (there === undefined || isPatch(there)) this.names.set(name, object);
    if (kind !== "Service") return;
    const selector = knownSelector(object);
    // Under one of its pairs: whoever has all pairs has this one.
    const first = pairs(place, selector).sort()[0];
    if (first !== undefined) put(this.services, first, object);
    for (const pair of pairs("", selector)) put(this.selectors, pair, object);
  }

  /** A value that checks derive from all objects, made when it is first asked for. */
  once<T>(name: string, make: () => T): T {
    if (!this.kept.has(name)) this.kept.set(name, make());
    return this.kept.get(name) as T;
  }

  /** Objects of a kind as kindOf writes it. */
  ofKind(kind: string): readonly KubeObject[] {
    return this.kinds.get(kind) ?? [];
  }

  /** Objects of a kind in one namespace. */
  inNamespace(kind: string, namespace: string): readonly KubeObject[] {
    return this.places.get(`${kind}\n${namespace}`) ?? [];
  }

  /** An object by name. Throws Undecided where there is none and one of this kind has no known name yet. */
  find(kind: string, namespace: string, name: string): KubeObject | undefined {
    const found = this.names.get(`${kind}\n${namespace}\n${String(name)}`);
    const vague = found === undefined ? this.nameless.get(kind)?.[0] : undefined;
    if (vague !== undefined) throw new Undecided(vague, "metadata.name");
    return found;
  }

  namespace(name: string): KubeObject | undefined {
    return this.find("Namespace", "", name);
  }

  /** Whether what is in a namespace is declared here, so that what is not declared is missing. */
  owns(namespace: string): boolean {
    if (this.closed) return true;
    const object = this.namespace(namespace);
    return object !== undefined && !isExternal(object) && !isPatch(object);
  }

  /**
   * Workloads whose pods have all labels of a selector, in a namespace or, without one, anywhere. Throws Undecided where
   * none is found and the labels of some are not known yet.
   */
  selected(selector: Labels, namespace = ""): readonly Workload[] {
    const all = this.pods.get(namespace) ?? [];
    const lists = pairs(namespace, selector).map((pair) => this.podLabels.get(pair) ?? []);
    const shortest = lists.reduce((best, list) => (list.length < best.length ? list : best), all);
    const found = shortest.filter(({ labels }) => labels !== undefined && matches(selector, labels));
    const vague = found.length > 0 ? undefined : all.find(({ labels }) => labels === undefined);
    if (vague !== undefined) throw new Undecided(vague.object, `${vague.metadata}.labels`);
    return found;
  }

  /** What makes pods in a namespace, also where their labels are not known yet. */
  workloadsIn(namespace: string): readonly Workload[] {
    return this.pods.get(namespace) ?? [];
  }

  /** Services that lead to the pods of a workload. */
  servicesOf({ object, namespace, labels, metadata }: Workload): readonly KubeObject[] {
    if (labels === undefined) throw new Undecided(object, `${metadata}.labels`);
    return pairs(namespace, labels)
      .flatMap((pair) => this.services.get(pair) ?? [])
      .filter((service) => matches(mapAt(service, "spec.selector"), labels));
  }

  /** Services of any namespace that ask for at least these labels: signs of pods that are not declared themselves. */
  servicesAsking(labels: Labels): readonly KubeObject[] {
    const lists = pairs("", labels).map((pair) => this.selectors.get(pair) ?? []);
    const shortest = lists.sort((a, b) => a.length - b.length)[0] ?? [];
    return shortest.filter((service) => matches(labels, knownSelector(service)));
  }

  /** The labels of a declared namespace; undefined where it is not declared. */
  namespaceLabels(name: string): Labels | undefined {
    const object = this.namespace(name);
    return object === undefined ? undefined : mapAt(object, "metadata.labels");
  }
}
