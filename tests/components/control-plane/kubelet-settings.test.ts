import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubeadmModel } from "../../../components/control-plane/kubeadm-config";
import { renderKubeletSettings } from "../../../components/control-plane/kubelet-settings";
import { kubeadmModel } from "../../support/kubeadm-model";

const model: KubeadmModel = {
  ...kubeadmModel,
  extraArgs: { kubelet: { "max-pods": "50" }, apiServer: { v: "4" } },
};
const node = { name: "n1", address: "10.0.0.5", taints: [{ key: "gpu", effect: "NoSchedule" }] };
const render = (role: "controlPlane" | "worker", changed: Partial<KubeadmModel> = {}) =>
  renderKubeletSettings({ ...model, ...changed }, node, role);
const documents = (role: "controlPlane" | "worker") =>
  parseAllDocuments(render(role)).map((document) => document.toJS());

describe("renderKubeletSettings", () => {
  it("has the kubelet's flags, and what its settings follow from", () => {
    const [init, cluster, kubelet] = documents("controlPlane");
    expect(init.kind).toBe("InitConfiguration");
    expect(init.nodeRegistration).toMatchObject({
      name: "n1",
      kubeletExtraArgs: [
        { name: "node-ip", value: "10.0.0.5" },
        { name: "max-pods", value: "50" },
      ],
    });
    // kubeadm would otherwise ask the internet for the newest version.
    expect(cluster).toMatchObject({
      kind: "ClusterConfiguration",
      kubernetesVersion: "v1.36.3",
      networking: { serviceSubnet: "10.96.0.0/12", dnsDomain: "cluster.local" },
      certificatesDir: "/etc/kubernetes/pki",
    });
    expect(kubelet).toMatchObject({ kind: "KubeletConfiguration", cgroupDriver: "systemd" });
  });

  it("is the same whatever the other parts are told", () => {
    const others = { extraArgs: { ...model.extraArgs, apiServer: { v: "9" } }, certSANs: ["x.example.com"] };
    expect(render("worker", others)).toBe(render("worker"));
  });

  it("keeps a worker's authority from being taken for an external one", () => {
    const [, cluster, kubelet] = documents("worker");
    expect(cluster.certificatesDir).toBe("/run/mesh-platform.none");
    expect(kubelet.authentication).toEqual({ x509: { clientCAFile: "/etc/kubernetes/pki/ca.crt" } });
  });

  it("leaves taints alone: they are the node's from birth, and another step's later", () => {
    expect(render("worker")).not.toContain("taints");
  });
});
