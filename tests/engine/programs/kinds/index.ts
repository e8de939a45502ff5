/** The kinds of objects that the platform declares, for a real API server without controllers. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

const { KUBECONFIG_TEXT = "", CANARY = "", VALUE = "one" } = process.env;
const provider = new kubernetes.Provider("cluster", {
  kubeconfig: pulumi.secret(KUBECONFIG_TEXT),
  clusterIdentifier: "test",
});
const inCluster = { provider };
const secret = pulumi.secret(CANARY);

const namespace = new kubernetes.core.v1.Namespace("space", { metadata: { name: "space" } }, inCluster);
const metadata = (name: string) => ({
  name,
  namespace: namespace.metadata.name,
  labels: { "app.kubernetes.io/managed-by": "mesh-platform" },
  // Nobody would ever make its pods.
  annotations: { "pulumi.com/skipAwait": "true" },
});
new kubernetes.core.v1.ConfigMap("map", { metadata: metadata("map"), data: { VALUE } }, inCluster);
new kubernetes.core.v1.ConfigMap(
  "map-secret",
  { metadata: metadata("map-secret"), data: { secret } },
  inCluster,
);
new kubernetes.core.v1.Secret(
  "secret-text",
  { metadata: metadata("secret-text"), stringData: { password: secret, plain: "plain" } },
  inCluster,
);
new kubernetes.core.v1.Secret(
  "secret-clear",
  { metadata: metadata("secret-clear"), stringData: { plain: "plain" }, data: { more: "cGxhaW4=" } },
  inCluster,
);
new kubernetes.core.v1.Secret(
  "secret-data",
  { metadata: metadata("secret-data"), type: "Opaque", data: { plain: "cGxhaW4=" } },
  inCluster,
);
const account = new kubernetes.core.v1.ServiceAccount(
  "account",
  { metadata: metadata("account") },
  inCluster,
);
const role = new kubernetes.rbac.v1.ClusterRole(
  "role",
  {
    metadata: { name: "role" },
    rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }],
  },
  inCluster,
);
new kubernetes.rbac.v1.ClusterRoleBinding(
  "binding",
  {
    metadata: { name: "binding" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
    subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace: "space" }],
  },
  inCluster,
);
new kubernetes.core.v1.Service(
  "service",
  {
    metadata: metadata("service"),
    spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
  },
  inCluster,
);
const template = (app: string) => ({
  metadata: { labels: { app } },
  spec: {
    containers: [
      {
        name: app,
        image: app,
        env: [{ name: "PASSWORD", value: secret }],
        resources: { requests: { cpu: "0.1", memory: "64Mi" } },
      },
    ],
  },
});
const web = new kubernetes.apps.v1.Deployment(
  "web",
  {
    metadata: metadata("web"),
    spec: { replicas: 1, selector: { matchLabels: { app: "web" } }, template: template("web") },
  },
  inCluster,
);
new kubernetes.apps.v1.DaemonSet(
  "agent",
  {
    metadata: metadata("agent"),
    spec: { selector: { matchLabels: { app: "agent" } }, template: template("agent") },
  },
  inCluster,
);
new kubernetes.apps.v1.DeploymentPatch(
  "patch",
  {
    metadata: {
      name: "web",
      namespace: "space",
      annotations: { "pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true" },
    },
    spec: { revisionHistoryLimit: 3 },
  },
  { provider, dependsOn: web, retainOnDelete: true },
);
const definition = new kubernetes.apiextensions.v1.CustomResourceDefinition(
  "definition",
  {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", singular: "widget", kind: "Widget", listKind: "WidgetList" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } },
        },
      ],
    },
  },
  inCluster,
);
new kubernetes.apiextensions.CustomResource(
  "widget",
  {
    apiVersion: "example.com/v1",
    kind: "Widget",
    metadata: metadata("widget"),
    spec: { plain: "plain", list: [{ key: secret }], nested: { secret } },
  },
  { provider, dependsOn: definition },
);
