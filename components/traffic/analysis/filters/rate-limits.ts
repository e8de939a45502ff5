import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { embeddedYaml } from "../../../lib/yaml-text";
import { gather, kindCheck, listed, note, type TrafficDraft } from "../define";
import { milliseconds } from "../duration";
import { type Field, rootOf, specOf } from "../field";
import { envoyFilterKind } from "../kinds";
import { isHttp, portsOf } from "../registry";
import { selectedBy, selectorOf } from "../selection";
import { patchesOf } from "./envoy-filters";

/** Fields with a name anywhere below, without going into lists of patches again. */
function below(at: Field, name: string, depth = 8): Field[] {
  if (depth === 0) return [];
  const children = [...at.items(), ...at.entries().map(([, child]) => child)];
  return [
    ...(at.at(name).given ? [at.at(name)] : []),
    ...children.flatMap((child) => below(child, name, depth - 1)),
  ];
}

function bucket(at: Field): TrafficDraft[] {
  const most = at.at("max_tokens").number();
  const filled = at.at("tokens_per_fill");
  const every = at.at("fill_interval").text();
  const ms = every === undefined ? undefined : milliseconds(every);
  if (most === undefined || most <= 0)
    return [
      note(
        "MP0704",
        at,
        "a bucket without tokens: every request gets 429, or Envoy refuses the listener",
        "write max_tokens above 0",
      ),
    ];
  if ((filled.number() ?? 1) > most)
    return [
      note(
        "MP0704",
        filled,
        `${filled.number()} tokens are filled into a bucket of ${most}: what is above is lost`,
        "lower tokens_per_fill, or raise max_tokens",
      ),
    ];
  if (ms === undefined || ms < 50)
    return [
      note(
        "MP0704",
        at.at("fill_interval").given ? at.at("fill_interval") : at,
        `${every ?? "no fill_interval"}: Envoy refuses less than 50ms, and the proxies keep their old config`,
        'write 1s or more, in seconds such as "60s"',
      ),
    ];
  return [];
}

/** Local limits are buckets of tokens. */
export const soundBuckets = kindCheck(["MP0704"], [envoyFilterKind], (filter) =>
  patchesOf(filter).flatMap((patch) => below(patch.at("patch", "value"), "token_bucket").flatMap(bucket)),
);

/** Domains that rate limit services are told of, by ConfigMaps with their descriptors. */
const domains = (index: ObjectIndex) =>
  gather(
    index,
    "rate limit domains",
    ["ConfigMap"],
    () => new Set<string>(),
    (all, object) => {
      for (const [name, file] of rootOf(object, "data").entries()) {
        const text = file.text() ?? "";
        if (!/\.ya?ml$/.test(name) || !/^domain:/m.test(text) || !/^descriptors:/m.test(text)) continue;
        const read = embeddedYaml(text) as { domain?: unknown } | null;
        if (typeof read?.domain === "string") all.add(read.domain);
      }
    },
  );

/** A domain that the service does not know is never limited. */
export const knownDomains = kindCheck(["MP0705"], [envoyFilterKind], (filter, index) => {
  const { entries, vague } = domains(index);
  return patchesOf(filter).flatMap((patch) => {
    const value = patch.at("patch", "value");
    if (below(value, "rate_limit_service").length === 0) return [];
    return below(value, "domain")
      .filter((at) => at.text() !== undefined && !entries.has(at.text() ?? ""))
      .filter(() => entries.size > 0 || index.closed)
      .map((at) => {
        if (vague !== undefined) throw vague;
        return note(
          "MP0705",
          at,
          `no config of a rate limit service has the domain ${at.text()}: nothing is limited`,
          entries.size > 0
            ? `write ${listed(entries)}`
            : "add a ConfigMap with the domain and its descriptors",
        );
      });
  });
});

/** Ports of Services whose pods a filter is for, as `number protocol`. */
function portsFor(filter: KubeObject, index: ObjectIndex) {
  const pods =
    Object.keys(selectorOf(filter).labels()).length > 0
      ? selectedBy(filter, index)
      : index.workloadsIn(namespaceOf(filter));
  return pods
    .flatMap((workload) => index.servicesOf(workload))
    .flatMap((service) => {
      const targets = specOf(service)
        .at("ports")
        .items()
        .map((port) => port.at("targetPort").number() ?? port.at("port").number() ?? 0);
      return portsOf(service).map((port, place) => ({ ...port, target: targets[place] ?? port.number }));
    });
}

/** A filter for HTTP finds no place in a listener that is not. */
export const httpFilterAtHttp = kindCheck(["MP0701"], [envoyFilterKind], (filter, index) =>
  patchesOf(filter).flatMap((patch): TrafficDraft[] => {
    if (patch.at("applyTo").text() !== "HTTP_FILTER" || patch.at("match", "context").text() === "GATEWAY")
      return [];
    const at = patch.at("match", "listener", "portNumber");
    const number = at.number();
    const inbound = patch.at("match", "context").text() === "SIDECAR_INBOUND";
    const ports = portsFor(filter, index).filter(
      (port) => number === undefined || (inbound ? port.target : port.number) === number,
    );
    if (ports.length === 0 || !inbound || ports.some(({ protocol }) => isHttp(protocol) || protocol === ""))
      return [];
    const [port] = ports;
    return [
      note(
        "MP0701",
        at.given ? at : patch,
        `port ${port?.target} is ${port?.protocol}: its listener has no HTTP filters, and the patch does nothing`,
        "call the Service's port http, or patch a NETWORK_FILTER",
      ),
    ];
  }),
);
