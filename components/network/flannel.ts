import type { types } from "@pulumi/kubernetes";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { atLeast } from "../lib/versions";
import { digestOf } from "./digest";
import { renderFlannelPod } from "./flannel-pod";
import { flannelRelease } from "./flannel-versions";

export { renderFlannelPod } from "./flannel-pod";

export interface FlannelArgs {
  /** Three numbers without a leading v; also the tag of the image. 0.12.0 or later. */
  readonly version: string;
  /** The pod network; kubeadm's podSubnet. */
  readonly podSubnet: string;
  /** `vxlan` works everywhere (UDP 8472); `host-gw` is faster and needs all hosts in one network segment. */
  readonly backend: "vxlan" | "host-gw";
}

export interface FlannelComponentArgs extends FlannelArgs {
  /** Version of Kubernetes: below 1.25 flannel up to 0.18 needs a PodSecurityPolicy. Default: one without them. */
  readonly kubernetesVersion?: string;
  /** HOST:PORT at which flannel asks the API server. Default: the address of its Service. */
  readonly apiServer?: string | undefined;
  /** The step after which the API server answers. With it undone, these objects are gone too. */
  readonly cluster: pulumi.Resource;
  /** What has to be there before, beside that. Default nothing. */
  readonly after?: readonly pulumi.Resource[];
}

const labels = { app: "flannel", tier: "node" };
const policyName = "psp.flannel.unprivileged";

/** The images of a version; `plugin` is missing where hosts bring the CNI plugin themselves. */
export const flannelImages = (version: string) => flannelRelease(version).images;

/** What flannel reads: the CNI config it installs on each host, and its own network. */
export function renderFlannelConfig(args: FlannelArgs): {
  readonly "cni-conf.json": string;
  readonly "net-conf.json": string;
} {
  const json = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
  return {
    "cni-conf.json": json({
      name: "cbr0",
      cniVersion: "0.3.1",
      plugins: [
        { type: "flannel", delegate: { hairpinMode: true, isDefaultGateway: true } },
        { type: "portmap", capabilities: { portMappings: true } },
      ],
    }),
    "net-conf.json": json({
      Network: args.podSubnet,
      EnableNFTables: false,
      Backend: { Type: args.backend },
    }),
  };
}

const rules: types.input.rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
];
const policyRule: types.input.rbac.v1.PolicyRule = {
  apiGroups: ["policy"],
  resources: ["podsecuritypolicies"],
  verbs: ["use"],
  resourceNames: [policyName],
};

/** What flannel's pods may do where a PodSecurityPolicy has to allow it. */
const policySpec: types.input.policy.v1beta1.PodSecurityPolicySpec = {
  privileged: false,
  allowPrivilegeEscalation: false,
  hostNetwork: true,
  hostPorts: [{ min: 0, max: 65535 }],
  allowedCapabilities: ["NET_ADMIN", "NET_RAW"],
  volumes: ["configMap", "secret", "projected", "emptyDir", "hostPath"],
  allowedHostPaths: ["/etc/cni/net.d", "/opt/cni/bin", "/run/flannel", "/run/xtables.lock"].map(
    (pathPrefix) => ({ pathPrefix }),
  ),
  runAsUser: { rule: "RunAsAny" },
  supplementalGroups: { rule: "RunAsAny" },
  fsGroup: { rule: "RunAsAny" },
  seLinux: { rule: "RunAsAny" },
};

/** The flannel pod network as typed objects, so that every field of it can be previewed. */
export class Flannel extends pulumi.ComponentResource {
  /** The object after which nodes get their pod network. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: FlannelComponentArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:network:Flannel", name, {}, options);
    const { namespace, podSecurityPolicy } = flannelRelease(args.version);
    const policed = podSecurityPolicy && !atLeast(args.kubernetesVersion ?? "1.25", "1.25");
    const child = {
      parent: this,
      dependsOn: [args.cluster, ...(args.after ?? [])],
      deletedWith: args.cluster,
    };
    // kube-system is kubeadm's.
    const space = namespace === "kube-system" ? [] : [this.namespace(name, namespace, child)];
    const inside = { ...child, dependsOn: [...child.dependsOn, ...space] };
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { name: "flannel", namespace } },
      inside,
    );
    const policy = policed ? [this.policy(name, child)] : [];
    const role = new k8s.rbac.v1.ClusterRole(
      `${name}-role`,
      { metadata: { name: "flannel" }, rules: [...(policed ? [policyRule] : []), ...rules] },
      child,
    );
    const binding = new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata: { name: "flannel" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "flannel" },
        subjects: [{ kind: "ServiceAccount", name: "flannel", namespace }],
      },
      { ...child, dependsOn: [role, account, ...policy] },
    );
    const config = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: { name: "kube-flannel-cfg", namespace, labels }, data: { ...renderFlannelConfig(args) } },
      inside,
    );
    this.done = new k8s.apps.v1.DaemonSet(
      `${name}-daemonset`,
      {
        metadata: { name: "kube-flannel-ds", namespace, labels },
        spec: {
          selector: { matchLabels: { app: "flannel" } },
          template: {
            // flanneld reads its config once, when it starts: a changed one has to change the pods.
            metadata: {
              labels,
              annotations: { "mesh-platform/config": digestOf(renderFlannelConfig(args)) },
            },
            spec: renderFlannelPod(args.version, args.apiServer),
          },
        },
      },
      { ...child, dependsOn: [config, binding] },
    );
    this.registerOutputs({});
  }

  private namespace(name: string, namespace: string, options: pulumi.CustomResourceOptions): pulumi.Resource {
    return new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespace,
          // Privileged, since flannel configures the host's network.
          labels: { "k8s-app": "flannel", "pod-security.kubernetes.io/enforce": "privileged" },
        },
      },
      options,
    );
  }

  private policy(name: string, options: pulumi.CustomResourceOptions): pulumi.Resource {
    return new k8s.policy.v1beta1.PodSecurityPolicy(
      `${name}-policy`,
      { metadata: { name: policyName }, spec: policySpec },
      options,
    );
  }
}
