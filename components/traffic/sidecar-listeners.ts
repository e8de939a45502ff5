import { isIP } from "node:net";
import { filled } from "../mesh/exposure-fields";
import type { Place } from "./faults";
import { type ConnectionPoolArgs, renderWholePool } from "./pool-settings";
import { dnsLabel, host, oneOf, port } from "./values";

/** A port at which the proxy takes or sends traffic. */
export interface SidecarPort {
  readonly number: number;
  readonly protocol:
    | "HTTP"
    | "HTTPS"
    | "HTTP2"
    | "GRPC"
    | "GRPC-Web"
    | "TLS"
    | "TCP"
    | "Mongo"
    | "MySQL"
    | "Redis";
  /** Default none. */
  readonly name?: string;
}

export type CaptureMode = "DEFAULT" | "IPTABLES" | "NONE";

/** What the workload can reach. */
export interface EgressListener {
  /** `namespace/host`; a namespace of `*` for all, `.` for its own, `~name` for all but one; a host of `*` for all there. */
  readonly hosts: readonly string[];
  /** Default: any port. Only the last listener can do without. */
  readonly port?: SidecarPort;
  /** Address that the proxy listens at. Default: Istio's choice. */
  readonly bind?: string;
  /** Default DEFAULT: as the pod is set up. */
  readonly captureMode?: CaptureMode;
}

/** What comes to the workload. */
export interface IngressListener {
  readonly port: SidecarPort;
  /** Where the application listens: `127.0.0.1:8080`, `0.0.0.0:8080`, `unix:///path`. Default: the pod's address and this port. */
  readonly defaultEndpoint?: string;
  readonly bind?: string;
  readonly captureMode?: CaptureMode;
  /** Limits of this port. Default: `inboundConnectionPool`. */
  readonly connectionPool?: ConnectionPoolArgs;
}

const modes = ["DEFAULT", "IPTABLES", "NONE"] as const;

function checkHost(text: string, at: Place): void {
  const [namespace = "", name, ...more] = text.split("/");
  if (name === undefined || more.length > 0) {
    at.fault(text, "namespace/host", `write ./${text} for its own namespace, */${text} for any`);
    return;
  }
  const bare = namespace.replace(/^~/, "");
  if (bare !== "*" && bare !== ".") dnsLabel(bare, at);
  if (name !== "*") host(name, at, { short: false });
  if (/^\*[^.]/.test(name)) at.fault(text, "* as a whole label", "write *.example.com");
}

/** Hosts that another one of the list already takes in. */
function checkRepeated(hosts: readonly string[], namespace: string, at: Place): void {
  const full = hosts.map((text) => (text.startsWith("./") ? `${namespace}${text.slice(1)}` : text));
  full.forEach((text, index) => {
    const whole = `${text.slice(0, text.indexOf("/"))}/*`;
    const wider = full.findIndex(
      (other, place) =>
        place !== index && (other === "*/*" || other === whole || (other === text && place < index)),
    );
    if (wider >= 0 && /^[^~].*\//.test(text) && text !== "*/*") {
      at.in(index).fault(hosts[index], `nothing that ${hosts[wider]} takes in`, "remove it");
    }
  });
}

function renderPort({ number, protocol, name }: SidecarPort, at: Place): object {
  port(number, at.in("number"));
  if (name !== undefined) dnsLabel(name, at.in("name"));
  return filled({ number, protocol, name });
}

function checkBind(bind: string | undefined, at: Place): void {
  if (bind !== undefined && isIP(bind) === 0) at.fault(bind, "an IP address", "correct it, or leave it out");
}

/** `egress` of a Sidecar. */
export function renderEgress(listeners: readonly EgressListener[], namespace: string, at: Place): object[] {
  return listeners.map(({ hosts, port: own, bind, captureMode }, index) => {
    const here = at.in(index);
    if (hosts.length === 0) here.in("hosts").fault([], "one host or more", "name one");
    hosts.forEach((text, place) => void checkHost(text, here.in("hosts", place)));
    checkRepeated(hosts, namespace, here.in("hosts"));
    if (own === undefined && index < listeners.length - 1) {
      here.in("port").fault(undefined, "a port, but for the last listener", "name it, or put this one last");
    }
    if (own !== undefined && listeners.findIndex((other) => other.port?.number === own.number) < index) {
      here.in("port", "number").fault(own.number, "each port once", "put the hosts into one listener");
    }
    checkBind(bind, here.in("bind"));
    if (captureMode !== undefined) oneOf(captureMode, modes, here.in("captureMode"));
    return filled({
      port: own === undefined ? undefined : renderPort(own, here.in("port")),
      bind,
      captureMode,
      hosts,
    });
  });
}

const ENDPOINT = /^(127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\])?:(\d+)$/;

/** `ingress` of a Sidecar. */
export function renderIngress(listeners: readonly IngressListener[], at: Place): object[] {
  return listeners.map((listener, index) => {
    const { port: own, defaultEndpoint: endpoint, bind, captureMode, connectionPool } = listener;
    const here = at.in(index);
    if (listeners.findIndex((other) => other.port.number === own.number) < index) {
      here.in("port", "number").fault(own.number, "each port once", "remove one");
    }
    const number = ENDPOINT.exec(endpoint ?? ":1")?.[2];
    if (number !== undefined) port(Number(number), here.in("defaultEndpoint"));
    else if (!/^unix:\/\/(@.|\/.*[^/]$)/.test(endpoint ?? "")) {
      here.in("defaultEndpoint").fault(endpoint, "127.0.0.1:PORT, 0.0.0.0:PORT, unix:///path", "correct it");
    }
    if (connectionPool?.http !== undefined && !/^(HTTP2?|GRPC(-Web)?)$/.test(own.protocol)) {
      here
        .in("connectionPool", "http")
        .fault(connectionPool.http, `tcp alone for ${own.protocol}`, "leave http out");
    }
    checkBind(bind, here.in("bind"));
    if (captureMode !== undefined) oneOf(captureMode, modes, here.in("captureMode"));
    return filled({
      port: renderPort(own, here.in("port")),
      bind,
      captureMode,
      defaultEndpoint: endpoint,
      connectionPool:
        connectionPool === undefined ? undefined : renderWholePool(connectionPool, here.in("connectionPool")),
    });
  });
}
