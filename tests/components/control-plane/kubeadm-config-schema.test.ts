import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { auditPart } from "../../../components/control-plane/audit";
import { encryptionPart } from "../../../components/control-plane/encryption";
import {
  type KubeadmApi,
  type KubeadmModel,
  renderControlPlaneJoinConfig,
  renderInitConfig,
  renderJoinConfig,
} from "../../../components/control-plane/kubeadm-config";
import { machineProfile, sharedKernelProfile } from "../../../components/hosts/profile";
import { cacheFolder } from "../../../components/lib/folders";
import { mirrorVersions } from "../../../components/sandbox/mirror/versions";

const cp1 = {
  name: "cp1",
  address: "10.0.0.1",
  taints: [{ key: "disk", value: "slow", effect: "NoSchedule" }],
};
const node1 = { name: "node1", address: "10.0.0.3" };
/** Any file: kubeadm looks whether it is there, not what is in it. */
const discoveryFile = __filename;

const plain: Omit<KubeadmModel, "api" | "kubernetesVersion"> = {
  clusterName: "lab",
  controlPlaneEndpoint: "10.0.0.10:8443",
  bindPort: 6443,
  podSubnet: "10.100.0.0/17",
  serviceSubnet: "10.200.0.0/19",
  dnsDomain: "cluster.local",
  certSANs: [],
  imageRepository: "registry.example.com/kubernetes",
  criSocket: "unix:///run/containerd/containerd.sock",
  etcd: {
    endpoints: ["https://10.0.0.1:2379"],
    caFile: "/etc/kubernetes/pki/etcd/ca.crt",
    certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
    keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
  },
  profile: machineProfile,
};

/** Everything that a model can say, in two sets: parts of it exclude each other. */
const variants: Readonly<Record<string, Partial<KubeadmModel>>> = {
  "the least": {},
  "everything at once": {
    profile: sharedKernelProfile,
    kubeProxy: "ipvs",
    controlPlanes: [cp1, { name: "cp2", address: "10.0.0.2" }],
    apiServerParts: [auditPart({ maxAge: 30, maxBackup: 10, maxSize: 100 }), encryptionPart],
    extraArgs: {
      apiServer: { v: "2" },
      controllerManager: { v: "2" },
      scheduler: { v: "2" },
      kubelet: { "max-pods": "200" },
    },
    dns: { imageRepository: "registry.example.com/coredns", imageTag: "v1.8.0" },
    bootstrapToken: {
      ttl: "108h0m0s",
      usages: ["signing", "authentication"],
      groups: ["system:bootstrappers:kubeadm:default-node-token"],
    },
    controlPlaneTimeout: "6m0s",
  },
  "no kube-proxy, and etcd of kubeadm": { kubeProxy: "none", etcd: { dataDir: "/var/lib/etcd/k8s" } },
};

const files = (model: KubeadmModel) => ({
  init: renderInitConfig(model, cp1),
  controlPlaneJoin: renderControlPlaneJoinConfig(model, cp1, discoveryFile),
  join: renderJoinConfig(model, node1, discoveryFile),
});

describe("v1beta2", () => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(__dirname, "v1beta2.schema.json"), "utf8")));

  it.each(Object.entries(variants))("fits its own types: %s", (_, variant) => {
    const model = { ...plain, api: "v1beta2", kubernetesVersion: "1.20.7", ...variant } as const;
    for (const text of Object.values(files(model))) {
      const own = parseAllDocuments(text)
        .map((document) => document.toJS())
        .filter(({ apiVersion }) => apiVersion.startsWith("kubeadm."));
      expect(own.length).toBeGreaterThan(0);
      for (const document of own) expect(schema.safeParse(document)).toMatchObject({ success: true });
    }
  });

  it("would not fit with what came later", () => {
    const document = { apiVersion: "kubeadm.k8s.io/v1beta2", kind: "InitConfiguration" };
    expect(schema.safeParse(document).success).toBe(true);
    expect(schema.safeParse({ ...document, skipPhases: ["addon/kube-proxy"] }).success).toBe(false);
    expect(schema.safeParse({ ...document, timeouts: {} }).success).toBe(false);
    expect(schema.safeParse({ ...document, nodeRegistration: { kubeletExtraArgs: [] } }).success).toBe(false);
  });
});

const kubeadm = join(
  cacheFolder(),
  "mirror/files/kubernetes",
  `v${mirrorVersions.kubernetes}`,
  "bin/linux",
  process.arch === "arm64" ? "arm64" : "amd64",
  "kubeadm",
);
const missing = !existsSync(kubeadm);
if (missing) console.info(`kubeadm itself is not asked: ${kubeadm} is missing; \`npm run mirror\` makes it`);

/** What kubeadm says about a file; it exits with an error for an unknown field. */
function validate(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "mesh-platform-kubeadm-"));
  try {
    writeFileSync(join(folder, "kubeadm.yaml"), text);
    return execFileSync(kubeadm, ["config", "validate", "--config", join(folder, "kubeadm.yaml")], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(missing)("kubeadm itself", () => {
  const rows = (["v1beta3", "v1beta4"] as const).flatMap((api) =>
    Object.entries(variants).map(([name, variant]) => [api, name, variant] as const),
  );

  it.each(rows)("takes %s: %s", (api: KubeadmApi, _, variant) => {
    // With a version of today: this kubeadm still reads the old API, but no Kubernetes of that time.
    const model = { ...plain, api, kubernetesVersion: mirrorVersions.kubernetes, ...variant };
    for (const text of Object.values(files(model))) expect(validate(text)).toBe("ok\n");
  });

  it("would say so if a field were wrong", () => {
    const model: KubeadmModel = { ...plain, api: "v1beta4", kubernetesVersion: mirrorVersions.kubernetes };
    const wrong = renderInitConfig(model, cp1).replace("podSubnet:", "podNetwork:");
    expect(() => validate(wrong)).toThrow('unknown field "networking.podNetwork"');
  });
});
