import type { Labels } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { serviceEntryKind } from "../analysis/kinds";
import {
  type Fields,
  fieldsIn,
  fieldsOf,
  mapOf,
  numberOf,
  readable,
  specOf,
  textOf,
  textsOf,
} from "./objects";
import type { Settings } from "./settings";
import type { Open } from "./types";

export interface ServicePort {
  readonly number: number;
  /** `http` also where a proxy has to look at the first bytes. */
  readonly protocol: "http" | "tcp" | "tls";
  /** Number or name at the pods. */
  readonly target: number | string;
}

/** A name that proxies know, of a Service or of a ServiceEntry. */
export interface Service {
  readonly object: KubeObject;
  readonly host: string;
  readonly namespace: string;
  readonly ports: readonly ServicePort[];
  readonly exportTo: readonly string[];
  /** Pods behind it; undefined where it has no selector. */
  readonly selector: Labels | undefined;
  readonly headless: boolean;
  /** Outside the mesh: no mutual TLS by itself. */
  readonly external: boolean;
  /** Endpoints that are written down, by their labels. */
  readonly written: readonly Labels[];
  /** Where a name takes the traffic for another: `spec.externalName`. */
  readonly alias: string | undefined;
  /** Addresses that clients may use instead of the name. */
  readonly addresses: readonly string[];
}

const httpNames = ["http", "http2", "grpc", "grpc-web"];
const tlsNames = ["https", "tls"];
const tcpNames = ["tcp", "mongo", "mysql", "redis", "thrift"];
const families = [...httpNames, ...tlsNames, ...tcpNames];
/** Protocols in which the server speaks first, so that nothing can be looked at. */
const serverFirst = [25, 53, 3306, 27_017];

const plain: Readonly<Record<string, string>> = {
  "kubernetes.io/h2c": "http2",
  "kubernetes.io/ws": "http",
  "kubernetes.io/wss": "https",
};

function protocolOf(port: Fields): ServicePort["protocol"] {
  const given = textOf(port.appProtocol);
  const name = (given === undefined ? textOf(port.name) : (plain[given] ?? given)) ?? "";
  const found = families.find(
    (family) => name.toLowerCase() === family || name.toLowerCase().startsWith(`${family}-`),
  );
  if (found === undefined) return serverFirst.includes(numberOf(port.port) ?? 0) ? "tcp" : "http";
  return httpNames.includes(found) ? "http" : tlsNames.includes(found) ? "tls" : "tcp";
}

function servicePort(port: Fields): ServicePort | undefined {
  const number = numberOf(port.port);
  if (number === undefined || port.protocol === "UDP" || port.protocol === "SCTP") return undefined;
  const target = port.targetPort;
  return {
    number,
    protocol: protocolOf(port),
    target: typeof target === "number" || typeof target === "string" ? target : number,
  };
}

const known = <T>(items: readonly (T | undefined)[]): T[] => items.filter((item) => item !== undefined);

const exported = (text: string | undefined, otherwise: readonly string[]): readonly string[] =>
  text === undefined ? otherwise : text.split(",").map((name) => name.trim());

function fromService(object: KubeObject, { dnsDomain, exportTo }: Settings): Service {
  const spec = specOf(object);
  const selector = mapOf(spec.selector);
  const namespace = namespaceOf(object);
  const addresses = [textOf(spec.clusterIP), ...textsOf(spec.clusterIPs)];
  return {
    object,
    host: `${object.metadata.name}.${namespace}.svc.${dnsDomain}`,
    namespace,
    ports: known(fieldsIn(spec.ports).map(servicePort)),
    exportTo: exported(object.metadata.annotations?.["networking.istio.io/exportTo"], exportTo.services),
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    headless: spec.clusterIP === "None",
    external: false,
    written: [],
    alias: spec.type === "ExternalName" ? textOf(spec.externalName) : undefined,
    addresses: known(addresses).filter((address) => address !== "None" && address !== ""),
  };
}

function fromEntry(object: KubeObject, { exportTo }: Settings): Service[] {
  const spec = specOf(object);
  const selector = mapOf(fieldsOf(spec.workloadSelector).labels);
  const ports = fieldsIn(spec.ports).map((port) =>
    servicePort({ name: port.protocol, port: port.number, targetPort: port.targetPort }),
  );
  const resolution = textOf(spec.resolution) ?? "NONE";
  return textsOf(spec.hosts).map((host) => ({
    object,
    host: host.toLowerCase(),
    namespace: namespaceOf(object),
    ports: known(ports),
    exportTo: spec.exportTo === undefined ? exportTo.services : textsOf(spec.exportTo),
    selector: Object.keys(selector).length === 0 ? undefined : selector,
    headless: false,
    external: spec.location !== "MESH_INTERNAL",
    // Without endpoints the name itself, or the address that the client chose, is the endpoint.
    written:
      fieldsIn(spec.endpoints).length > 0 || resolution === "STATIC"
        ? fieldsIn(spec.endpoints).map((endpoint) => mapOf(endpoint.labels))
        : [{}],
    alias: undefined,
    addresses: textsOf(spec.addresses),
  }));
}

/** Whether an object that is exported to some namespaces is seen from one. */
export const seenFrom = (exportTo: readonly string[], own: string, client: string): boolean =>
  exportTo.some((name) => name === "*" || name === client || (name === "." && own === client));

/** All names that proxies know. */
export class Registry {
  readonly open: readonly Open[];
  private readonly services = new Map<string, Service[]>();
  private readonly byAddress = new Map<string, Service>();

  constructor(index: ObjectIndex, settings: Settings) {
    const services = readable(index, "Service");
    const entries = readable(index, serviceEntryKind);
    this.open = [...services.open, ...entries.open];
    const all = [
      ...services.objects.map((object) => fromService(object, settings)),
      ...entries.objects.flatMap((object) => fromEntry(object, settings)),
    ];
    for (const service of all) {
      const list = this.services.get(service.host);
      if (list === undefined) this.services.set(service.host, [service]);
      else list.push(service);
      for (const address of service.addresses) this.byAddress.set(address, service);
    }
  }

  /** The Service of a host as a namespace sees it; its own first. */
  find(host: string, client: string): Service | undefined {
    const seen = (this.services.get(host) ?? []).filter(({ exportTo, namespace }) =>
      seenFrom(exportTo, namespace, client),
    );
    return seen.find(({ namespace }) => namespace === client) ?? seen[0];
  }

  /** All names, whoever sees them: DNS of the cluster does not know what is exported. */
  hosts(): readonly string[] {
    return [...this.services.keys()];
  }

  at(address: string): Service | undefined {
    return this.byAddress.get(address);
  }

  /** One Service per host. */
  visible(client: string): readonly Service[] {
    return known([...this.services.keys()].map((host) => this.find(host, client)));
  }
}
