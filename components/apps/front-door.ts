import type { KubeObject } from "../lib/objects";
import { istioApi } from "../mesh/api-versions";
import type { AppArgs } from "./parts";

/** A path as a VirtualService matches it. */
export type PathMatch = { readonly exact: string } | { readonly prefix: string };

export interface FrontDoorArgs extends AppArgs {
  /** Names under which clients come; `*` is any that no other Gateway has, and none is: no way in. */
  readonly hosts: readonly string[];
  readonly gateway: string;
  readonly virtualService: string;
  /** Paths that are let in. Default: everything, without a match at all. */
  readonly paths?: readonly PathMatch[];
  /** The Service that answers, in the same namespace. */
  readonly service: string;
  readonly port: number;
}

/** A way in from outside by plain HTTP: one Gateway, and one route to one Service. Nothing where the mesh has none. */
export function renderFrontDoor(args: FrontDoorArgs): KubeObject[] {
  const { mesh, namespace, hosts, gateway, virtualService, paths, service, port } = args;
  if (mesh?.ingress === undefined || hosts.length === 0) return [];
  const apiVersion = istioApi(mesh.version).networking;
  const match = paths === undefined ? {} : { match: paths.map((uri) => ({ uri })) };
  return [
    {
      apiVersion,
      kind: "Gateway",
      metadata: { name: gateway, namespace },
      spec: {
        selector: mesh.ingress.selector,
        servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts }],
      },
    },
    {
      apiVersion,
      kind: "VirtualService",
      metadata: { name: virtualService, namespace },
      spec: {
        hosts,
        gateways: [gateway],
        http: [{ ...match, route: [{ destination: { host: service, port: { number: port } } }] }],
      },
    },
  ];
}
