import { isIP } from "node:net";
import { filled } from "../mesh/exposure-fields";
import type { PodLabels } from "./destination-policy";
import type { Place } from "./faults";
import { dnsLabel, filledText, host, integer, labelMap, port } from "./values";

/** An endpoint that is no pod: a virtual machine, a host outside, or another name. */
export interface Endpoint {
  /** An address, a name, or `unix:///path/of/socket` (`unix://@name` for an abstract one). Only with `network` it can be left out. */
  readonly address?: string;
  /** Ports of the endpoint by the names of the ServiceEntry's ports. Default: the same numbers. Not with a socket. */
  readonly ports?: Readonly<Record<string, number>>;
  /** By these a ServiceEntry and subsets find it. Default: none. */
  readonly labels?: PodLabels;
  /** Name of a network that is reached through a gateway. Default: the mesh's own. */
  readonly network?: string;
  /** `region/zone/sub-zone`. Default: not known. */
  readonly locality?: string;
  /** Share in relation to the other endpoints. Default 1. */
  readonly weight?: number;
  /** Service account that its proxy shows, for mutual TLS. Default: it has no proxy. */
  readonly serviceAccount?: string;
}

const UNIX = "unix://";

export interface EndpointRules {
  /** Whether names are possible beside addresses. */
  readonly names: boolean;
  /** Whether the address can be left out, because it is filled in later. Default false. */
  readonly template?: boolean;
  /** Names of ports that there are. Default: not known. */
  readonly ports?: readonly string[];
}

function checkSocket(path: string, at: Place): void {
  if (!/^(@.|\/.*[^/]$)/.test(path)) {
    at.in("address").fault(`${UNIX}${path}`, "an absolute path of a file, or @name", "correct the path");
  }
}

function checkAddress(
  { address, network, ports }: Endpoint,
  { names, template = false }: EndpointRules,
  at: Place,
): void {
  const here = at.in("address");
  if (address === undefined) {
    if (network === undefined && !template)
      here.fault(undefined, "an address, or a network", "name the address");
  } else if (address.startsWith(UNIX)) {
    checkSocket(address.slice(UNIX.length), at);
    if (ports !== undefined) at.in("ports").fault(ports, "no ports with a socket", "leave them out");
  } else if (isIP(address) === 0) {
    if (names) host(address, here, { wildcard: false });
    else
      here.fault(address, "an IP address or a socket", "write the address, or use resolution DNS for names");
  }
}

/** An endpoint as it stands in a ServiceEntry, a WorkloadEntry, or the template of a WorkloadGroup. */
export function renderEndpoint(endpoint: Endpoint, rules: EndpointRules, at: Place): object {
  const { ports = {}, labels = {}, network, locality, weight, serviceAccount } = endpoint;
  checkAddress(endpoint, rules, at);
  for (const [name, number] of Object.entries(ports)) {
    const here = at.in("ports", name);
    dnsLabel(name, here);
    port(number, here);
    if (rules.ports !== undefined && !rules.ports.includes(name)) {
      here.fault(name, rules.ports.join(", "), "use a name of the ServiceEntry's ports");
    }
  }
  if (Object.keys(labels).length > 0) labelMap(labels, at.in("labels"));
  if (network !== undefined) filledText(network, at.in("network"));
  if (locality !== undefined && !/^[^/]+(\/[^/]+){0,2}$/.test(locality)) {
    at.in("locality").fault(locality, "region, region/zone or region/zone/sub-zone", "correct the spelling");
  }
  if (weight !== undefined) integer(weight, at.in("weight"), { min: 1, max: 2 ** 32 - 1 });
  if (serviceAccount !== undefined) filledText(serviceAccount, at.in("serviceAccount"));
  return filled({ ...endpoint });
}
