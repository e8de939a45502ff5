import { atLeast } from "../lib/versions";
import { renderSystemdUnit } from "../remote/systemd-unit";
import type { HostProfile } from "./profile";

/** Names of things in containerd's config, which changed when its CRI plugin was split into images and runtime. */
interface ConfigForm {
  readonly version: number;
  /** Table and key of the image that holds a pod's namespaces. */
  readonly sandbox: readonly [table: string, key: string];
  readonly images: string;
  readonly runtime: string;
  /** Line that names the folders of the CNI plugins. */
  readonly pluginFolders: string;
}

const forms: readonly (ConfigForm & { readonly from: string })[] = [
  {
    from: "2.0.0",
    version: 3,
    sandbox: ["io.containerd.cri.v1.images'.pinned_images", "sandbox"],
    images: "io.containerd.cri.v1.images'",
    runtime: "io.containerd.cri.v1.runtime'",
    pluginFolders: "bin_dirs = ['/opt/cni/bin']",
  },
  {
    from: "1.5.0",
    version: 2,
    sandbox: ["io.containerd.grpc.v1.cri'", "sandbox_image"],
    images: "io.containerd.grpc.v1.cri'",
    runtime: "io.containerd.grpc.v1.cri'",
    pluginFolders: "bin_dir = '/opt/cni/bin'",
  },
];

export interface ContainerdConfigArgs {
  /** containerd's, three numbers without a leading v. */
  readonly version: string;
  readonly profile: HostProfile;
  /** Image of the container that holds a pod's namespaces; must be kubeadm's own, or two versions are kept. */
  readonly sandboxImage: string;
}

/** config.toml in the form that the version reads. containerd 2.x takes the older one too, but says so at every start. */
export function renderContainerdConfig({ version, profile, sandboxImage }: ContainerdConfigArgs): string {
  const form = forms.find(({ from }) => atLeast(version, from));
  if (form === undefined)
    throw new Error(
      `containerd ${version} reads no config that is written here; allowed: 1.5 or later; change runtime.version`,
    );
  const tables: (readonly [string, readonly string[]])[] = [
    [form.sandbox[0], [`${form.sandbox[1]} = '${sandboxImage}'`]],
    [`${form.images}.registry`, ["config_path = '/etc/containerd/certs.d'"]],
    [form.runtime, [`restrict_oom_score_adj = ${profile.containerd.restrictOomScoreAdj}`]],
    [`${form.runtime}.cni`, [form.pluginFolders, "conf_dir = '/etc/cni/net.d'"]],
    [`${form.runtime}.containerd.runtimes.runc`, ["runtime_type = 'io.containerd.runc.v2'"]],
    [
      `${form.runtime}.containerd.runtimes.runc.options`,
      [`SystemdCgroup = ${profile.kubelet.cgroupDriver === "systemd"}`],
    ],
  ];
  // In the older form two of these are one table, which may be opened only once.
  const merged = new Map<string, string[]>();
  for (const [name, lines] of tables) merged.set(name, [...(merged.get(name) ?? []), ...lines]);
  const text = [...merged].map(([name, lines]) =>
    [`[plugins.'${name}]`, ...lines.map((line) => `  ${line}`), ""].join("\n"),
  );
  return [`version = ${form.version}\n`, ...text].join("\n");
}

export const containerdUnit = renderSystemdUnit({
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
