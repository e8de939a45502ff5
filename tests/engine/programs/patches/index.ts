/** Some fields of an object that the program does not own. The environment says which, and whether they stay. */
import * as kubernetes from "@pulumi/kubernetes";

const {
  KUBECONFIG_TEXT = "",
  REPLICAS = "3",
  ADDRESS = "",
  KEEP = "",
  POLITE = "",
  NAME = "web",
} = process.env;
const provider = new kubernetes.Provider("cluster", {
  kubeconfig: KUBECONFIG_TEXT,
  clusterIdentifier: "test",
});

new kubernetes.apps.v1.DeploymentPatch(
  "patch",
  {
    metadata: {
      name: NAME,
      namespace: "space",
      annotations: {
        "pulumi.com/timeoutSeconds": "1",
        ...(POLITE === "" ? { "pulumi.com/patchForce": "true" } : {}),
      },
    },
    spec: {
      replicas: Number(REPLICAS),
      ...(ADDRESS === ""
        ? {}
        : {
            template: {
              spec: { containers: [{ name: "web", env: [{ name: "ADDRESS", value: ADDRESS }] }] },
            },
          }),
    },
  },
  { provider, retainOnDelete: KEEP !== "" },
);
