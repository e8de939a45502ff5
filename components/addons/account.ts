import type { types } from "@pulumi/kubernetes";
import type { KubeObject } from "../lib/objects";

export type PolicyRule = types.input.rbac.v1.PolicyRule;

/** An account, and what it may do in the whole cluster. Role and binding have the namespace in their names. */
export function renderAccount(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  rules: readonly PolicyRule[],
): KubeObject[] {
  const role = `${name}-${namespace}`;
  const apiVersion = "rbac.authorization.k8s.io/v1";
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace, labels } },
    { apiVersion, kind: "ClusterRole", metadata: { name: role, labels }, rules },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata: { name: role, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}
