import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { resolveArtifacts } from "../../../components/artifacts/sources";
import { endpointAddress } from "../../../components/control-plane/endpoint";
import { etcdClientFiles } from "../../../components/control-plane/key-files";
import {
  initFlags,
  type KubeadmModel,
  renderInitConfig,
} from "../../../components/control-plane/kubeadm-config";
import { renderEtcdConf, renderInitialConf } from "../../../components/etcd/render";
import { criSocketOf } from "../../../components/hosts/cri-socket";
import { renderDaemonJson } from "../../../components/hosts/docker";
import { defaultSysctls, mergeSysctls, renderSysctls } from "../../../components/hosts/kernel";
import { machineProfile } from "../../../components/hosts/profile";
import { projectRoot } from "../../../components/lib/folders";
import { renderFlannelConfig } from "../../../components/network/flannel";
import { kubeRouterDuties } from "../../../components/network/pod-network";
import { kubeadmApiOf } from "../../../stacks/config/compat-kubernetes";
import { resolvePlatform } from "../../../stacks/config/load";
import { config as configSchema } from "../../../stacks/config/schema";
import type { Preset } from "../../../stacks/presets/preset";
import { layer, type PresetName, presets, withPreset } from "../../../stacks/presets/presets";
import { capableComputer, hostKey } from "../../support/platforms";
import { type Deviations, differences, documents, flatten } from "./documents";

/** The preset as a stack has it that says nothing else. */
const configOf = (preset: Preset) => configSchema.parse(preset.config);

function artifactsOf(preset: Preset) {
  const { kubernetes, etcd, runtime, artifacts } = configOf(preset);
  if (artifacts.kind !== "aliyun" && artifacts.kind !== "tuna")
    throw new Error("a mirror in China was meant");
  const versions = { kubernetes: kubernetes.version, etcd: etcd.version, docker: runtime.version };
  return resolveArtifacts(artifacts, {
    ...versions,
    containerd: "1.6.39",
    runc: "1.1.5",
    cniPlugins: "1.1.1",
  });
}

/** What kubeadm is told on the first host. */
function modelOf(preset: Preset): KubeadmModel {
  const { kubernetes, etcd, runtime, network } = configOf(preset);
  const [first] = preset.hosts;
  if (first === undefined) throw new Error("a document without a host");
  return {
    ...kubernetes,
    api: kubeadmApiOf(kubernetes.version),
    kubernetesVersion: kubernetes.version,
    controlPlaneEndpoint: endpointAddress({ kind: "firstControlPlane" }, first.address, kubernetes.bindPort),
    imageRepository: artifactsOf(preset).imageRepository,
    criSocket: criSocketOf(runtime.kind, kubernetes.version),
    etcd: etcd.kind === "kubeadm" ? {} : { endpoints: [`https://${first.address}:2379`], ...etcdClientFiles },
    profile: machineProfile,
    kubeProxy: network.kubeProxy,
  };
}

/** InitConfiguration and ClusterConfiguration as flat keys. */
function kubeadmOf(preset: Preset) {
  const [first] = preset.hosts;
  if (first === undefined) throw new Error("a document without a host");
  const text = renderInitConfig(modelOf(preset), first);
  const [init, cluster, kubelet] = parseAllDocuments(text).map((document) => flatten(document.toJS()));
  return { init: init ?? {}, cluster: cluster ?? {}, kubelet: kubelet ?? {} };
}

/** Lines of NAME=VALUE or NAME = VALUE, with or without quotes. */
const pairs = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/^([^=\s]+) *= *"?(.*?)"?$/gm)].map(([, name, value]) => [name, value]),
  );

function repositoryOf(preset: Preset, family: "deb" | "rpm"): string {
  const { kubernetes } = artifactsOf(preset);
  return kubernetes.method === "packages" ? kubernetes.repository[family].replace(/\/$/, "") : "";
}

const noToken = () => ({
  ours: undefined,
  why: "a token in a file can be read by whoever reads the file, and the config would hold it; hosts join by tokens of their own that end after minutes",
});
const ownClient = (ours: string) => ({
  ours,
  why: "the API server is a client of etcd with a certificate of its own; the member's key stays with the member",
});
const autoTls = { ours: undefined, why: "etcd ignores it where certificates are given" };

describe("seed000", () => {
  const { seed000 } = presets;
  const said = documents.seed000;
  const config = configOf(seed000);
  const network = config.network;

  it("has kubeadm's InitConfiguration of the document", () => {
    const deviations: Deviations = {
      "bootstrapTokens.0.groups.0": noToken(),
      "bootstrapTokens.0.token": noToken(),
      "bootstrapTokens.0.ttl": noToken(),
      "bootstrapTokens.0.usages.0": noToken(),
      "bootstrapTokens.0.usages.1": noToken(),
    };
    expect(differences(said.init, kubeadmOf(seed000).init, deviations)).toEqual([]);
  });

  it("has kubeadm's ClusterConfiguration of the document", () => {
    const deviations: Deviations = {
      "etcd.external.caFile": ownClient("/etc/kubernetes/pki/etcd/ca.crt"),
      "etcd.external.certFile": ownClient("/etc/kubernetes/pki/apiserver-etcd-client.crt"),
      "etcd.external.keyFile": ownClient("/etc/kubernetes/pki/apiserver-etcd-client.key"),
    };
    expect(differences(said.cluster, kubeadmOf(seed000).cluster, deviations)).toEqual([]);
  });

  it("has the document's etcd.conf", () => {
    const [first] = seed000.hosts;
    const member = { name: first?.name ?? "", address: first?.address ?? "" };
    const text = `${renderEtcdConf({ ...config.etcd, ...member })}${renderInitialConf(member)}`;
    const deviations: Deviations = {
      ETCD_NAME: {
        ours: "vm1",
        why: "a member is called like its host, so that nobody has to keep two lists",
      },
      ETCD_LISTEN_CLIENT_URLS: {
        ours: "https://172.16.8.241:2379,https://127.0.0.1:2379",
        why: "in clear text every local user could read every Secret; etcd.loopbackHttp turns it on",
      },
      ETCD_INITIAL_CLUSTER: {
        ours: "vm1=https://172.16.8.241:2380",
        why: "the name as above; the comma at the end was a slip",
      },
      ETCD_AUTO_TLS: autoTls,
      ETCD_PEER_AUTO_TLS: autoTls,
    };
    expect(differences(said.etcd, pairs(text), deviations)).toEqual([]);
  });

  it("has the document's kernel parameters, all and no others", () => {
    const rendered = pairs(renderSysctls(mergeSysctls(defaultSysctls, config.nodes.sysctl)));
    expect(differences(said.sysctl, rendered, {})).toEqual([]);
    expect(Object.keys(rendered)).toHaveLength(Object.keys(said.sysctl).length);
  });

  it("has the document's other settings", () => {
    const duties = kubeRouterDuties(network);
    const flannel = renderFlannelConfig({
      version: network.flannel.version,
      backend: network.flannel.backend,
      podSubnet: config.kubernetes.podSubnet,
    });
    const rendered = {
      docker: config.runtime.version,
      etcd: config.etcd.version,
      corednsReplicas: network.corednsReplicas,
      kubeProxy: network.kubeProxy,
      kubeRouterRouter: duties.router,
      kubeRouterFirewall: duties.firewall,
      kubeRouterServiceProxy: duties.serviceProxy,
      flannelNetwork: JSON.parse(flannel["net-conf.json"]).Network,
      swap: config.nodes.swap,
      firewall: config.nodes.firewall,
      selinux: config.nodes.selinux,
      nofile: config.nodes.limits.nofile,
      nproc: config.nodes.limits.nproc,
      historyTimeFormat: config.nodes.historyTimeFormat,
      authorityHours: config.pki.authorityValidityHours,
      leafHours: config.pki.leafValidityHours,
      authorityKey: config.pki.keyAlgorithm,
      leafKey: config.pki.keyAlgorithm,
      repository: repositoryOf(seed000, "rpm"),
      packages: config.nodes.packages.redhat.join(" "),
    };
    const deviations: Deviations = {
      kubeRouterRouter: {
        ours: false,
        why: "two pod networks at once: pods that start between them lose theirs; network.legacyDoublePodNetwork turns it on",
      },
      leafHours: { ours: 8760, why: "a leaf must end before its authority; it is renewed by itself" },
      leafKey: { ours: "RSA-4096", why: "one algorithm for all keys; none is weaker than in the document" },
      packages: {
        ours: said.settings.packages.replace("vim vim-enhanced", "vim-enhanced"),
        why: "vim is no package there but another name of vim-enhanced: it would be installed again on every run",
      },
    };
    expect(differences(said.settings, rendered, deviations)).toEqual([]);
  });

  it("leaves kube-proxy out from the start in place of deleting it", () => {
    expect(initFlags(modelOf(seed000))).toEqual(["--skip-phases=addon/kube-proxy"]);
  });
});

describe("seed001", () => {
  const { seed001 } = presets;

  it("has what the document gives to kubeadm init, and its other settings", () => {
    const config = configOf(seed001);
    const { init, cluster } = kubeadmOf(seed001);
    const flannel = renderFlannelConfig({
      ...config.network.flannel,
      podSubnet: config.kubernetes.podSubnet,
    });
    const [driver] = JSON.parse(renderDaemonJson(machineProfile, []))["exec-opts"];
    const rendered = {
      "pod-network-cidr": cluster["networking.podSubnet"],
      "service-cidr": cluster["networking.serviceSubnet"],
      "kubernetes-version": cluster.kubernetesVersion,
      "image-repository": cluster.imageRepository,
      "apiserver-advertise-address": init["localAPIEndpoint.advertiseAddress"],
      cgroupDriver: driver.split("=")[1],
      swap: config.nodes.swap,
      firewall: config.nodes.firewall,
      flannelNetwork: JSON.parse(flannel["net-conf.json"]).Network,
      repository: repositoryOf(seed001, "deb"),
    };
    const deviations: Deviations = {
      "service-cidr": { ours: "10.0.0.0/12", why: "the same network by its own address" },
    };
    expect(differences(documents.seed001.settings, rendered, deviations)).toEqual([]);
  });

  it("lets kubeadm run etcd and kube-proxy, as it does when nothing is said of them", () => {
    expect(kubeadmOf(seed001).cluster["etcd.local.dataDir"]).toBe("/var/lib/etcd");
    expect(initFlags(modelOf(seed001))).toEqual([]);
    expect(kubeadmOf(seed001).kubelet.cgroupDriver).toBe("systemd");
  });
});

describe.each(["seed002", "seed003"] as const)("%s", (name) => {
  const preset = presets[name];

  it("has what little the document says of its cluster", () => {
    const rendered = {
      kubernetesMinor: configOf(preset).kubernetes.version.split(".").slice(0, 2).join("."),
      criSocket: kubeadmOf(preset).init["nodeRegistration.criSocket"],
    };
    expect(differences(documents[name].settings, rendered, {})).toEqual([]);
  });

  it("has networks that hold every address of pods and Services in its listings", () => {
    expect(kubeadmOf(preset).cluster).toMatchObject({
      "networking.podSubnet": "10.244.0.0/16",
      "networking.serviceSubnet": "10.96.0.0/12",
    });
  });
});

describe("every preset", () => {
  it.each(Object.entries(presets))("%s is accepted, on the hosts of its document", (name, preset) => {
    // Hosts are not part of a preset: it cannot know their keys.
    const members = preset.hosts.map(({ roles, ...host }) => ({
      ...host,
      roles: roles.filter((role) => preset.config.etcd?.kind !== "kubeadm" || role !== "etcd"),
      hostKey: hostKey(host.name),
    }));
    const platform = resolvePlatform(
      { preset: name, hosts: { kind: "inventory", members } },
      "unit",
      capableComputer,
    );
    expect(platform.config.kubernetes.version).toBe(preset.config.kubernetes?.version);
    // Nobody runs them any more, so each is built with a warning.
    expect(platform.warnings.join()).toContain("was not tested together");
  });
});

describe("layer", () => {
  it("merges objects, and lets lists and single values of the stack win", () => {
    const below = { a: 1, list: [1, 2], inner: { x: 1, y: 2 } };
    expect(layer(below, { a: 2, list: [3], inner: { y: 3, z: 4 }, b: undefined })).toEqual({
      a: 2,
      list: [3],
      inner: { x: 1, y: 3, z: 4 },
    });
    expect(below).toEqual({ a: 1, list: [1, 2], inner: { x: 1, y: 2 } });
  });

  it("takes an object of another kind whole: fields of one kind mean nothing to the other", () => {
    expect(layer({ kind: "a", x: 1 }, { kind: "b", y: 2 })).toEqual({ kind: "b", y: 2 });
    expect(layer({ kind: "a", x: 1 }, { y: 2 })).toEqual({ kind: "a", x: 1, y: 2 });
  });
});

describe("withPreset", () => {
  it("puts the preset below what the stack says", () => {
    const merged = withPreset({ preset: "seed000", kubernetes: { version: "1.20.15" } });
    expect(merged).toMatchObject({
      preset: "seed000",
      kubernetes: { version: "1.20.15", podSubnet: "10.100.0.0/17" },
      runtime: { kind: "dockershim" },
    });
  });

  it.each(Object.entries(presets))(
    "is not hidden by the defaults of Pulumi.yaml, which come as if the stack had said them: %s",
    (preset, { config }) => {
      const file = readFileSync(join(projectRoot, "Pulumi.yaml"), "utf8");
      const { config: declared }: { config: Record<string, { default: unknown }> } = parse(file);
      const defaults = Object.fromEntries(
        Object.entries(declared).map(([key, { default: value }]) => [key.split(":")[1], value]),
      );
      expect(withPreset({ ...defaults, preset })).toMatchObject(config);
    },
  );

  it("leaves a stack without one as it is, and an unknown name to the schema", () => {
    for (const own of [{ kubernetes: {} }, { preset: "seed999" }, { preset: "toString" }, { preset: 7 }]) {
      expect(withPreset(own)).toBe(own);
    }
  });

  it("knows every name that the schema does", () => {
    const names = Object.keys(presets) as PresetName[];
    for (const preset of names) expect(configSchema.safeParse({ preset }).success).toBe(true);
  });
});
