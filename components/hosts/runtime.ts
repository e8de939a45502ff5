import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Artifacts, Delivery } from "../artifacts/sources";
import { RemoteScript, type ScriptParameters } from "../remote/script";
import { renderSystemdUnit } from "../remote/systemd-unit";
import { type Machine, stepOptions } from "./machine";
import type { HostProfile } from "./profile";

export interface ContainerRuntimeArgs {
  readonly machine: Machine;
  readonly artifacts: Artifacts;
  /** containerd's, three numbers without a leading v. */
  readonly version: string;
  readonly profile: HostProfile;
  /** Image of the container that holds a pod's namespaces; must be kubeadm's own, or two versions are kept. */
  readonly sandboxImage: string;
}

/** The CRI socket that kubeadm and the kubelet are told. */
export const criSocket = "unix:///run/containerd/containerd.sock";

/** containerd with runc and the CNI plugins, answering on its CRI socket. */
export function containerRuntime(
  name: string,
  args: ContainerRuntimeArgs,
  parent: pulumi.Resource,
  after: pulumi.Resource,
): RemoteScript {
  return new RemoteScript(
    `${name}-runtime`,
    {
      connection: args.machine.connection,
      script: join(__dirname, "scripts", "runtime.sh"),
      parameters: {
        VERSION: args.version,
        ...deliveryParameters(args.artifacts.runtime),
        CONTAINERD_CONFIG: renderContainerdConfig(args.profile.containerd, args.sandboxImage),
        CONTAINERD_UNIT: containerdUnit,
        REGISTRY_HOSTS: args.artifacts.registryMirrors.map((mirror) => `${mirror.registry} ${mirror.url}`),
      },
      timeoutSeconds: 1800,
    },
    stepOptions(args.machine, parent, [after]),
  );
}

/** How a delivery reaches a script: one line per file, or the repository's four addresses. */
export function deliveryParameters(delivery: Delivery): ScriptParameters {
  return delivery.method === "files"
    ? {
        FILES: Object.entries(delivery.files).map(
          ([name, file]) => `${name} ${file.url} ${file.checksumUrl}`,
        ),
        REPOSITORY: "",
        PACKAGES: "",
      }
    : {
        FILES: "",
        REPOSITORY: [
          delivery.repository.deb,
          delivery.repository.debKey,
          delivery.repository.rpm,
          delivery.repository.rpmKey,
        ],
        PACKAGES: delivery.packages,
      };
}

/** containerd 2.x reads version 3 of its config; the CRI plugin is split into images and runtime there. */
export function renderContainerdConfig(profile: HostProfile["containerd"], sandboxImage: string): string {
  return `version = 3

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${sandboxImage}'

[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = ${profile.restrictOomScoreAdj}

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/opt/cni/bin']
  conf_dir = '/etc/cni/net.d'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = ${profile.systemdCgroup}
`;
}

const containerdUnit = renderSystemdUnit({
  Unit: {
    Description: "containerd container runtime",
    Documentation: "https://containerd.io",
    After: "network.target local-fs.target",
  },
  Service: {
    ExecStart: "/usr/local/bin/containerd",
    Type: "notify",
    Delegate: true,
    // Without it, stopping containerd would kill every container on the host.
    KillMode: "process",
    Restart: "always",
    RestartSec: 5,
    LimitNPROC: "infinity",
    LimitCORE: "infinity",
    LimitNOFILE: "1048576",
    TasksMax: "infinity",
    OOMScoreAdjust: "-999",
  },
  Install: { WantedBy: "multi-user.target" },
});
