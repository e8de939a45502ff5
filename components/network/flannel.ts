import { createHash } from "node:crypto";
import type { types } from "@pulumi/kubernetes";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface FlannelArgs {
  /** Three numbers without a leading v; also the tag of the image. */
  readonly version: string;
  /** The pod network; kubeadm's podSubnet. */
  readonly podSubnet: string;
  /** `vxlan` works everywhere (UDP 8472); `host-gw` is faster and needs all hosts in one network segment. */
  readonly backend: "vxlan" | "host-gw";
}

export interface FlannelComponentArgs extends FlannelArgs {
  /** The step after which the API server answers. With it undone, these objects are gone too. */
  readonly cluster: pulumi.Resource;
}

/** Namespace of flannel since 0.19; privileged, since flannel configures the host's network. */
const namespace = "kube-flannel";
const labels = { app: "flannel", tier: "node" };

/** Registry path of the images: GitHub's registry from 0.27 on, Docker Hub before. */
export function flannelImages(version: string): { readonly daemon: string; readonly plugin: string } {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const modern = major > 0 || minor >= 27;
  return modern
    ? {
        daemon: `ghcr.io/flannel-io/flannel:v${version}`,
        plugin: "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel3",
      }
    : {
        daemon: `docker.io/flannel/flannel:v${version}`,
        plugin: "docker.io/flannel/flannel-cni-plugin:v1.6.2-flannel1",
      };
}

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

/** The pod on every node: two init containers put the plugin and its config in place, then flanneld runs. */
export function renderFlannelPod(version: string): types.input.core.v1.PodSpec {
  const images = flannelImages(version);
  const config = { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" };
  return {
    hostNetwork: true,
    priorityClassName: "system-node-critical",
    serviceAccountName: "flannel",
    // Before there is a pod network every node is tainted not-ready; flannel is what makes it ready.
    tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] },
          ],
        },
      },
    },
    initContainers: [
      {
        name: "install-cni-plugin",
        image: images.plugin,
        command: ["cp"],
        args: ["-f", "/flannel", "/opt/cni/bin/flannel"],
        volumeMounts: [{ name: "cni-plugin", mountPath: "/opt/cni/bin" }],
      },
      {
        name: "install-cni",
        image: images.daemon,
        command: ["cp"],
        args: ["-f", "/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"],
        volumeMounts: [{ name: "cni", mountPath: "/etc/cni/net.d" }, config],
      },
    ],
    containers: [
      {
        name: "kube-flannel",
        image: images.daemon,
        command: ["/opt/bin/flanneld"],
        args: ["--ip-masq", "--kube-subnet-mgr"],
        resources: { requests: { cpu: "100m", memory: "50Mi" } },
        securityContext: { privileged: false, capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
        env: [
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
          { name: "EVENT_QUEUE_DEPTH", value: "5000" },
        ],
        volumeMounts: [
          { name: "run", mountPath: "/run/flannel" },
          config,
          { name: "xtables-lock", mountPath: "/run/xtables.lock" },
        ],
      },
    ],
    volumes: [
      { name: "run", hostPath: { path: "/run/flannel" } },
      { name: "cni-plugin", hostPath: { path: "/opt/cni/bin" } },
      { name: "cni", hostPath: { path: "/etc/cni/net.d" } },
      { name: "flannel-cfg", configMap: { name: "kube-flannel-cfg" } },
      { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
    ],
  };
}

function digestOf(value: object): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

const rules: types.input.rbac.v1.PolicyRule[] = [
  { apiGroups: [""], resources: ["pods"], verbs: ["get"] },
  { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch"] },
  { apiGroups: [""], resources: ["nodes/status"], verbs: ["patch"] },
];

/** The flannel pod network as typed objects, so that every field of it can be previewed. */
export class Flannel extends pulumi.ComponentResource {
  /** The object after which nodes get their pod network. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: FlannelComponentArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:network:Flannel", name, {}, options);
    const child = { parent: this, dependsOn: [args.cluster], deletedWith: args.cluster };
    const space = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespace,
          labels: { "k8s-app": "flannel", "pod-security.kubernetes.io/enforce": "privileged" },
        },
      },
      child,
    );
    const inside = { ...child, dependsOn: [space] };
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { name: "flannel", namespace } },
      inside,
    );
    const role = new k8s.rbac.v1.ClusterRole(`${name}-role`, { metadata: { name: "flannel" }, rules }, child);
    const binding = new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata: { name: "flannel" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "flannel" },
        subjects: [{ kind: "ServiceAccount", name: "flannel", namespace }],
      },
      { ...child, dependsOn: [role, account] },
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
            spec: renderFlannelPod(args.version),
          },
        },
      },
      { ...child, dependsOn: [config, binding] },
    );
    this.registerOutputs({});
  }
}
