import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { renderGatewayApi } from "./routes/gateway-api";
import type { HostRouteSettings } from "./routes/merge";
import type { HttpFragment } from "./routes/types";

export interface GatewayGrpcRouteArgs {
  /** The routes of one host. A path is a call: `/shop.Cart/Add`, or `{ segments: "/shop.Cart" }` for all of a service. */
  readonly routes: readonly HttpFragment[];
  /** Of the object. */
  readonly settings?: HostRouteSettings;
}

/** The routes as a GRPCRoute. Throws a TrafficFault that names each field which it has no word for. */
export const renderGatewayGrpcRoute = (
  { routes, settings }: GatewayGrpcRouteArgs,
  context: TrafficContext,
): KubeObject[] => renderGatewayApi("GRPCRoute", routes, context, settings);

/** Calls of a host in the words of Gateway API: one GRPCRoute. */
export class GatewayGrpcRoute extends DeclaredPolicy {
  constructor(
    name: string,
    args: GatewayGrpcRouteArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("GatewayGrpcRoute", name, renderGatewayGrpcRoute(args, args), options);
  }
}
