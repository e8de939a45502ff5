/** Proxies before and after a load, and by how much their counters have risen meanwhile. */
import { clusterCounters, readEndpoints, readStats } from "./envoy";

/** What a proxy's admin interface says at one moment, as text. */
export interface Snapshot {
  /** Of `/stats`. */
  readonly stats: string;
  /** Of `/clusters`. */
  readonly clusters: string;
  /** Of `/stats/prometheus`. */
  readonly prometheus: string;
}

/** One proxy before and after a load. */
export interface Watched {
  /** `namespace/pod`. */
  readonly proxy: string;
  readonly before: Snapshot;
  readonly after: Snapshot;
}

/** A pod that can be behind a Service. */
export interface Pod {
  /** `namespace/name`. */
  readonly name: string;
  /** Its label `version`; empty without one. */
  readonly version: string;
}

/** By how much each value has risen, over all proxies; those that have not are left out. */
export function risen<T>(
  watched: readonly Watched[],
  read: (snapshot: Snapshot) => readonly T[],
  keyOf: (entry: T) => string,
  amountOf: (entry: T) => number,
): { readonly entry: T; readonly rise: number }[] {
  const rises = new Map<string, { entry: T; rise: number }>();
  for (const { proxy, before, after } of watched) {
    const old = new Map(read(before).map((entry) => [keyOf(entry), amountOf(entry)]));
    for (const entry of read(after)) {
      const rise = amountOf(entry) - (old.get(keyOf(entry)) ?? 0);
      if (rise < 0) throw new Error(`the proxy of ${proxy} was started anew while it was watched; repeat it`);
      const known = rises.get(keyOf(entry))?.rise ?? 0;
      if (rise > 0) rises.set(keyOf(entry), { entry, rise: known + rise });
    }
  }
  return [...rises.values()];
}

/** By destination, then by counter. */
export type Rises = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** What rises and falls: how much there is at the moment. */
const gauge = /_(active|buffered)$/;

/** Counters of destinations, by the destination's name. */
export function clusterRises(watched: readonly Watched[]): Rises {
  const found = risen(
    watched,
    ({ stats }) =>
      clusterCounters(readStats(stats)).filter(
        ({ counter }) => /upstream_|outlier_detection/.test(counter) && !gauge.test(counter),
      ),
    ({ cluster, counter }) => `${cluster} ${counter}`,
    ({ value }) => value,
  );
  const rises = new Map<string, Map<string, number>>();
  for (const { entry, rise } of found) {
    const name = entry.cluster;
    rises.set(name, (rises.get(name) ?? new Map()).set(entry.counter, rise));
  }
  return rises;
}

/** What a pod has got for one destination. */
export interface EndpointRise {
  readonly pod: Pod;
  readonly total: number;
  readonly success: number;
  readonly error: number;
}

/** What the pods of each destination have got, by the destination's name. */
export function endpointRises(watched: readonly Watched[], pods: ReadonlyMap<string, Pod>) {
  const rises = new Map<string, Map<string, EndpointRise>>();
  for (const field of ["total", "success", "error"] as const) {
    const found = risen(
      watched,
      ({ clusters }) => readEndpoints(clusters),
      ({ cluster, address }) => `${cluster} ${address}`,
      (endpoint) => endpoint[field],
    );
    for (const { entry, rise } of found) {
      const ip = entry.address.replace(/:\d+$/, "").replaceAll(/[[\]]/g, "");
      const pod = pods.get(ip) ?? { name: entry.address, version: "" };
      const ofCluster = rises.get(entry.cluster) ?? new Map<string, EndpointRise>();
      const known = ofCluster.get(pod.name) ?? { pod, total: 0, success: 0, error: 0 };
      rises.set(entry.cluster, ofCluster.set(pod.name, { ...known, [field]: known[field] + rise }));
    }
  }
  return rises;
}

/** All versions behind a destination, also of pods that got nothing. */
export function versionsOf(
  name: string,
  watched: readonly Watched[],
  pods: ReadonlyMap<string, Pod>,
): Set<string> {
  const endpoints = watched.flatMap(({ after }) => readEndpoints(after.clusters));
  const own = endpoints.filter(({ cluster }) => cluster === name);
  return new Set(
    own.flatMap(({ address }) => {
      const pod = pods.get(address.replace(/:\d+$/, "").replaceAll(/[[\]]/g, ""));
      return pod === undefined || pod.version === "" ? [] : [pod.version];
    }),
  );
}
