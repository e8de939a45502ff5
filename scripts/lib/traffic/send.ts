import { setTimeout as sleep } from "node:timers/promises";
import type { Load } from "../../../components/traffic/scenarios";
import { sum } from "./answers";
import type { LivePod } from "./cluster";
import { clusterCounters, readStats } from "./envoy";
import { type FortioResult, fortioCommand, readFortio } from "./fortio";
import type { Kubectl } from "./kubectl";
import type { Outside } from "./outside";
import type { Way } from "./route";
import type { Snapshot, Watched } from "./snapshots";

export interface Sending {
  readonly kubectl: Kubectl;
  readonly outside: Outside;
  readonly say: (text: string) => void;
}

const PROGRESS_MS = 5_000;
const LONGEST_S = 3_600;
/** Copies and requests that were given up are counted when they end, a little after the client's. */
const SETTLE_MS = 1_000;

/** Asks the admin interface of a proxy by the agent beside it, since Istio's image has no curl. */
const admin = (kubectl: Kubectl, { namespace, podName }: LivePod, path: string): Promise<string> =>
  kubectl.run([
    ...["exec", "--namespace", namespace, podName, "--container", "istio-proxy", "--"],
    ...["pilot-agent", "request", "GET", path],
  ]);

async function snapshot(kubectl: Kubectl, pod: LivePod): Promise<Snapshot> {
  const [stats, clusters, prometheus] = await Promise.all([
    admin(kubectl, pod, "stats?usedonly&filter=cluster.outbound"),
    admin(kubectl, pod, "clusters"),
    admin(kubectl, pod, "stats/prometheus?usedonly&filter=istio_requests_total"),
  ]);
  return { stats, clusters, prometheus };
}

const completed = (stats: string): number =>
  sum(
    clusterCounters(readStats(stats))
      .filter(({ counter }) => counter === "upstream_rq_completed")
      .map(({ value }) => value),
  );

/** Says every few seconds how far the load is, by what the proxies have counted. */
function watchProgress(
  { kubectl, say }: Sending,
  { proxies }: Way,
  before: number,
  load: Load,
  what: string,
) {
  const began = Date.now();
  let asking = false;
  return setInterval(() => {
    if (asking) return;
    asking = true;
    const path = "stats?usedonly&filter=cluster.outbound.*upstream_rq_completed";
    const said = (more: string) => say(`${what}: ${more}for ${Math.round((Date.now() - began) / 1000)} s`);
    Promise.all(proxies.map((pod) => admin(kubectl, pod, path)))
      .then((texts) =>
        said(`${sum(texts.map(completed)) - before} of ${load.requests} answered by destinations, `),
      )
      .catch(() => said(""))
      .finally(() => {
        asking = false;
      });
  }, PROGRESS_MS);
}

/** Sends one load and looks at the proxies before and after it. */
export async function sendLoad(
  way: Way,
  load: Load,
  sending: Sending,
  what: string,
): Promise<{ readonly result: FortioResult; readonly watched: Watched[] }> {
  const { kubectl, outside, say } = sending;
  const { client, proxies, url, request } = way;
  const fromInside = { namespace: client.namespace, pod: client.podName, container: "fortio" };
  const sender = proxies.includes(client) ? fromInside : await outside.sender(client);
  const look = () => Promise.all(proxies.map((pod) => snapshot(kubectl, pod)));
  const before = await look();
  const rate = load.qps === undefined ? "" : `, ${load.qps} a second`;
  say(`${what}: ${load.requests} requests on ${load.connections} connections${rate}`);
  const ticker = watchProgress(sending, way, sum(before.map(({ stats }) => completed(stats))), load, what);
  try {
    const exec = ["exec", "--namespace", sender.namespace, sender.pod, "--container", sender.container, "--"];
    const printed = await kubectl.run([...exec, ...fortioCommand(url, request, load)], {
      seconds: LONGEST_S,
    });
    const result = readFortio(printed);
    await sleep(SETTLE_MS);
    const after = await look();
    const watched = proxies.map(({ name }, at) => ({
      proxy: name,
      before: before[at] as Snapshot,
      after: after[at] as Snapshot,
    }));
    return { result, watched };
  } finally {
    clearInterval(ticker);
  }
}
