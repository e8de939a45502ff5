import { entryAt } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { gather, put } from "./define";
import { specOf } from "./field";
import { canaryKind, serviceEntryKind } from "./kinds";

/** A name that requests go to, as Istio reads it. */
export interface Target {
  /** As proxies know it: `cart.shop.svc.cluster.local`, `api.example.com`. */
  readonly host: string;
  /** Of a Service of the cluster, by its name. */
  readonly service: { readonly name: string; readonly namespace: string } | undefined;
}

const inCluster = /^([^.*]+)\.([^.*]+)\.svc(?:\.[a-z0-9.-]+)?$/i;

/** The last hosts that were asked for: several checks ask for each. */
const asked = new Map<string, Target>();
const KEPT = 50_000;

/** A host as written in an object of a namespace. Only a name without dots is completed; `cart.shop` is not. */
export function targetOf(host: string, namespace: string): Target {
  const key = `${namespace}/${host}`;
  const known = asked.get(key);
  if (known !== undefined) return known;
  if (asked.size > KEPT) asked.clear();
  const target = readTarget(host, namespace);
  asked.set(key, target);
  return target;
}

function readTarget(host: string, namespace: string): Target {
  const full = /[.*]/.test(host) || host === "" ? host : `${host}.${namespace}.svc.cluster.local`;
  const [, name, place] = inCluster.exec(full) ?? [];
  if (name === undefined || place === undefined) return { host: full.toLowerCase(), service: undefined };
  // The domain of the cluster is the same everywhere, so that it says nothing.
  return {
    host: `${name}.${place}.svc.cluster.local`.toLowerCase(),
    service: { name, namespace: place },
  };
}

/** A port that a target offers. */
export interface TargetPort {
  readonly number: number;
  readonly name: string;
  /** In capitals, as `HTTP2`; empty where nothing tells it. */
  readonly protocol: string;
}

/** `http-web` or an appProtocol as Istio reads it; empty where it tells nothing. */
export function protocolOf(name: string, appProtocol: string | undefined): string {
  const word = (appProtocol ?? name).toLowerCase();
  const aliases: Readonly<Record<string, string>> = {
    "kubernetes.io/h2c": "HTTP2",
    "kubernetes.io/ws": "HTTP",
    "kubernetes.io/wss": "HTTPS",
    "istio.io/hbone": "HBONE",
  };
  const alias = aliases[word];
  if (alias !== undefined) return alias;
  const known = [
    "grpc-web",
    "http2",
    "http",
    "https",
    "grpc",
    "tls",
    "tcp",
    "mongo",
    "mysql",
    "redis",
    "udp",
  ];
  const found = known.find((other) => word === other || word.startsWith(`${other}-`));
  return found?.toUpperCase() ?? "";
}

export const isHttp = (protocol: string) =>
  ["HTTP", "HTTP2", "HTTP_PROXY", "GRPC", "GRPC-WEB"].includes(protocol);

/** The ports of a Service or ServiceEntry. */
export function portsOf(object: KubeObject): TargetPort[] {
  if (object.kind === "Canary") {
    return [{ number: specOf(object).at("service", "port").number() ?? 0, name: "http", protocol: "HTTP" }];
  }
  const service = object.kind === "Service";
  return specOf(object)
    .at("ports")
    .items()
    .map((port) => {
      const name = port.at("name").text() ?? "";
      return {
        number: port.at(service ? "port" : "number").number() ?? 0,
        name,
        protocol: service
          ? protocolOf(name, port.at("appProtocol").text())
          : (port.at("protocol").text() ?? "").toUpperCase(),
      };
    });
}

/** Namespaces that see an object, by `exportTo`; `*` for all. */
export function seenFrom(object: KubeObject): readonly string[] {
  if (object.kind === "Canary") return ["*"];
  const own = namespaceOf(object);
  const list =
    object.kind === "Service"
      ? (entryAt(object, "metadata.annotations", "networking.istio.io/exportTo") ?? "").split(",")
      : specOf(object).at("exportTo").texts();
  const scopes = list.map((scope) => scope.trim()).filter((scope) => scope !== "");
  return scopes.length === 0 ? ["*"] : scopes.map((scope) => (scope === "." ? own : scope));
}

const sees = (object: KubeObject, namespace: string) => {
  const scopes = seenFrom(object);
  return scopes.includes("*") || scopes.includes(namespace);
};

/** The Service that a Canary splits. */
export const canaryName = (canary: KubeObject): string =>
  specOf(canary).at("service", "name").text() ?? specOf(canary).at("targetRef", "name").text() ?? "";

const entriesByHost = (index: ObjectIndex) =>
  gather(
    index,
    "service entries",
    [serviceEntryKind, canaryKind],
    () => new Map<string, KubeObject[]>(),
    (hosts, entry) => {
      if (entry.kind === "Canary") {
        // Flagger makes these Services.
        const name = canaryName(entry);
        for (const suffix of ["", "-primary", "-canary"]) {
          put(hosts, targetOf(`${name}${suffix}`, namespaceOf(entry)).host, entry);
        }
        return;
      }
      const all = new Set(specOf(entry).at("hosts").texts());
      for (const host of all) put(hosts, targetOf(host, namespaceOf(entry)).host, entry);
    },
  );

/** `*.example.com`, `*.com`, `*` for `api.example.com`: the wildcards that cover a host, the narrowest first. */
export function wildcardsOver(host: string): string[] {
  const labels = host.replace(/^\*\.?/, "").split(".");
  const from = host.startsWith("*") ? 0 : 1;
  const wide = labels.slice(from).map((_, place) => `*.${labels.slice(from + place).join(".")}`);
  return [...wide, "*"];
}

/**
 * The Service, or the ServiceEntries, behind a host as an object of a namespace sees it; empty for none. Throws Undecided
 * where none is found and the hosts of some are not known yet.
 */
export function behind(target: Target, from: string, index: ObjectIndex): readonly KubeObject[] {
  const { service, host } = target;
  const { entries, vague } = entriesByHost(index);
  const found = service === undefined ? undefined : index.find("Service", service.namespace, service.name);
  if (found !== undefined && sees(found, from)) return [found];
  for (const name of [host, ...wildcardsOver(host)]) {
    const list = (entries.get(name) ?? []).filter((entry) => sees(entry, from));
    if (list.length > 0) return list;
  }
  if (vague !== undefined) throw vague;
  return [];
}

/** Whether a host that nobody declares is certainly missing. */
export const surelyMissing = ({ service }: Target, index: ObjectIndex): boolean =>
  service === undefined ? index.closed : index.owns(service.namespace);

/** Namespaces with a Service of this name. */
export function namesakes(name: string, index: ObjectIndex): readonly string[] {
  const { entries } = gather(
    index,
    "services by name",
    ["Service"],
    () => new Map<string, string[]>(),
    (all, service) => put(all, service.metadata.name, namespaceOf(service)),
  );
  return [...(entries.get(name) ?? [])].sort();
}
