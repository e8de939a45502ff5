import type { EndpointFile } from "./endpoint-file";
import { type HaproxyEndpoint, haproxyFiles } from "./endpoint-haproxy";
import { type KubeVipEndpoint, renderKubeVipPod } from "./endpoint-kube-vip";
import type { NodeModel } from "./kubeadm-model";

export type { EndpointFile } from "./endpoint-file";

/** How everyone reaches the API servers. */
export type Endpoint =
  | { readonly kind: "firstControlPlane" }
  | {
      readonly kind: "external";
      /** `HOST:PORT` of a load balancer or DNS name that somebody else keeps. */
      readonly address: string;
    }
  | KubeVipEndpoint
  | HaproxyEndpoint;

export interface EndpointContext {
  /** Port on which the API servers listen. */
  readonly bindPort: number;
  /** Three numbers without a leading v. */
  readonly kubernetesVersion: string;
  /** Registry and path of kube-vip's image, without a tag; needed for the kind kubeVip alone. */
  readonly kubeVipImage?: string | undefined;
}

/** `HOST:PORT` for kubeconfigs and for kubeadm's controlPlaneEndpoint. */
export function endpointAddress(endpoint: Endpoint, firstControlPlane: string, bindPort: number): string {
  switch (endpoint.kind) {
    case "firstControlPlane":
      return `${firstControlPlane}:${bindPort}`;
    case "external":
      return endpoint.address;
    case "kubeVip":
      return `${endpoint.address}:${bindPort}`;
    case "haproxy":
      return `${endpoint.address}:${endpoint.port}`;
  }
}

/** What makes the endpoint on one of the control planes. */
export function endpointFiles(
  endpoint: Endpoint,
  node: NodeModel,
  controlPlanes: readonly NodeModel[],
  context: EndpointContext,
): EndpointFile[] {
  if (endpoint.kind === "haproxy") return haproxyFiles(endpoint, node, controlPlanes, context.bindPort);
  return endpoint.kind === "kubeVip" ? [kubeVipFile(endpoint, context, "/etc/kubernetes/admin.conf")] : [];
}

/**
 * The same while `kubeadm init` runs on the founder. From 1.29 on admin.conf may do nothing until kubeadm, near its
 * end, has bound its group, for which it needs the endpoint: kube-vip would wait for kubeadm and kubeadm for kube-vip.
 * super-admin.conf may act at once, but only the founder has it and a daemon should not keep it; so `endpointFiles`
 * take their place as soon as init is done.
 */
export function endpointInitFiles(
  endpoint: Endpoint,
  node: NodeModel,
  controlPlanes: readonly NodeModel[],
  context: EndpointContext,
): EndpointFile[] {
  const [major = 0, minor = 0] = context.kubernetesVersion.split(".").map(Number);
  if (endpoint.kind !== "kubeVip" || (major === 1 && minor < 29)) {
    return endpointFiles(endpoint, node, controlPlanes, context);
  }
  return [kubeVipFile(endpoint, context, "/etc/kubernetes/super-admin.conf")];
}

/** Packages of the distribution; the names are the same for Debian's and Red Hat's families. */
export function endpointPackages(endpoint: Endpoint): string[] {
  return endpoint.kind === "haproxy" ? ["haproxy", "keepalived"] : [];
}

/** systemd units to enable, and to start in this order: keepalived takes the address only where haproxy answers. */
export function endpointServices(endpoint: Endpoint): string[] {
  return endpoint.kind === "haproxy" ? ["haproxy", "keepalived"] : [];
}

function kubeVipFile(
  endpoint: KubeVipEndpoint,
  { bindPort, kubernetesVersion, kubeVipImage }: EndpointContext,
  kubeconfig: string,
): EndpointFile {
  if (kubeVipImage === undefined)
    throw new Error("the endpoint kubeVip needs the address of kube-vip's image");
  return {
    path: "/etc/kubernetes/manifests/kube-vip.yaml",
    mode: "0600",
    content: renderKubeVipPod(endpoint, { bindPort, kubernetesVersion, image: kubeVipImage, kubeconfig }),
  };
}
