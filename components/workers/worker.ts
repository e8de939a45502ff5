import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type KubeadmModel, renderJoinConfig } from "../control-plane/kubeadm-config";
import { type Machine, stepOptions } from "../hosts/machine";
import { renderKubeconfig } from "../pki/kubeconfig";
import { RemoteFile } from "../remote/file";
import { RemoteScript } from "../remote/script";
import { type ApiAccess, bootstrapToken } from "./bootstrap-token";

export interface WorkerArgs {
  readonly machine: Machine;
  /** Where the cluster is asked to drain and forget the node. */
  readonly controlPlane: Machine;
  readonly model: KubeadmModel;
  readonly api: ApiAccess;
  /** Steps after which the API server answers and this host has its packages. */
  readonly after: readonly pulumi.Resource[];
  /** Step after which pods get a network; the node becomes Ready only then. */
  readonly network: pulumi.Resource;
}

const discoveryFile = "/etc/kubernetes/mesh-platform-discovery.conf";

/**
 * A worker node. Joining trusts the cluster's authority that it was given, not what it finds on the network. When the
 * worker is taken out of the config it is drained, removed from the cluster and reset, in this order.
 */
export class Worker extends pulumi.ComponentResource {
  /** The step after which the node is Ready. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: WorkerArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:workers:Worker", name, {}, options);
    const { machine, model, api } = args;
    const { token, hooks } = bootstrapToken(name, api, this);
    const discovery = new RemoteFile(
      `${machine.name}-discovery`,
      {
        connection: machine.connection,
        files: [
          { path: discoveryFile, mode: "0600", owner: "root:root", content: this.discovery(args, token) },
        ],
      },
      stepOptions(machine, this, args.after),
    );
    const joined = new RemoteScript(
      `${machine.name}-join`,
      {
        connection: machine.connection,
        script: join(__dirname, "scripts", "join.sh"),
        parameters: {
          NODE_NAME: machine.name,
          API_SERVER: api.server,
          KUBEADM_CONFIG: renderJoinConfig(model, machine, discoveryFile),
        },
        timeoutSeconds: 900,
        undo: true,
      },
      { ...stepOptions(machine, this, [discovery]), hooks },
    );
    // Draining is asked of the control plane. If that goes away in the same run, there is nothing left to ask.
    this.done = new RemoteScript(
      `${machine.name}-membership`,
      {
        connection: args.controlPlane.connection,
        script: join(__dirname, "scripts", "membership.sh"),
        parameters: { NODE_NAME: machine.name },
        undo: true,
      },
      stepOptions(args.controlPlane, this, [joined, args.network]),
    );
    this.registerOutputs({});
  }

  private discovery({ model, api }: WorkerArgs, token: pulumi.Output<string>): pulumi.Output<string> {
    return pulumi.all([api.authority, token]).apply(([authority, text]) =>
      renderKubeconfig({
        clusterName: model.clusterName,
        server: api.server,
        authority,
        userName: "bootstrap",
        credential: { token: text },
      }),
    );
  }
}
