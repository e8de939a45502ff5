import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { type Machine, stepOptions } from "../hosts/machine";
import { RemoteScript } from "../remote/script";

export interface KubeProxyRemovalArgs {
  /** A control plane, from which it is done. */
  readonly seat: Machine;
  /** Registry and path of Kubernetes' images. */
  readonly imageRepository: string;
  readonly kubernetesVersion: string;
  readonly parent: pulumi.Resource;
  readonly after: readonly pulumi.Resource[];
}

/**
 * Takes kube-proxy out of a cluster that had it, with the rules that it left on every node. In a cluster that was
 * made without it nothing happens. Nothing undoes it: kubeadm brings kube-proxy back where the config asks for it.
 */
export function withoutKubeProxy(args: KubeProxyRemovalArgs): RemoteScript {
  return new RemoteScript(
    "kube-proxy",
    {
      connection: args.seat.connection,
      script: join(__dirname, "scripts", "kube-proxy.sh"),
      parameters: { IMAGE: `${args.imageRepository}/kube-proxy:v${args.kubernetesVersion}` },
      timeoutSeconds: 600,
    },
    stepOptions(args.seat, args.parent, args.after),
  );
}
