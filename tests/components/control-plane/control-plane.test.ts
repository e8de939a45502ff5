import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";
import {
  ControlPlane,
  controlPlaneFiles,
  renderFiles,
} from "../../../components/control-plane/control-plane";
import type { KubeadmModel } from "../../../components/control-plane/kubeadm-config";
import type { Machine } from "../../../components/hosts/machine";
import { ClusterPki } from "../../../components/pki/cluster-pki";
import { fingerprint } from "../../../components/pki/kubeconfig";
import { kubeadmModel } from "../../support/kubeadm-model";
import { testCertificate } from "../../support/pems";
import { record, settled } from "../../support/recorder";
import { isSecret, type Recording, textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

const machine = (index: number, more: Partial<Machine> = {}, generation = 1): Machine => ({
  name: `cp${index}`,
  address: `10.0.0.${index}`,
  connection: { host: `10.0.0.${index}`, port: 22, user: "root", hostKey: "ssh-ed25519 AAAA", generation },
  ...more,
});
const model: KubeadmModel = {
  ...kubeadmModel,
  etcd: { endpoints: ["https://10.0.0.1:2379"], caFile: "/ca", certFile: "/crt", keyFile: "/key" },
};
const pkiArgs = {
  keyAlgorithm: "ECDSA-P256",
  authorityValidityHours: 87600,
  leafValidityHours: 8760,
  renewBeforeHours: 720,
  protect: false,
  adminGroup: "kubeadm:cluster-admins",
} as const;

function build(machines: readonly Machine[], more: object = {}) {
  return record(() => {
    const pki = new ClusterPki("pki", pkiArgs as ConstructorParameters<typeof ClusterPki>[1]);
    return new ControlPlane("control-plane", {
      nodes: machines.map((each) => ({ machine: each, hooks: {}, after: [] })),
      model,
      pki,
      founder: pulumi.output("cp1"),
      endpoint: { kind: "haproxy", address: "10.0.0.9", port: 8443, interface: "eth0", routerId: 51 },
      context: { bindPort: 6443, kubernetesVersion: "1.36.3" },
      ...more,
    });
  });
}
const parametersOf = (recording: Recording, name: string) =>
  parseRendered(textInput(recording.find(`${name}-control-plane`), "stdin")).parameters;

describe("ControlPlane", () => {
  let three: Recording<ControlPlane>;
  beforeAll(async () => {
    three = await build([machine(1), machine(2), machine(3)]);
  }, 60_000);

  it("makes and changes them one after the other", () => {
    const waits = ["cp1", "cp2", "cp3"].map((name) =>
      three
        .find(`${name}-control-plane`)
        .dependencies.map((urn) => three.nameOf(urn))
        .filter((other) => other.startsWith("cp")),
    );
    expect(waits).toEqual([[], ["cp1-control-plane"], ["cp2-control-plane"]]);
    expect([...three.result.steps.keys()]).toEqual(["cp1", "cp2", "cp3"]);
  });

  it("runs in the open, and is undone when its host leaves: keys are files of another step", () => {
    const step = three.find("cp1-control-plane");
    expect(isSecret(step, "stdin")).toBe(false);
    expect(textInput(step, "delete")).toMatch(/ delete$/);
  });

  it("tells every host who it is, where the others are and who may begin a cluster", () => {
    expect(parametersOf(three, "cp2")).toMatchObject({
      NODE_NAME: "cp2",
      ADDRESS: "10.0.0.2",
      API: "https://10.0.0.2:6443",
      ENDPOINT: "https://10.0.0.9:8443",
      PEERS: "https://10.0.0.1:6443\nhttps://10.0.0.3:6443",
      FOUNDER: "cp1",
      GENERATION: "1",
      FIXED:
        "clusterName: kubernetes\ndnsDomain: cluster.local\npodSubnet: 10.244.0.0/16\nserviceSubnet: 10.96.0.0/12",
      SERVICES: "haproxy\nkeepalived",
      CERTIFICATES: "1",
      DRAIN_SECONDS: "300",
    });
    expect(["cp1", "cp2", "cp3"].map((name) => parametersOf(three, name).LEADS)).toEqual([
      "true",
      "false",
      "false",
    ]);
  });

  it("runs again when an authority or the API server's certificate for etcd changes", () => {
    expect(parametersOf(three, "cp3")).toMatchObject({
      AUTHORITY_DIGEST: fingerprint(testCertificate("pki-kubernetes-cert")),
      ETCD_CLIENT_DIGEST: fingerprint(
        `${testCertificate("pki-apiserver-etcd-client-cert")}${testCertificate("pki-etcd-cert").trimEnd()}\n`,
      ),
    });
  });

  it("opens the API at the endpoint", async () => {
    expect(three.result.endpoint).toBe("https://10.0.0.9:8443");
    expect(await pulumi.isSecret(three.result.kubeconfig)).toBe(true);
    expect(await settled(three.result.kubeconfig)).toContain("server: https://10.0.0.9:8443\n");
  });

  it("has the next one lead where the first is gone, and counts on the living alone", async () => {
    const recording = await build([machine(1, { gone: true }), machine(2), machine(3, {}, 2)]);
    expect(parametersOf(recording, "cp2")).toMatchObject({ LEADS: "true", PEERS: "https://10.0.0.3:6443" });
    expect(parametersOf(recording, "cp2").FILES).not.toContain("10.0.0.1:");
    expect(parametersOf(recording, "cp3").GENERATION).toBe("2");
  });

  it("takes digests and numbers from outside", async () => {
    const recording = await build([machine(1)], {
      encryptionDigest: pulumi.output("eeee"),
      auditDigest: "ffff",
      leafGeneration: 4,
      drainTimeoutSeconds: 20,
      files: [{ path: "/etc/kubernetes/audit-policy.yaml", mode: "0600", content: "kind: Policy\n" }],
    });
    expect(parametersOf(recording, "cp1")).toMatchObject({
      ENCRYPTION_DIGEST: "eeee",
      AUDIT_DIGEST: "ffff",
      CERTIFICATES: "4",
      DRAIN_SECONDS: "20",
    });
    for (const name of ["FILES", "INIT_FILES"])
      expect(parametersOf(recording, "cp1")[name]).toContain(
        "=== /etc/kubernetes/audit-policy.yaml 0600\nkind: Policy\n",
      );
  });

  it("needs one host", async () => {
    await expect(build([])).rejects.toThrow("a cluster needs a control plane");
  });
});

describe("renderFiles", () => {
  it("is a text whose diff can be read", () => {
    const files = [
      { path: "/a", mode: "0644", content: "one\ntwo" },
      { path: "/b", mode: "0600", content: "three\n" },
    ];
    expect(renderFiles(files)).toBe("=== /a 0644\none\ntwo\n=== /b 0600\nthree\n");
    expect(renderFiles([])).toBe("");
  });
});

describe("controlPlaneFiles", () => {
  const pathsOf = (etcd: "external" | "kubeadm") =>
    record(() =>
      controlPlaneFiles(
        new ClusterPki("pki", pkiArgs as ConstructorParameters<typeof ClusterPki>[1]),
        etcd,
      ).map(({ path }) => path.replace("/etc/kubernetes/pki/", "")),
    );
  const shared = ["ca.crt", "ca.key", "front-proxy-ca.crt", "front-proxy-ca.key"];

  it("are etcd's authority without its key, and a client's certificate, where etcd has hosts of its own", async () => {
    expect((await pathsOf("external")).result).toEqual([
      ...shared,
      ...["apiserver-etcd-client.crt", "apiserver-etcd-client.key", "etcd/ca.crt", "sa.key", "sa.pub"],
    ]);
  });

  it("are etcd's authority with its key where kubeadm runs etcd", async () => {
    expect((await pathsOf("kubeadm")).result).toEqual([
      ...shared,
      "etcd/ca.crt",
      "etcd/ca.key",
      "sa.key",
      "sa.pub",
    ]);
  });
});
