import type { Target } from "../../../components/traffic/scenarios";
import { type Answer, merged, type PodCount, serviceOf, type Told } from "./answers";
import { readIstioRequests } from "./envoy";
import { risen, type Watched } from "./snapshots";

/** By Istio's own counter, which its builds of Envoy show always; it has no copies, so the pods tell them. */
export function toldByIstio(watched: readonly Watched[], pods: readonly PodCount[]): Told {
  const found = risen(
    watched,
    ({ prometheus }) => readIstioRequests(prometheus).filter(({ labels }) => labels.reporter === "source"),
    ({ labels }) => JSON.stringify(Object.entries(labels).sort()),
    ({ value }) => value,
  );
  const answers = merged(
    found.map(({ entry: { labels }, rise }): Answer => {
      const {
        destination_service: host = "",
        destination_version: version = "",
        response_code: code,
      } = labels;
      const known = version !== "" && version !== "unknown";
      // Without a workload nobody behind the proxy has answered.
      if (labels.destination_workload === "unknown") return { status: Number(code), count: rise };
      const service = serviceOf(host);
      return { to: known ? { service, version } : { service }, status: Number(code), count: rise };
    }),
  );
  const copies = new Map<string, { to: Target; count: number }>();
  for (const { service, version, count } of pods) {
    if (answers.some(({ to }) => to?.service === service && (to.version ?? "") === version)) continue;
    const key = `${service} ${version}`;
    const before = copies.get(key)?.count ?? 0;
    copies.set(key, { to: version === "" ? { service } : { service, version }, count: before + count });
  }
  return { answers, copies: [...copies.values()] };
}
