import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { renderGatewayApi } from "./routes/gateway-api";
import type { HostRouteSettings } from "./routes/merge";
import type { HttpFragment } from "./routes/types";

export interface GatewayHttpRouteArgs {
  /** The routes of one host, as for a VirtualService. A gateway's handle names a Gateway of Gateway API. */
  readonly routes: readonly HttpFragment[];
  /** Of the object. */
  readonly settings?: HostRouteSettings;
}

/** The routes as an HTTPRoute. Throws a TrafficFault that names each field which it has no word for. */
export const renderGatewayHttpRoute = (
  { routes, settings }: GatewayHttpRouteArgs,
  context: TrafficContext,
): KubeObject[] => renderGatewayApi("HTTPRoute", routes, context, settings);

/**
 * Routes of a host in the words of Gateway API: one HTTPRoute. Do not declare a VirtualService for the host too: in the
 * mesh one alone of the two would hold.
 */
export class GatewayHttpRoute extends DeclaredPolicy {
  constructor(
    name: string,
    args: GatewayHttpRouteArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("GatewayHttpRoute", name, renderGatewayHttpRoute(args, args), options);
  }
}
