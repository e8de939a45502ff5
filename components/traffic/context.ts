import { type IstioApi, istioApi } from "../mesh/api-versions";

/** What every policy needs to know of the mesh that it is for. A MeshHandle is one. */
export interface TrafficContext {
  /** Version of Istio, such as `1.31.0`: it decides on API versions and on what can be expressed. */
  readonly version: string;
  /** Domain of the cluster's Services. Default `cluster.local`. */
  readonly dnsDomain?: string;
}

/** The apiVersion of each of Istio's groups. */
export const apiOf = ({ version }: TrafficContext): IstioApi => istioApi(version);

/**
 * A Service's name in full: `reviews.default.svc.cluster.local`. Policies write it always, because a short name means
 * another Service as soon as the object stands in another namespace.
 */
export const serviceHost = (name: string, namespace: string, { dnsDomain }: TrafficContext): string =>
  `${name}.${namespace}.svc.${dnsDomain ?? "cluster.local"}`;
