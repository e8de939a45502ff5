import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Machine, stepOptions } from "../hosts/machine";
import type { ClusterPki } from "../pki/cluster-pki";
import { fingerprint, renderKubeconfig } from "../pki/kubeconfig";
import { RemoteScript, type ScriptParameters } from "../remote/script";
import {
  type Endpoint,
  type EndpointContext,
  type EndpointFile,
  endpointFiles,
  endpointInitFiles,
  endpointPackages,
  endpointServices,
} from "./endpoint";
import {
  initFlags,
  type KubeadmModel,
  renderControlPlaneJoinConfig,
  renderInitConfig,
} from "./kubeadm-config";
import { renderKubeletSettings } from "./kubelet-settings";

export { controlPlaneFiles, etcdClientFiles } from "./key-files";

export interface ControlPlaneNode {
  readonly machine: Machine;
  /** Make the cluster accept this host's token before every attempt; see `joinTicket` of the workers. */
  readonly hooks: pulumi.ResourceHookBinding;
  /** Steps after which etcd is healthy and this host has its packages and keys. */
  readonly after: readonly pulumi.Resource[];
}

export interface ControlPlaneArgs {
  /** In the order in which they are made and changed. The first that lives does what is done once per cluster. */
  readonly nodes: readonly ControlPlaneNode[];
  readonly model: KubeadmModel;
  readonly pki: ClusterPki;
  /** Name of the host that may begin a new cluster. */
  readonly founder: pulumi.Input<string>;
  readonly endpoint: Endpoint;
  readonly context: EndpointContext;
  /** Further files that a control plane needs before kubeadm runs, without secrets, such as the audit policy. */
  readonly files?: readonly EndpointFile[] | undefined;
  /** Changes with the keys for Secrets in etcd. Default: none. */
  readonly encryptionDigest?: pulumi.Input<string> | undefined;
  /** Changes with the audit policy. Default: none. */
  readonly auditDigest?: pulumi.Input<string> | undefined;
  /** Raised to have kubeadm issue its certificates anew. Default 1. */
  readonly leafGeneration?: number | undefined;
  /** How long pods may take to leave a node that is upgraded. Default 300. */
  readonly drainTimeoutSeconds?: number | undefined;
}

/** Where the keys' step of a joining host writes authority and token. */
export const discoveryFile = "/etc/kubernetes/mesh-platform-discovery.conf";

/** Longest of all: images, each part of the control plane, the drain and the kubelet, each with its own limit. */
const STEP_TIMEOUT_SECONDS = 3600;

/**
 * The control planes, one after the other: the founder by `kubeadm init` on authorities that are already in place, the
 * others by `kubeadm join`; later changes and upgrades roll through them in the same order. The kubeconfig, computed
 * here, opens the API at the endpoint.
 */
export class ControlPlane extends pulumi.ComponentResource {
  /** `https://ADDRESS:PORT` */
  readonly endpoint: string;
  /** The operator's kubeconfig; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The step of each control plane, by name, in their order. */
  readonly steps: ReadonlyMap<string, RemoteScript>;
  /** The step after which every control plane runs. */
  readonly done: RemoteScript;

  constructor(name: string, args: ControlPlaneArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:control-plane:ControlPlane", name, {}, options);
    const { model, pki } = args;
    this.endpoint = `https://${model.controlPlaneEndpoint}`;
    const steps = new Map<string, RemoteScript>();
    for (const node of args.nodes) {
      const before = [...steps.values()].slice(-1);
      steps.set(node.machine.name, this.step(args, node, before));
    }
    const last = [...steps.values()].at(-1);
    if (last === undefined) throw new Error("a cluster needs a control plane");
    this.steps = steps;
    this.done = last;
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([pki.kubernetes.certificate, pki.admin.certificate, pki.admin.privateKey])
        .apply(([authority, certificate, privateKey]) =>
          renderKubeconfig({
            clusterName: model.clusterName,
            server: this.endpoint,
            authority,
            userName: "kubernetes-admin",
            credential: { certificate, privateKey },
          }),
        ),
    );
    this.registerOutputs({ endpoint: this.endpoint });
  }

  private step(args: ControlPlaneArgs, node: ControlPlaneNode, before: readonly pulumi.Resource[]) {
    const { machine, hooks, after } = node;
    return new RemoteScript(
      `${machine.name}-control-plane`,
      {
        connection: machine.connection,
        script: join(__dirname, "scripts", "control-plane.sh"),
        parameters: { ...nodeParameters(args, machine), ...clusterParameters(args) },
        timeoutSeconds: STEP_TIMEOUT_SECONDS,
        undo: true,
      },
      { ...stepOptions(machine, this, [...before, ...after]), hooks },
    );
  }
}

const yesNo = (value: boolean) => (value ? "true" : "false");

function nodeParameters(args: ControlPlaneArgs, machine: Machine): ScriptParameters {
  const { model, endpoint, context, files = [] } = args;
  const living = args.nodes.map((node) => node.machine).filter(({ gone }) => gone !== true);
  const peers = living.filter(({ name }) => name !== machine.name);
  // One that is gone still has to be described, though nothing is run on it.
  const fronted = args.nodes
    .map((node) => node.machine)
    .filter((each) => each === machine || living.includes(each));
  const server = ({ address }: Machine) => `https://${address}:${model.bindPort}`;
  return {
    NODE_NAME: machine.name,
    ADDRESS: machine.address,
    API: server(machine),
    ENDPOINT: `https://${model.controlPlaneEndpoint}`,
    PEERS: peers.map(server),
    FOUNDER: args.founder,
    GENERATION: machine.connection.generation ?? 1,
    LEADS: yesNo(living[0]?.name === machine.name),
    INIT_CONFIG: renderInitConfig(model, machine),
    INIT_FLAGS: initFlags(model).join(" "),
    JOIN_CONFIG: renderControlPlaneJoinConfig(model, machine, discoveryFile),
    KUBELET_SETTINGS: renderKubeletSettings(model, machine, "controlPlane"),
    FILES: renderFiles([...endpointFiles(endpoint, machine, fronted, context), ...files]),
    INIT_FILES: renderFiles([...endpointInitFiles(endpoint, machine, fronted, context), ...files]),
  };
}

function clusterParameters(args: ControlPlaneArgs): ScriptParameters {
  const { model, pki, endpoint } = args;
  return {
    VERSION: model.kubernetesVersion,
    PACKAGES: endpointPackages(endpoint),
    SERVICES: endpointServices(endpoint),
    FIXED: fixedSettings(model),
    KUBE_PROXY: model.kubeProxy ?? "iptables",
    IGNORE_PREFLIGHT: model.profile.ignorePreflightErrors.join(","),
    DRAIN_SECONDS: args.drainTimeoutSeconds ?? 300,
    CERTIFICATES: args.leafGeneration ?? 1,
    AUTHORITY_DIGEST: pki.kubernetes.certificate.apply(fingerprint),
    // kubeadm's own etcd has a certificate that kubeadm keeps.
    ETCD_CLIENT_DIGEST:
      "endpoints" in model.etcd
        ? pulumi.interpolate`${pki.apiserverEtcdClient.certificate}${pki.etcdBundle}`.apply(fingerprint)
        : "",
    ENCRYPTION_DIGEST: args.encryptionDigest ?? "",
    AUDIT_DIGEST: args.auditDigest ?? "",
  };
}

/** Lines of kubeadm's ClusterConfiguration, as the cluster keeps it, that must stay what they were at init. */
function fixedSettings(model: KubeadmModel): string[] {
  const { clusterName, dnsDomain, podSubnet, serviceSubnet } = model;
  return Object.entries({ clusterName, dnsDomain, podSubnet, serviceSubnet }).map(
    ([key, value]) => `${key}: ${value}`,
  );
}

/** Files in one text whose diff can be read: each behind a line with its path and mode. */
export function renderFiles(files: readonly EndpointFile[]): string {
  return files.map(({ path, mode, content }) => `=== ${path} ${mode}\n${content.trimEnd()}\n`).join("");
}
