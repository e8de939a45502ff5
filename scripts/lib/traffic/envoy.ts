/** What a proxy's admin interface tells of the requests that went through it. */

/** A destination as a proxy knows it. */
export interface Cluster {
  readonly port: number;
  /** Empty for the whole Service. */
  readonly subset: string;
  readonly host: string;
}

/** `outbound|9080|v1|reviews.shop.svc.cluster.local`, with or without the `;` that newer Istio puts behind it. */
export function clusterOf(name: string): Cluster | undefined {
  const [, port, subset = "", host = ""] = /^outbound_?\|(\d+)\|([^|]*)\|(.+?);?$/.exec(name) ?? [];
  return port === undefined ? undefined : { port: Number(port), subset, host };
}

/** Values of counters by their names; gauges are among them. */
export type Counters = ReadonlyMap<string, number>;

/** Lines like `cluster.….upstream_rq_200: 17`. Histograms are left out. */
export function readStats(text: string): Counters {
  const found = [...text.matchAll(/^(.+): (\d+)\s*$/gm)];
  return new Map(found.map(([, name = "", value]) => [name, Number(value)]));
}

/** One counter of a destination: `upstream_rq_200`, `internal.upstream_rq_200`, `upstream_rq_pending_overflow`. */
export interface ClusterCounter {
  readonly cluster: string;
  readonly counter: string;
  readonly value: number;
}

/** A name is cut where the host ends: at its `;`, else, since hosts have points too, before what counters begin with. */
const counterName =
  /^cluster\.(outbound_?\|\d+\|[^|]*\|.+?)(?:;\.|\.(?=(?:(?:external|internal|retry|canary)\.)?(?:upstream_|membership_|lb_|circuit_breakers\.|outlier_detection\.)))(.+)$/;

/** Counters of destinations. */
export function clusterCounters(counters: Counters): ClusterCounter[] {
  return [...counters].flatMap(([name, value]) => {
    const [, cluster, counter] = counterName.exec(name) ?? [];
    return cluster === undefined || counter === undefined ? [] : [{ cluster, counter, value }];
  });
}

/** What one endpoint of a destination has got. */
export interface Endpoint {
  readonly cluster: string;
  /** `10.244.1.5:9080`. */
  readonly address: string;
  readonly total: number;
  /** Answers below 500, and all others. */
  readonly success: number;
  readonly error: number;
}

/** Reads `/clusters`, which every build of Envoy shows whatever its stats leave out. */
export function readEndpoints(text: string): Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const [, cluster = "", address = "", field, value] of text.matchAll(
    /^(outbound.*?)::([^:].*?:\d+)::rq_(total|success|error)::(\d+)\s*$/gm,
  )) {
    const key = `${cluster} ${address}`;
    const known = found.get(key) ?? { cluster, address, total: 0, success: 0, error: 0 };
    found.set(key, { ...known, [field ?? ""]: Number(value) });
  }
  return [...found.values()];
}

/** A sample of `istio_requests_total`. */
export interface IstioRequests {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Istio's own counter from what is made for Prometheus; one entry for each set of labels. */
export function readIstioRequests(text: string): IstioRequests[] {
  return [...text.matchAll(/^istio_requests_total\{(.*)\} (\d+(?:\.\d+)?(?:e\+?\d+)?)\s*$/gm)].map(
    ([, labels = "", value]) => ({
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, name = "", text = ""]) => [
          name,
          text.replaceAll(/\\(.)/g, "$1"),
        ]),
      ),
      value: Number(value),
    }),
  );
}
