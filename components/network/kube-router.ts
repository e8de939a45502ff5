import type { types } from "@pulumi/kubernetes";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { atLeast } from "../lib/versions";
import { digestOf } from "./digest";
import { type KubeRouterSettings, renderKubeRouterCni, renderKubeRouterPod } from "./kube-router-pod";

export interface KubeRouterArgs extends KubeRouterSettings {
  /** The step after which the API server answers. With it undone, these objects are gone too. */
  readonly cluster: pulumi.Resource;
  /** What has to be there before, beside that; as service proxy, that kube-proxy is gone. Default nothing. */
  readonly after?: readonly pulumi.Resource[];
}

const namespace = "kube-system";
const labels = { "k8s-app": "kube-router", tier: "node" };
const watch = ["list", "get", "watch"];

/** What it may do, and since which version it asks for that. */
const rules: readonly (readonly [since: string, rule: types.input.rbac.v1.PolicyRule])[] = [
  [
    "1.0",
    { apiGroups: [""], resources: ["namespaces", "pods", "services", "nodes", "endpoints"], verbs: watch },
  ],
  ["1.0", { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: watch }],
  ["2.0", { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: watch }],
  ["2.1", { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"] }],
  ["2.1", { apiGroups: [""], resources: ["services/status"], verbs: ["update"] }],
];

export const kubeRouterRules = (version: string): types.input.rbac.v1.PolicyRule[] =>
  rules.filter(([since]) => atLeast(version, since)).map(([, rule]) => rule);

/**
 * kube-router as pod network, as service proxy, as enforcer of NetworkPolicy, or as any of these together. Beside
 * another pod network it leaves the CNI configuration alone.
 */
export class KubeRouter extends pulumi.ComponentResource {
  /** The object after which it does its work on every node. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: KubeRouterArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:network:KubeRouter", name, {}, options);
    const child = {
      parent: this,
      dependsOn: [args.cluster, ...(args.after ?? [])],
      deletedWith: args.cluster,
    };
    const metadata = { name: "kube-router", namespace };
    const account = new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata }, child);
    const role = new k8s.rbac.v1.ClusterRole(
      `${name}-role`,
      { metadata: { name: "kube-router" }, rules: kubeRouterRules(args.version) },
      child,
    );
    const binding = new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata: { name: "kube-router" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "kube-router" },
        subjects: [{ kind: "ServiceAccount", name: "kube-router", namespace }],
      },
      { ...child, dependsOn: [role, account] },
    );
    const data = { "cni-conf.json": renderKubeRouterCni() };
    const config = args.router
      ? [
          new k8s.core.v1.ConfigMap(
            `${name}-config`,
            { metadata: { name: "kube-router-cfg", namespace, labels }, data },
            child,
          ),
        ]
      : [];
    this.done = new k8s.apps.v1.DaemonSet(
      `${name}-daemonset`,
      {
        metadata: { ...metadata, labels },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: {
              labels,
              ...(args.router ? { annotations: { "mesh-platform/config": digestOf(data) } } : {}),
            },
            spec: renderKubeRouterPod(args),
          },
        },
      },
      { ...child, dependsOn: [binding, ...config] },
    );
    this.registerOutputs({});
  }
}
