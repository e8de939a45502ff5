import { beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { fingerprint } from "../../../components/pki/kubeconfig";
import { testCertificate } from "../../support/pems";
import { inventory, recordPlatform } from "../../support/platforms";
import { isSecret, type Recording, textInput } from "../../support/recording";
import { parseRendered } from "../../support/rendered";

/** The parameters of `kubeadm init` on the platform that a config describes. */
async function initOf(
  config: object,
): Promise<{ recording: Recording; parameters: Readonly<Record<string, string>> }> {
  const recording = await recordPlatform(config);
  return { recording, parameters: parseRendered(textInput(recording.find("cp1-init"), "stdin")).parameters };
}

describe("ControlPlane", () => {
  let base: Awaited<ReturnType<typeof initOf>>;
  beforeAll(async () => {
    base = await initOf(inventory(1));
  }, 60_000);

  it("runs kubeadm init in the open: keys are files of another step", () => {
    expect(isSecret(base.recording.find("cp1-init"), "stdin")).toBe(false);
    expect(Object.keys(base.parameters)).toEqual([
      "NODE_NAME",
      "KUBEADM_CONFIG",
      "AUTHORITY_DIGEST",
      "ETCD_CLIENT_DIGEST",
    ]);
  });

  it("runs again when an authority or the API server's certificate for etcd changes", () => {
    expect(base.parameters).toMatchObject({
      AUTHORITY_DIGEST: fingerprint(testCertificate("pki-kubernetes-cert")),
      ETCD_CLIENT_DIGEST: fingerprint(testCertificate("pki-apiserver-etcd-client-cert")),
    });
  });

  it("is reached at its own address, unless the config names another endpoint", async () => {
    const own = parseAllDocuments(base.parameters.KUBEADM_CONFIG ?? "").map((document) => document.toJS());
    expect(own[1]).toMatchObject({
      controlPlaneEndpoint: "172.16.8.241:6443",
      apiServer: { certSANs: ["172.16.8.241"] },
    });
    const { parameters, recording } = await initOf(
      inventory(1, { kubernetes: { controlPlaneEndpoint: "api.example.com:8443", certSANs: ["10.9.9.9"] } }),
    );
    const named = parseAllDocuments(parameters.KUBEADM_CONFIG ?? "").map((document) => document.toJS());
    expect(named[1]).toMatchObject({
      controlPlaneEndpoint: "api.example.com:8443",
      apiServer: { certSANs: ["api.example.com", "10.9.9.9"] },
    });
    expect(recording.stackOutputs()).toMatchObject({ endpoint: "https://api.example.com:8443" });
  });

  it("finds etcd on every member, with the files that the keys' step writes", () => {
    const [, cluster] = parseAllDocuments(base.parameters.KUBEADM_CONFIG ?? "").map((document) =>
      document.toJS(),
    );
    expect(cluster.etcd).toEqual({
      external: {
        endpoints: ["https://172.16.8.241:2379"],
        caFile: "/etc/kubernetes/pki/etcd/ca.crt",
        certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
        keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
      },
    });
  });
});
