/** Objects in a cluster. The environment says which cluster, and what to change from run to run. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const { KUBECONFIG_TEXT = "", VALUE = "one", REPLICAS = "1", CANARY = "" } = process.env;
// As in the platform: the kubeconfig comes from values that the first run makes, so the first preview lacks it.
const kubeconfig = new random.RandomId("later", { byteLength: 1 }).hex.apply(() => KUBECONFIG_TEXT);
const provider = new kubernetes.Provider("cluster", { kubeconfig, clusterIdentifier: "test" });

const namespace = new kubernetes.core.v1.Namespace("space", { metadata: { name: "space" } }, { provider });
const metadata = (name: string) => ({ name, namespace: namespace.metadata.name });
new kubernetes.core.v1.ConfigMap("map", { metadata: metadata("map"), data: { value: VALUE } }, { provider });
new kubernetes.core.v1.Secret(
  "secret",
  { metadata: metadata("secret"), stringData: { password: pulumi.secret(CANARY) } },
  { provider },
);
const labels = { app: "web" };
const deployment = new kubernetes.apps.v1.Deployment(
  "web",
  {
    metadata: { ...metadata("web"), annotations: { "pulumi.com/timeoutSeconds": "1" } },
    spec: {
      replicas: Number(REPLICAS),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "web" }] } },
    },
  },
  { provider },
);
// Not ordered after its definition: creates are retried until the API server has the kind.
new kubernetes.apiextensions.CustomResource(
  "widget",
  { apiVersion: "example.com/v1", kind: "Widget", metadata: metadata("widget"), spec: { value: VALUE } },
  { provider },
);
new kubernetes.apiextensions.v1.CustomResourceDefinition(
  "definition",
  {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "widgets", kind: "Widget" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          // As the SDK spells it, and as a chart has it: the same run after run.
          schema: {
            openAPIV3Schema: {
              type: "object",
              x_kubernetes_preserve_unknown_fields: true,
              ...{ properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } },
            },
          },
        },
      ],
    },
  },
  { provider },
);

export const uid = deployment.metadata.uid;
