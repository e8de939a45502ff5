import type { Target } from "../../../components/traffic/scenarios";
import { type Answer, merged, serviceOf, sum, type Told } from "./answers";
import { clusterOf } from "./envoy";
import {
  type EndpointRise,
  type endpointRises,
  type Pod,
  type Rises,
  versionsOf,
  type Watched,
} from "./snapshots";

/** Statuses of a family of counters: `upstream_rq_200` and its like behind a prefix. */
const byStatus = (rises: ReadonlyMap<string, number>, prefix = ""): Map<number, number> =>
  new Map(
    [...rises].flatMap(([name, rise]) => {
      const status = name.startsWith(prefix) && /^upstream_rq_(\d{3})$/.exec(name.slice(prefix.length))?.[1];
      return status ? [[Number(status), rise] as const] : [];
    }),
  );

/**
 * The answers of one destination by version. Where its pods are of several, their own counters tell, as long as these
 * know one status below 500 and one above: they count answers only in these two kinds.
 */
function byVersion(
  service: string,
  statuses: ReadonlyMap<number, number>,
  versions: ReadonlySet<string>,
  pods: readonly EndpointRise[],
): Answer[] {
  const [only] = versions;
  const to = (version: string | undefined): Target =>
    version === undefined || version === "" ? { service } : { service, version };
  if (versions.size < 2) return [...statuses].map(([status, count]) => ({ to: to(only), status, count }));
  return (["success", "error"] as const).flatMap((kind): Answer[] => {
    const own = [...statuses].filter(([status]) => status >= 500 === (kind === "error"));
    const counts = new Map<string, number>();
    for (const { pod, [kind]: count } of pods)
      if (count > 0) counts.set(pod.version, (counts.get(pod.version) ?? 0) + count);
    const [single] = own;
    if (own.length !== 1 || single === undefined || sum(counts.values()) !== single[1])
      return own.map(([status, count]) => ({ to: { service }, status, count }));
    return [...counts].map(([version, count]) => ({ to: to(version), status: single[0], count }));
  });
}

interface Counted {
  readonly rises: Rises;
  readonly endpoints: ReturnType<typeof endpointRises>;
  readonly watched: readonly Watched[];
  readonly pods: ReadonlyMap<string, Pod>;
  readonly copied: readonly Target[];
}

/** By Envoy's counters of each destination. They count how a request ended, and tries before that apart. */
export function toldByEnvoy({ rises, endpoints, watched, pods, copied }: Counted): Told {
  // Copies are requests of the proxy's own. Where all are taken for such (an old gateway), only the expectation tells.
  const apart = [...rises.values()].some((one) => sum(byStatus(one, "external.").values()) > 0);
  const answers: Answer[] = [];
  const copies: { to: Target; count: number }[] = [];
  for (const [name, one] of rises) {
    const cluster = clusterOf(name);
    if (cluster === undefined) continue;
    const service = serviceOf(cluster.host);
    const versions = versionsOf(name, watched, pods);
    const [version] = versions;
    const whole: Target = versions.size === 1 && version !== undefined ? { service, version } : { service };
    const meant = copied.some((to) => to.service === service && to.version === whole.version);
    const own = apart || meant ? byStatus(one, "internal.") : new Map<number, number>();
    const count = sum(own.values());
    if (count > 0) copies.push({ to: whole, count });
    const others = [...byStatus(one)].map(([status, all]) => [status, all - (own.get(status) ?? 0)] as const);
    const rest = new Map(others.filter(([, left]) => left > 0));
    answers.push(...byVersion(service, rest, versions, [...(endpoints.get(name)?.values() ?? [])]));
  }
  return { answers: merged(answers), copies };
}
