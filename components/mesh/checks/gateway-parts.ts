import { fieldOf, itemsAt, type Labels, mapAt, numberAt, textAt, textsAt } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf, type Workload } from "../../lib/workloads";

export const gatewayKind = "networking.istio.io/Gateway";

/** A server of a Gateway, with its path. */
export interface GatewayServer {
  readonly path: string;
  readonly port: number;
  readonly portName: string;
  /** In capitals, as `HTTPS`. */
  readonly protocol: string;
  readonly hosts: readonly string[];
  /** Default: every address. */
  readonly bind: string;
  /** `SIMPLE` where TLS is given without a mode; undefined without TLS. */
  readonly tlsMode: string | undefined;
  readonly credentialName: string | undefined;
}

export const serversOf = (gateway: KubeObject): GatewayServer[] =>
  itemsAt(gateway, "spec.servers").map((path) => ({
    path,
    port: numberAt(gateway, `${path}.port.number`) ?? 0,
    portName: textAt(gateway, `${path}.port.name`) ?? "",
    protocol: (textAt(gateway, `${path}.port.protocol`) ?? "").toUpperCase(),
    hosts: textsAt(gateway, `${path}.hosts`),
    bind: textAt(gateway, `${path}.bind`) ?? "",
    tlsMode:
      fieldOf(gateway, `${path}.tls`) === undefined
        ? undefined
        : (textAt(gateway, `${path}.tls.mode`) ?? "SIMPLE"),
    credentialName: textAt(gateway, `${path}.tls.credentialName`),
  }));

/** Who carries out a Gateway, as far as it is declared. */
export interface GatewaySeat {
  readonly selector: Labels;
  readonly workloads: readonly Workload[];
  /** Services that lead to these pods, or that ask for pods with these labels. */
  readonly services: readonly KubeObject[];
  /** Where its pods are, and thus its credentials; empty where nothing of it is declared. */
  readonly namespaces: readonly string[];
}

const seats = (index: ObjectIndex) => index.once("gateway seats", () => new Map<KubeObject, GatewaySeat>());

export function seatOf(gateway: KubeObject, index: ObjectIndex): GatewaySeat {
  const known = seats(index).get(gateway) ?? readSeat(gateway, index);
  seats(index).set(gateway, known);
  return known;
}

function readSeat(gateway: KubeObject, index: ObjectIndex): GatewaySeat {
  const selector = mapAt(gateway, "spec.selector");
  const empty = Object.keys(selector).length === 0;
  const workloads = empty ? [] : index.selected(selector);
  const led = workloads.flatMap((workload) => index.servicesOf(workload));
  const services = [...new Set([...led, ...(workloads.length > 0 ? [] : index.servicesAsking(selector))])];
  const namespaces = [
    ...workloads.map(({ namespace }) => namespace),
    ...(workloads.length > 0 ? [] : services.map(namespaceOf)),
  ];
  return { selector, workloads, services, namespaces: [...new Set(namespaces)].sort() };
}
