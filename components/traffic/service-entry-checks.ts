import { ofMinor } from "../mesh/api-versions";
import { filled } from "../mesh/exposure-fields";
import type { TrafficContext } from "./context";
import { renderEndpoint } from "./endpoint";
import type { Place } from "./faults";
import { type EntryPort, entryProtocols, type Resolution, type ServiceEntryArgs } from "./service-entry-args";
import { cidr, dnsLabel, host, oneOf, port } from "./values";

/** The rules of a ServiceEntry, part by part. */

/** The name of a port, said or by default. */
export const portName = ({ name, protocol, number }: EntryPort) =>
  name ?? `${protocol.toLowerCase()}-${number}`;

const isHttp = (protocol: string) => ["HTTP", "HTTP2", "GRPC", "GRPC-Web"].includes(protocol);
const isTls = (protocol: string) => ["HTTPS", "TLS"].includes(protocol);
const isDns = (resolution: Resolution) => resolution === "DNS" || resolution === "DNS_ROUND_ROBIN";

export function checkHosts({ hosts, endpoints, resolution, ports }: ServiceEntryArgs, at: Place): void {
  if (hosts.length === 0) at.fault([], "one host or more", "name one");
  const alone = isDns(resolution) && endpoints === undefined;
  hosts.forEach((name, index) => {
    const here = at.in(index);
    if (hosts.indexOf(name) < index) here.fault(name, "each host once", "remove one");
    else if (name === "*") here.fault(name, "a name, or *.example.com", "name a domain");
    else if (resolution === "DYNAMIC_DNS" && !name.startsWith("*."))
      here.fault(name, "*.example.com", "use DNS for one name");
    else if (alone && name.includes("*")) {
      here.fault(name, "a name in full: DNS cannot ask for *", "give endpoints, or use resolution NONE");
    } else if (/^\*[^.]/.test(name)) here.fault(name, "* as a whole label", "write *.example.com");
    else host(name, here, { short: !alone });
  });
  const opaque = ports.find(({ protocol }) => !isHttp(protocol) && !isTls(protocol));
  if (hosts.length > 1 && opaque !== undefined && resolution !== "NONE") {
    at.fault(
      hosts,
      `one host, with a port of ${opaque.protocol}`,
      "make an entry for each: TCP tells no name",
    );
  }
}

export function checkAddresses(args: ServiceEntryArgs, { version }: TrafficContext, at: Place): void {
  const { addresses = [], ports, resolution } = args;
  if (addresses === "auto") {
    if (!ofMinor(version, "1.25"))
      at.fault("auto", "nothing before Istio 1.25", `write an address: the mesh has ${version}`);
    if (resolution === "NONE")
      at.fault("auto", "addresses, with resolution NONE", "write one: the caller's goes on as it is");
    return;
  }
  addresses.forEach((address, index) => {
    cidr(address, at.in(index));
    if (address.includes("/") && resolution !== "NONE" && resolution !== "STATIC") {
      at.in(index).fault(
        address,
        `one address, with resolution ${resolution}`,
        "use NONE or STATIC for networks",
      );
    }
  });
  if (resolution === "DYNAMIC_DNS" && addresses.length > 0) {
    at.fault(addresses, "no addresses with DYNAMIC_DNS", "leave them out: each request tells its name");
  }
  const opaque = ports.filter(({ protocol }) => protocol === "TCP");
  if (addresses.length === 0 && opaque.length > 0) {
    const numbers = opaque.map(({ number }) => number).join(", ");
    at.fault(
      undefined,
      `an address for port ${numbers} of TCP`,
      'name one, or say "auto": else the port takes all traffic to this number',
    );
  }
}

export function renderPorts({ ports, resolution }: ServiceEntryArgs, at: Place): object[] {
  if (ports.length === 0) at.fault([], "one port or more", "name one");
  const names = ports.map(portName);
  return ports.map((one, index) => {
    const { number, protocol, targetPort } = one;
    const here = at.in(index);
    const name = portName(one);
    oneOf(protocol, entryProtocols, here.in("protocol"));
    if (ports.findIndex((other) => other.number === number) < index)
      here.in("number").fault(number, "each port once", "remove one");
    if (names.indexOf(name) < index) here.in("name").fault(name, "each name once", "give another one");
    if (resolution === "DYNAMIC_DNS" && !["HTTP", "HTTP2", "GRPC", "TLS"].includes(protocol)) {
      here.in("protocol").fault(protocol, "HTTP, HTTP2, GRPC, TLS with DYNAMIC_DNS", "use one of these");
    }
    return filled({
      number: port(number, here.in("number")),
      name: dnsLabel(name, here.in("name")),
      protocol,
      targetPort: targetPort === undefined ? undefined : port(targetPort, here.in("targetPort")),
    });
  });
}

export function checkEndpoints(
  { endpoints, workloadSelector, resolution }: ServiceEntryArgs,
  at: Place,
): void {
  const here = at.in("endpoints");
  if (endpoints !== undefined && workloadSelector !== undefined) {
    here.fault("endpoints and workloadSelector", "one of them", "choose one");
  }
  if (resolution === "NONE" || resolution === "DYNAMIC_DNS") {
    if (endpoints !== undefined)
      here.fault(endpoints, `none with resolution ${resolution}`, "leave them out, or use STATIC or DNS");
    if (workloadSelector !== undefined) {
      at.in("workloadSelector").fault(workloadSelector, `none with resolution ${resolution}`, "use STATIC");
    }
  }
  if (endpoints?.length === 0) here.fault([], "one endpoint or more", "name one, or leave endpoints out");
  if (resolution === "STATIC" && endpoints === undefined && workloadSelector === undefined) {
    here.fault(
      undefined,
      "endpoints or workloadSelector with STATIC",
      "name endpoints: nothing could be reached",
    );
  }
  if (resolution === "DNS_ROUND_ROBIN" && (endpoints?.length ?? 0) > 1) {
    here.fault(`${endpoints?.length} endpoints`, "one with DNS_ROUND_ROBIN", "use DNS for several");
  }
}

export function renderEndpoints(args: ServiceEntryArgs, at: Place): object[] {
  const { endpoints = [], ports, resolution } = args;
  const rules = { names: isDns(resolution), ports: ports.map(portName) };
  return endpoints.map((endpoint, index) => {
    if (endpoint.address?.startsWith("unix://") && ports.length !== 1) {
      at.in(index, "address").fault(
        endpoint.address,
        "one port of the entry, with a socket",
        "leave one port",
      );
    }
    return renderEndpoint(endpoint, rules, at.in(index));
  });
}
