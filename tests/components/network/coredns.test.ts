import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";
import { coreDns, renderCoreDnsPatch } from "../../../components/network/coredns";
import { record } from "../../support/recorder";
import { input } from "../../support/recording";

const metadata = {
  name: "coredns",
  namespace: "kube-system",
  annotations: { "pulumi.com/patchForce": "true", "mesh-platform/kubernetes": "1.36.3" },
};
const usual = { replicas: 2, kubernetesVersion: "1.36.3" };

describe("renderCoreDnsPatch", () => {
  it("claims the number of pods and nothing else", () => {
    expect(renderCoreDnsPatch({ ...usual, replicas: 3 })).toEqual({ metadata, spec: { replicas: 3 } });
  });

  it("sends CoreDNS to the endpoint where there is no service address", () => {
    expect(renderCoreDnsPatch({ ...usual, apiServer: "10.0.0.1:6443" })).toEqual({
      metadata,
      spec: {
        replicas: 2,
        template: {
          spec: {
            containers: [
              {
                name: "coredns",
                env: [
                  { name: "KUBERNETES_SERVICE_HOST", value: "10.0.0.1" },
                  { name: "KUBERNETES_SERVICE_PORT", value: "6443" },
                ],
              },
            ],
          },
        },
      },
    });
  });

  it("starts the pods anew for another text", () => {
    expect(renderCoreDnsPatch({ ...usual, restartFor: "abc" })).toEqual({
      metadata,
      spec: {
        replicas: 2,
        template: { metadata: { annotations: { "mesh-platform/restarted-for": "abc" } } },
      },
    });
  });
});

describe("coreDns", () => {
  it("patches what kubeadm made after the network is there, and gives nothing back", async () => {
    const recording = await record(() => {
      const cluster = new k8s.Provider("cluster", { kubeconfig: "{}" });
      const network = new k8s.core.v1.Namespace("network", {}, { provider: cluster });
      coreDns("coredns", { ...usual, cluster, after: [network] }, { provider: cluster });
    });
    const patch = recording.find("coredns");
    expect(patch.type).toBe("kubernetes:apps/v1:DeploymentPatch");
    expect(input(patch)).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas: 2 },
    });
    expect(patch.retainOnDelete).toBe(true);
    expect(recording.nameOf(patch.deletedWith)).toBe("cluster");
    expect(recording.path("coredns", "network")).toEqual(["coredns", "network"]);
  });
});
