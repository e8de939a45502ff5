import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Artifacts } from "../artifacts/sources";
import { RemoteScript } from "../remote/script";
import { renderSystemdUnit } from "../remote/systemd-unit";
import { type Machine, stepOptions } from "./machine";
import { deliveryParameters } from "./runtime";

export interface KubernetesPackagesArgs {
  readonly machine: Machine;
  readonly artifacts: Artifacts;
  /** Three numbers without a leading v. */
  readonly version: string;
}

/**
 * kubeadm, kubelet and kubectl of one version. The kubelet is enabled and waits for kubeadm to configure it. One that is
 * part of a cluster already is only laid ready: the step that joined the host switches to it, after its drain.
 */
export function kubernetesPackages(
  name: string,
  args: KubernetesPackagesArgs,
  parent: pulumi.Resource,
  after: pulumi.Resource,
): RemoteScript {
  return new RemoteScript(
    `${name}-kubernetes`,
    {
      connection: args.machine.connection,
      script: join(__dirname, "scripts", "kubernetes.sh"),
      parameters: {
        VERSION: args.version,
        ...deliveryParameters(args.artifacts.kubernetes),
        KUBELET_UNIT: kubeletUnit,
        KUBEADM_DROP_IN: kubeadmDropIn,
      },
      timeoutSeconds: 1800,
    },
    stepOptions(args.machine, parent, [after]),
  );
}

const kubeletUnit = renderSystemdUnit({
  Unit: {
    Description: "kubelet: the Kubernetes node agent",
    Documentation: "https://kubernetes.io/docs/",
    Wants: "network-online.target",
    // Whichever of them is there.
    After: "network-online.target containerd.service docker.service cri-docker.service",
  },
  // Until kubeadm has written its config the kubelet ends at once; systemd starts it again every ten seconds.
  Service: { ExecStart: "/usr/bin/kubelet", Restart: "always", RestartSec: 10 },
  Install: { WantedBy: "multi-user.target" },
});

/** The wiring that kubeadm expects: it writes kubeadm-flags.env and config.yaml and restarts the unit. */
const kubeadmDropIn = renderSystemdUnit({
  Service: {
    Environment: [
      '"KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"',
      '"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"',
    ],
    EnvironmentFile: [
      "-/var/lib/kubelet/kubeadm-flags.env",
      "-/etc/default/kubelet",
      "-/etc/sysconfig/kubelet",
    ],
    // The empty line drops the ExecStart of the unit; two would be an error.
    ExecStart: [
      "",
      "/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS",
    ],
  },
});
