import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { discoveryFile } from "../control-plane/control-plane";
import {
  type KubeadmModel,
  type NodeModel,
  renderJoinConfig,
  type Taint,
} from "../control-plane/kubeadm-config";
import { renderKubeletSettings } from "../control-plane/kubelet-settings";
import { type Machine, stepOptions } from "../hosts/machine";
import { RemoteScript } from "../remote/script";
import { membership } from "./membership";

export interface WorkerArgs {
  readonly machine: Machine;
  /** A control plane that lives: there the cluster is asked to drain and forget the node. */
  readonly seat: Machine;
  readonly model: KubeadmModel;
  /** From the host's join ticket, whose file the step of its keys has placed. */
  readonly hooks: pulumi.ResourceHookBinding;
  /** Steps after which every control plane runs, and this host has its packages and its ticket. */
  readonly after: readonly pulumi.Resource[];
  /** Step after which pods get a network; the node becomes Ready only then. */
  readonly network: pulumi.Resource;
  /** Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Default: none. */
  readonly taints?: readonly Taint[] | undefined;
  /** How long pods may take to leave the node. Default 300. */
  readonly drainTimeoutSeconds?: number | undefined;
}

/**
 * A worker node. Joining trusts the cluster's authority that it was given, not what it finds on the network. For an
 * upgrade it drains itself. When it is taken out of the config it is drained, removed and reset, in this order.
 */
export class Worker extends pulumi.ComponentResource {
  /** The step after which the node has joined, or runs another version: the next worker waits for it. */
  readonly joined: RemoteScript;
  /** The step after which the node is Ready, with its labels and taints. */
  readonly done: RemoteScript;

  constructor(name: string, args: WorkerArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:workers:Worker", name, {}, options);
    const { machine, network, after, hooks } = args;
    this.joined = new RemoteScript(
      `${machine.name}-join`,
      {
        connection: machine.connection,
        script: join(__dirname, "scripts", "join.sh"),
        parameters: joinParameters(args),
        timeoutSeconds: 1800 + (args.drainTimeoutSeconds ?? 300),
        undo: true,
      },
      { ...stepOptions(machine, this, after), hooks },
    );
    // Draining is asked of the control plane. If that goes away in the same run, there is nothing left to ask.
    this.done = membership({ ...args, parent: this, after: [this.joined, network] });
    this.registerOutputs({});
  }
}

function joinParameters({ machine, model, taints, drainTimeoutSeconds }: WorkerArgs) {
  // Born with its taints, so that no pod comes to the node before it has them.
  const node: NodeModel = { name: machine.name, address: machine.address, taints };
  return {
    NODE_NAME: machine.name,
    VERSION: model.kubernetesVersion,
    API_SERVER: `https://${model.controlPlaneEndpoint}`,
    JOIN_CONFIG: renderJoinConfig(model, node, discoveryFile),
    KUBELET_SETTINGS: renderKubeletSettings(model, node, "worker"),
    IGNORE_PREFLIGHT: model.profile.ignorePreflightErrors.join(","),
    DRAIN_SECONDS: drainTimeoutSeconds ?? 300,
  };
}
