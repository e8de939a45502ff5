import type * as pulumi from "@pulumi/pulumi";

/** Where traffic from outside comes in. */
export interface IngressHandle {
  readonly namespace: string;
  /** Labels of the gateway's pods, for `spec.selector` of a Gateway. */
  readonly selector: { readonly istio: string };
  /** Name of the gateway's Service. */
  readonly service: string;
}

/** What later stages need to know of the mesh. All of it but `ready` is plain and known in a preview. */
export interface MeshHandle {
  /** Version of Istio; with several control planes that of the one that owns the tag `default`. */
  readonly version: string;
  /** Where istiod lives, and the root namespace of mesh-wide policies. */
  readonly namespace: string;
  /** The revision that `injectionLabels` ends at. Default: none, the one control plane has no revision. */
  readonly revision?: string;
  /** Every control plane; the revision of one without a name is empty. */
  readonly controlPlanes: readonly { readonly revision: string; readonly version: string }[];
  /** Revision by tag, beside the tag `default`. */
  readonly tags: Readonly<Record<string, string>>;
  /** Labels that a namespace needs for its new pods to be injected. */
  readonly injectionLabels: Readonly<Record<string, string>>;
  /** Domain of the cluster's Services. */
  readonly dnsDomain: string;
  /** The first ingress gateway. Default: the profile has none. */
  readonly ingress?: IngressHandle;
  /** After these the mesh can be used: CRDs known, istiod available, webhooks trusted, gateways available. */
  readonly ready: readonly pulumi.Resource[];
}
