/** Who answered the requests of a load: the client's figures by status, and what its proxies have counted meanwhile. */
import type { Target } from "../../../components/traffic/scenarios";
import { type Answer, merged, type PodCount, serviceOf, sum, type Told } from "./answers";
import { clusterOf, readIstioRequests } from "./envoy";
import type { FortioResult } from "./fortio";
import { clusterRises, endpointRises, type Pod, type Watched } from "./snapshots";
import { toldByEnvoy } from "./told-by-envoy";
import { toldByIstio } from "./told-by-istio";

export interface Observation extends Told {
  /** Whose counters told: Envoy's own of each destination, or Istio's. */
  readonly source: "envoy" | "istio";
  /** Together as many as were sent. */
  readonly answers: readonly Answer[];
  readonly pods: readonly PodCount[];
  /** What a counter of a Service has risen by, over its subsets and ports. */
  readonly counter: (service: string, counter: string) => number;
  /** Why the figures cannot be trusted, in sentences. */
  readonly problems: readonly string[];
}

function podCounts(rises: ReturnType<typeof endpointRises>): PodCount[] {
  return [...rises]
    .flatMap(([name, pods]) => {
      const service = serviceOf(clusterOf(name)?.host ?? name);
      return [...pods.values()].map(({ pod, total }) => ({
        service,
        pod: pod.name,
        version: pod.version,
        count: total,
      }));
    })
    .filter(({ count }) => count > 0)
    .sort((a, b) => (`${a.service} ${a.pod}` < `${b.service} ${b.pod}` ? -1 : 1));
}

/** Adds the requests that no destination has counted, and notes where more were counted than sent. */
function completed(told: readonly Answer[], { statuses }: FortioResult) {
  const answers = [...told];
  const problems: string[] = [];
  const all = new Set([...Object.keys(statuses).map(Number), ...told.map(({ status }) => status)]);
  for (const status of [...all].sort((a, b) => a - b)) {
    const sent = statuses[status] ?? 0;
    const counted = sum(told.filter((one) => one.status === status).map(({ count }) => count));
    if (counted > sent)
      problems.push(
        `the proxies counted ${counted} answers ${status}, the client got ${sent}: somebody else uses them too; repeat it when they are quiet`,
      );
    else if (counted < sent) answers.push({ status, count: sent - counted });
  }
  return { answers: merged(answers), problems };
}

/**
 * What became of a load.
 *
 * @param pods By address.
 * @param copied Who should get copies; asked only where counters do not tell copies apart. Default nobody.
 */
export function observe(
  watched: readonly Watched[],
  result: FortioResult,
  pods: ReadonlyMap<string, Pod>,
  copied: readonly Target[] = [],
): Observation {
  const rises = clusterRises(watched);
  const endpoints = endpointRises(watched, pods);
  const counted = podCounts(endpoints);
  const shown = watched.some(({ after }) => /^cluster\.outbound.*upstream_rq_\d/m.test(after.stats));
  const byIstio = !shown && watched.some(({ after }) => readIstioRequests(after.prometheus).length > 0);
  if (!shown && !byIstio && counted.length > 0)
    throw new Error(
      `the proxy of ${watched.map(({ proxy }) => proxy).join(", ")} hides its counters; give its pods the annotation proxy.istio.io/config with proxyStatsMatcher.inclusionPrefixes: [cluster.outbound]`,
    );
  const { answers: told, copies } = byIstio
    ? toldByIstio(watched, counted)
    : toldByEnvoy({ rises, endpoints, watched, pods, copied });
  return {
    source: byIstio ? "istio" : "envoy",
    ...completed(told, result),
    copies,
    pods: counted,
    counter: (service, counter) =>
      sum(
        [...rises]
          .filter(([name]) => serviceOf(clusterOf(name)?.host ?? "") === service)
          .map(([, one]) => one.get(counter) ?? 0),
      ),
  };
}
