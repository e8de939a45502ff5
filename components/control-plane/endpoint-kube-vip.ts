import { stringify } from "yaml";
import { minorNumber } from "../lib/versions";
import { interfaceOf } from "./endpoint-file";

/** An address that kube-vip, a static pod on every control plane, keeps on one of them. */
export interface KubeVipEndpoint {
  readonly kind: "kubeVip";
  /** IPv4 address that no host has, in the network of the control planes. */
  readonly address: string;
  /** Network interface that gets the address, such as `eth0`. Default: that of the host's own address. */
  readonly interface?: string | undefined;
  /** Three numbers without a leading v. Default: what goes with the Kubernetes version (`kubeVipVersionFor`). */
  readonly version?: string | undefined;
}

/** Newest first. Before 0.8 the prefix of the address has another variable, which is not rendered here. */
const versions: readonly (readonly [fromMinor: number, version: string])[] = [
  [29, "1.0.1"],
  [16, "0.8.9"],
];

/** The kube-vip for a Kubernetes version. */
export function kubeVipVersionFor(kubernetesVersion: string): string {
  const minor = minorNumber(kubernetesVersion);
  const row = versions.find(([from]) => minor >= from);
  if (row === undefined) throw new Error(`no kube-vip is known for Kubernetes ${kubernetesVersion}`);
  return row[1];
}

export interface KubeVipContext {
  readonly bindPort: number;
  readonly kubernetesVersion: string;
  /** Registry and path of the image, without a tag. */
  readonly image: string;
  /** Kubeconfig on the host with which the leader is elected. */
  readonly kubeconfig: string;
}

/**
 * The leader announces the address by ARP. The election goes to the API server on the same host, under the name
 * `kubernetes` that its certificate has: by the endpoint it would need the address that it is about to hand out.
 */
export function renderKubeVipPod(endpoint: KubeVipEndpoint, context: KubeVipContext): string {
  const settings: Readonly<Record<string, string>> = {
    address: endpoint.address,
    port: String(context.bindPort),
    vip_interface: interfaceOf(endpoint),
    vip_subnet: "32",
    vip_arp: "true",
    cp_enable: "true",
    cp_namespace: "kube-system",
    svc_enable: "false",
    vip_leaderelection: "true",
    vip_leasename: "mesh-platform-endpoint",
    // Seconds. Longer than upstream's 5, 3 and 1: a busy disk under etcd must not move the address.
    vip_leaseduration: "15",
    vip_renewdeadline: "10",
    vip_retryperiod: "2",
  };
  const version = endpoint.version ?? kubeVipVersionFor(context.kubernetesVersion);
  return stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "kube-vip", namespace: "kube-system" },
    spec: {
      hostNetwork: true,
      priorityClassName: "system-node-critical",
      hostAliases: [{ ip: "127.0.0.1", hostnames: ["kubernetes"] }],
      containers: [
        {
          name: "kube-vip",
          image: `${context.image}:v${version}`,
          imagePullPolicy: "IfNotPresent",
          args: ["manager"],
          env: [
            { name: "vip_nodename", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
            ...Object.entries(settings).map(([name, value]) => ({ name, value })),
          ],
          securityContext: {
            allowPrivilegeEscalation: false,
            capabilities: { add: ["NET_ADMIN", "NET_RAW"], drop: ["ALL"] },
          },
          volumeMounts: [{ name: "kubeconfig", mountPath: "/etc/kubernetes/admin.conf", readOnly: true }],
        },
      ],
      // Without the type a file that is still to come would be made, as a folder, and stay one.
      volumes: [{ name: "kubeconfig", hostPath: { path: context.kubeconfig, type: "File" } }],
    },
  });
}
