import * as pulumi from "@pulumi/pulumi";
import { GatewayAuthority, givenCertificate } from "../components/mesh/certificates";
import { EdgeNginx, type EdgeServer } from "../components/mesh/edge-nginx";
import type { CertificatePems } from "../components/mesh/gateway-modes";
import { GatewayRoute } from "../components/mesh/gateway-route";
import type { IngressHandle, MeshHandle } from "../components/mesh/mesh-handle";
import type { EdgeConfig, GatewayRouteConfig, GatewaysConfig } from "./config/gateways-schema";
import { type CertificateSources, credentialOf, issueClients, resolveGatewayMode } from "./gateway-modes";

/** HOST:PORT at which clients find the ingress gateway, by what they speak; undefined where the config cannot tell. */
export interface IngressAddresses {
  readonly http: string | undefined;
  readonly https: string | undefined;
}

export interface GatewaysContext {
  readonly gateways: GatewaysConfig;
  readonly mesh: MeshHandle;
  /** Entries of the secret key gatewayCertificates. */
  readonly certificates: Readonly<Record<string, CertificatePems>>;
  readonly addresses: IngressAddresses;
  /** Keep the authority from being deleted. */
  readonly protect: boolean;
  /** What has to be there before: the mesh, and namespaces of the routes. */
  readonly after: readonly pulumi.Resource[];
  /** The step after which the API server answers. With it undone, these objects are gone too. */
  readonly cluster: pulumi.Resource;
  readonly provider: pulumi.ProviderResource;
}

type Common = Omit<CertificateSources, "name" | "hosts" | "backendHost">;

/** Routes and the edge nginx of a config, with one authority for all certificates. Returns the stack's outputs. */
export function buildGateways(context: GatewaysContext) {
  const { gateways, certificates, protect, provider, cluster, after } = context;
  let made: GatewayAuthority | undefined;
  const authority = () => {
    made ??= new GatewayAuthority("gateways", { ...gateways.authority, protect });
    return made;
  };
  const common: Common = {
    authority,
    given: Object.fromEntries(
      Object.entries(certificates).map(([name, pems]) => [name, givenCertificate(pems)]),
    ),
  };
  const options = { provider, dependsOn: [...after], deletedWith: cluster };
  const routes = gateways.routes.map((route) => buildRoute(route, context, common, options));
  if (gateways.edge !== false) buildEdge(gateways.edge, context.mesh, common, options);
  return {
    routes: Object.fromEntries(routes.map(({ name, urls }) => [name, urls])),
    ...(made === undefined ? {} : { authority: made.certificate }),
    clients: pulumi.secret(Object.assign({}, ...routes.map(({ clients }) => clients))) as pulumi.Output<
      Record<string, { certificate: string; privateKey: string }>
    >,
  };
}

function buildRoute(
  route: GatewayRouteConfig,
  { mesh, addresses }: GatewaysContext,
  common: Common,
  options: pulumi.ComponentResourceOptions,
) {
  const { name, namespace, hosts, backend } = route;
  const { version, dnsDomain } = mesh;
  const backendHost = `${backend.service}.${backend.namespace ?? namespace}.svc.${dnsDomain}`;
  const sources = { ...common, name, hosts, backendHost };
  const mode = resolveGatewayMode(route.mode, sources);
  const gateway = ingressOf(mesh);
  new GatewayRoute(
    `route-${name}`,
    { name, namespace, hosts, backend, mode, version, gateway, dnsDomain },
    options,
  );
  return { name, urls: urlsOf(route, addresses), clients: issueClients(route.mode, sources) };
}

/** Addresses as clients write them; names with a star are no address. */
export function urlsOf(
  { hosts, mode }: Pick<GatewayRouteConfig, "hosts" | "mode">,
  addresses: IngressAddresses,
) {
  const scheme = mode.kind === "http" ? "http" : "https";
  const address = addresses[scheme];
  if (address === undefined) return [];
  const port = /:(\d+)$/.exec(address)?.[0] ?? "";
  return hosts.flatMap((host) => {
    if (host === "*") return [`${scheme}://${address}/`];
    return host.startsWith("*") ? [] : [`${scheme}://${host}${port}/`];
  });
}

/** The rules of the config have seen to it that there is one. */
function ingressOf({ ingress }: MeshHandle): IngressHandle {
  if (ingress === undefined) throw new Error("the mesh has no ingress gateway");
  return ingress;
}

function buildEdge(
  { servers, ...edge }: EdgeConfig,
  mesh: MeshHandle,
  common: Common,
  options: pulumi.ComponentResourceOptions,
): void {
  const namespace = edge.namespace ?? mesh.namespace;
  new EdgeNginx(
    "edge",
    { ...edge, namespace, servers: servers.map((server) => edgeServer(server, edge.name, mesh, common)) },
    options,
  );
}

/** One server, in front of the mesh's ingress gateway where the config names no other upstream. */
export function edgeServer(
  { upstream, tls, ...server }: EdgeConfig["servers"][number],
  edge: string,
  mesh: Pick<MeshHandle, "ingress" | "dnsDomain">,
  common: Common,
): EdgeServer {
  const { name, hosts } = server;
  const { host, port, name: upstreamName = name } = upstream ?? ingressUpstream(mesh);
  const id = `${edge}-${name}`;
  return {
    ...server,
    upstream: { name: upstreamName, host, port },
    ...(tls === false
      ? {}
      : {
          tls: {
            redirect: tls.redirect,
            minVersion: tls.minVersion,
            ...credentialOf(tls.certificate, id, { ...common, name: id, hosts, backendHost: host }),
          },
        }),
  };
}

function ingressUpstream({ ingress, dnsDomain }: Pick<MeshHandle, "ingress" | "dnsDomain">) {
  const { service, namespace } = ingressOf({ ingress } as MeshHandle);
  return { name: undefined, host: `${service}.${namespace}.svc.${dnsDomain}`, port: 80 };
}
