import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { suppressAnnotation } from "../lib/suppression";
import { istioApi } from "./api-versions";
import { filled } from "./exposure-fields";
import type { GatewayRouteArgs, InsideTls } from "./gateway-modes";
import { renderGatewaySecrets } from "./gateway-secrets";

export type * from "./gateway-modes";

const ingress = { namespace: "istio-system", selector: { istio: "ingressgateway" } } as const;

/** Gateway, VirtualService and, where the mode has them, Secrets and a DestinationRule. */
export function renderGatewayRoute(args: GatewayRouteArgs): KubeObject[] {
  refuseHosts(args);
  const inside = args.mode.kind === "reencrypt" ? [renderInside(args, args.mode.inside)] : [];
  // Secrets first: a gateway that knows a host before its certificate resets connections.
  const secrets = renderGatewaySecrets(args.mode, {
    application: backendOf(args).namespace,
    gateway: gatewayOf(args).namespace,
  });
  return [...secrets, ...inside, renderGateway(args), renderVirtualService(args)];
}

const gatewayOf = ({ gateway = ingress }: GatewayRouteArgs) => gateway;

const portsOf = ({ ports = { http: 80, https: 443 } }: GatewayRouteArgs) => ports;

const apiOf = ({ version }: GatewayRouteArgs) => istioApi(version).networking;

function backendOf({ backend, namespace: own, dnsDomain = "cluster.local" }: GatewayRouteArgs) {
  const { service, port, namespace = own } = backend;
  // In full: a short name means another Service as soon as the rule stands in another namespace.
  return { host: `${service}.${namespace}.svc.${dnsDomain}`, port, namespace };
}

/** Says of an object what the analysis cannot know: findings by their codes, each with the reason why it is none. */
function known(reasons: Readonly<Record<string, string>>) {
  const text = Object.entries(reasons).map(([code, reason]) => `${code}=${reason}`);
  return text.length === 0 ? {} : { annotations: { [suppressAnnotation]: text.join("; ") } };
}

const absent = ({ backend }: GatewayRouteArgs, code: string): Readonly<Record<string, string>> =>
  backend.elsewhere ? { [code]: "the Service is made elsewhere" } : {};

function refuseHosts({ name, hosts, mode }: GatewayRouteArgs): void {
  const fail = (given: string, allowed: string, change: string): never => {
    throw new Error(`gateway route ${name}: hosts ${given}; allowed: ${allowed}; ${change}`);
  };
  if (hosts.length === 0) fail("is empty", "one or more host names", "name one");
  if (new Set(hosts).size < hosts.length) fail("names one twice", "each once", "remove the second");
  if (mode.kind === "passthrough" && hosts.includes("*")) {
    fail(
      "has *",
      "names with passthrough, which goes by the name that the client asks for",
      "name the hosts",
    );
  }
}

type Server = Readonly<Record<string, unknown>>;

function renderGateway(args: GatewayRouteArgs): KubeObject {
  const { name, namespace } = args;
  const { selector } = gatewayOf(args);
  return {
    apiVersion: apiOf(args),
    kind: "Gateway",
    metadata: { name, namespace },
    spec: { selector, servers: servers(args) },
  };
}

function servers(args: GatewayRouteArgs): Server[] {
  const { hosts, mode } = args;
  const ports = portsOf(args);
  const plain = { port: { number: ports.http, name: "http", protocol: "HTTP" }, hosts };
  if (mode.kind === "http") return [plain];
  const secure = { port: { number: ports.https, name: "https", protocol: "HTTPS" }, hosts };
  if (mode.kind === "passthrough") return [{ ...secure, tls: { mode: "PASSTHROUGH" } }];
  const tls = {
    mode: mode.kind === "mutual" ? "MUTUAL" : "SIMPLE",
    credentialName: mode.credential.secretName,
    minProtocolVersion: mode.minProtocolVersion ?? "TLSV1_2",
  };
  const redirect = mode.httpsRedirect ? [{ ...plain, tls: { httpsRedirect: true } }] : [];
  return [...redirect, { ...secure, tls }];
}

function renderVirtualService(args: GatewayRouteArgs): KubeObject {
  const { name, namespace, hosts, mode } = args;
  const { host, port } = backendOf(args);
  const route = [{ destination: { host, port: { number: port } } }];
  const match = [{ port: portsOf(args).https, sniHosts: hosts }];
  const routes = mode.kind === "passthrough" ? { tls: [{ match, route }] } : { http: [{ route }] };
  return {
    apiVersion: apiOf(args),
    kind: "VirtualService",
    metadata: { name, namespace, ...known(absent(args, "IST0101")) },
    spec: { hosts, gateways: [name], ...routes },
  };
}

/**
 * In the gateway's namespace and for that alone: sidecars cannot read the Secret, and would then take any certificate.
 * For the gateway it stands before rules of the application's namespace; their subsets mean nothing there.
 */
function renderInside(args: GatewayRouteArgs, inside: InsideTls): KubeObject {
  const { host, port } = backendOf(args);
  const { secretName, client, sni = host, subjectAltNames = [sni] } = inside;
  const tls = {
    mode: client === undefined ? "SIMPLE" : "MUTUAL",
    credentialName: secretName,
    sni,
    subjectAltNames,
  };
  return {
    apiVersion: apiOf(args),
    kind: "DestinationRule",
    metadata: {
      name: `${args.namespace}-${args.name}-inside`,
      namespace: gatewayOf(args).namespace,
      ...known({
        IST0129: "the authority is in the Secret that credentialName names",
        ...absent(args, "IST0174"),
      }),
    },
    spec: { host, exportTo: ["."], trafficPolicy: { portLevelSettings: [{ port: { number: port }, tls }] } },
  };
}

/** Hosts at the ingress gateway, in one of five modes. */
export class GatewayRoute extends pulumi.ComponentResource {
  /** After these the gateway serves the hosts, within the second or so that istiod takes to tell it. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: GatewayRouteArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:mesh:GatewayRoute", name, {}, options);
    this.ready = declareObjects(renderGatewayRoute(args), {
      parent: this,
      ...filled({ dependsOn: options.dependsOn }),
    });
    this.registerOutputs({});
  }
}
