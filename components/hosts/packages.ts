/** Packages by family of distribution, each in its own spelling. */
export interface HostPackages {
  readonly debian: readonly string[];
  readonly redhat: readonly string[];
}

/** What the platform's own scripts and the kubelet call. Tools for people come from the config. */
const needed: HostPackages = {
  debian: [
    "ca-certificates",
    "conntrack",
    "curl",
    "ethtool",
    "ipset",
    "iproute2",
    "iptables",
    "kmod",
    "openssl",
    "procps",
    "socat",
    "tar",
  ],
  redhat: [
    "ca-certificates",
    "conntrack-tools",
    "curl",
    "ethtool",
    "ipset",
    "iproute",
    "iptables",
    "kmod",
    "openssl",
    "procps-ng",
    "socat",
    "tar",
  ],
};

/** Needed packages and those of the config, sorted, each once. */
export function neededPackages(own: HostPackages): HostPackages {
  const merge = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])].sort();
  return { debian: merge(needed.debian, own.debian), redhat: merge(needed.redhat, own.redhat) };
}
