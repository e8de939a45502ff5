import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/**
 * The operating system of every sandbox host. Debian 12 because its systemd (252) boots under cgroup v1 as well as
 * v2; systemd 258 and later stop at once on a computer that still has v1.
 */
const SUITE = "bookworm";

/**
 * What kubeadm, the kubelet, kube-proxy, flannel and our own steps call. The container runtime and the CNI plugins
 * are missing on purpose: they are artifacts like kubeadm itself, with a version of their own.
 */
const PACKAGES = [
  ...["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo"],
  ...[
    "iptables",
    "nftables",
    "ebtables",
    "ipset",
    "conntrack",
    "socat",
    "ethtool",
    "iproute2",
    "iputils-ping",
    "kmod",
  ],
  ...["ca-certificates", "openssl", "curl", "procps", "busybox-static"],
  // For an endpoint on the control planes' hosts.
  ...["haproxy", "keepalived"],
] as const;

/** Units that Debian would start on every host, and only some hosts have a use for. */
const DISABLED = ["haproxy.service", "keepalived.service"] as const;

/** Units that have nothing to do in a container; without them sshd answers seconds earlier. */
const MASKED = [
  // Devices, kernel file systems and binary formats are the computer's. With `/proc/sys` partly writable, systemd
  // would otherwise mount and change the ones that all hosts share.
  ...[
    "systemd-udevd.service",
    "systemd-udevd-kernel.socket",
    "systemd-udevd-control.socket",
    "systemd-udev-trigger.service",
  ],
  ...["systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "proc-sys-fs-binfmt_misc.mount"],
  ...[
    "sys-kernel-config.mount",
    "sys-kernel-debug.mount",
    "sys-kernel-tracing.mount",
    "sys-fs-fuse-connections.mount",
  ],
  ...["dev-hugepages.mount", "systemd-random-seed.service"],
  // Nobody sits at a console, and the log is in memory.
  ...["getty.target", "console-getty.service", "systemd-journal-flush.service"],
  ...[
    "systemd-journal-catalog-update.service",
    "systemd-firstboot.service",
    "systemd-machine-id-commit.service",
  ],
  ...["systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "ldconfig.service"],
  // A nightly upgrade would hold apt's lock just when a step wants it.
  ...["apt-daily.timer", "apt-daily-upgrade.timer", "apt-daily.service", "apt-daily-upgrade.service"],
  ...["dpkg-db-backup.timer", "e2scrub_all.timer", "e2scrub_reap.service", "fstrim.timer"],
] as const;

const tree = join(__dirname, "image", "tree");
const builder = join(__dirname, "scripts", "image.sh");

/** Names and contents of all files beneath a folder, in a fixed order. */
function contents(folder: string): readonly string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) return contents(path);
      return [path.slice(tree.length), readFileSync(path, "utf8")];
    });
}

/**
 * The parameters of `scripts/image.sh`. The digest covers all that goes into the tree, so equal recipes share one
 * tree, whichever sandbox or checkout they belong to.
 */
export function imageParameters(cache: string, mirror = "") {
  const recipe = {
    suite: SUITE,
    packages: PACKAGES,
    masked: MASKED,
    disabled: DISABLED,
    files: contents(tree),
    script: readFileSync(builder, "utf8"),
    mirror,
  };
  const digest = createHash("sha256").update(JSON.stringify(recipe)).digest("hex").slice(0, 16);
  return {
    CACHE: join(cache, "image"),
    DIGEST: digest,
    SUITE,
    PACKAGES,
    MASKED,
    DISABLED,
    TREE: tree,
    IMAGE_MIRROR: mirror,
  };
}
