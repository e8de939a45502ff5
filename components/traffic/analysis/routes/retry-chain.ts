import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { gather, kindCheck, note, put } from "../define";
import { specOf } from "../field";
import { sidecarKind, virtualServiceKind } from "../kinds";
import { targetOf } from "../registry";
import { gatewaysOf, routeDestinations, rulesOf } from "../virtual-services";

/** Requests that one request of a client may become. */
const BUDGET = 16;
/** Longer chains are looked at no further. */
const DEPTH = 12;

/** Tries for a host of the mesh, the first included. */
const tries = (index: ObjectIndex) =>
  gather(
    index,
    "tries",
    [virtualServiceKind],
    () => new Map<string, number>(),
    (all, object) => {
      if (!gatewaysOf(object).includes("mesh")) return;
      const most = rulesOf(object, "http").map((rule) => rule.at("retries", "attempts").number() ?? 0);
      for (const host of specOf(object).at("hosts").texts()) {
        const name = targetOf(host, namespaceOf(object)).host;
        all.set(name, Math.max(all.get(name) ?? 1, 1 + Math.max(0, ...most)));
      }
    },
  ).entries;

/** Who calls whom, as Sidecars for workloads say it: from a Service to hosts. */
const calls = (index: ObjectIndex) =>
  gather(
    index,
    "calls",
    [sidecarKind],
    () => new Map<string, string[]>(),
    (all, sidecar) => {
      const selector = specOf(sidecar).at("workloadSelector", "labels").labels();
      const namespace = namespaceOf(sidecar);
      if (Object.keys(selector).length === 0) return;
      const callers = index
        .selected(selector, namespace)
        .flatMap((workload) => index.servicesOf(workload))
        .map((service) => targetOf(service.metadata.name, namespaceOf(service)).host);
      const callees = specOf(sidecar)
        .at("egress")
        .items()
        .flatMap((listener) => listener.at("hosts").texts())
        .map((text) => text.slice(text.indexOf("/") + 1))
        .filter((host) => !host.startsWith("*"))
        .map((host) => targetOf(host, namespace).host);
      for (const caller of new Set(callers)) for (const callee of callees) put(all, caller, callee);
    },
  ).entries;

interface Chain {
  readonly product: number;
  readonly hosts: readonly string[];
}

/** The chain from a host on with the most tries. */
function worst(host: string, index: ObjectIndex, known: Map<string, Chain>, above: readonly string[]): Chain {
  const kept = known.get(host);
  if (kept !== undefined) return kept;
  const own = tries(index).get(host) ?? 1;
  const next = above.length < DEPTH ? (calls(index).get(host) ?? []) : [];
  const best = next
    .filter((callee) => callee !== host && !above.includes(callee))
    .map((callee) => worst(callee, index, known, [...above, host]))
    .reduce<Chain>((most, chain) => (chain.product > most.product ? chain : most), { product: 1, hosts: [] });
  const chain = { product: own * best.product, hosts: [host, ...best.hosts] };
  known.set(host, chain);
  return chain;
}

/** When the last service of a chain is ill, each one before it repeats the repetitions of the next. */
export const retriesDoNotMultiply = kindCheck(
  ["MP0405"],
  [virtualServiceKind],
  (object: KubeObject, index) => {
    const known = index.once("traffic retry chains", () => new Map<string, Chain>());
    return rulesOf(object, "http")
      .filter((rule) => (rule.at("retries", "attempts").number() ?? 0) > 0)
      .slice(0, 1)
      .flatMap((rule) =>
        routeDestinations(rule)
          .map(({ target }) => worst(target.host, index, known, []))
          .filter(({ product, hosts }) => product > BUDGET && hosts.length > 1)
          .slice(0, 1)
          .map(({ product, hosts }) =>
            note(
              "MP0405",
              rule.at("retries", "attempts"),
              `one request may become ${product} at the end of ${hosts.map((host) => host.split(".")[0]).join(" -> ")}: each of them retries`,
              "retry at one place of the chain alone, at the front or next to what fails",
            ),
          ),
      );
  },
);
