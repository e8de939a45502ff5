/** Packages by family of distributions, each in its own spelling. */
export interface HostPackages {
  readonly debian: readonly string[];
  readonly redhat: readonly string[];
}

/** A family of distributions, as scripts have to tell it from others. */
export type FamilyName = keyof HostPackages;

/** What the families name differently. Which one a host is of, it says itself, to the script that runs there. */
interface Family {
  /** What the platform's own scripts and the kubelet call. Tools for people come from the config. */
  readonly packages: readonly string[];
  /** Packages that bring further repositories: installed first, since others may come from there. */
  readonly repositoryPackages: readonly string[];
  readonly timePackage: string;
  readonly timeService: string;
  /** chrony's main file. */
  readonly timeConfig: string;
  /** Services that drop the packets of pods. */
  readonly firewallUnits: readonly string[];
}

export const families: Readonly<Record<FamilyName, Family>> = {
  debian: {
    packages: [
      ...["ca-certificates", "conntrack", "curl", "ethtool", "ipset", "iproute2", "iptables"],
      ...["kmod", "openssl", "procps", "socat", "tar"],
    ],
    repositoryPackages: [],
    timePackage: "chrony",
    timeService: "chrony",
    timeConfig: "/etc/chrony/chrony.conf",
    firewallUnits: ["firewalld", "ufw"],
  },
  redhat: {
    packages: [
      ...["ca-certificates", "conntrack-tools", "curl", "ethtool", "ipset", "iproute", "iptables"],
      ...["kmod", "openssl", "procps-ng", "socat", "tar"],
    ],
    repositoryPackages: ["epel-release"],
    timePackage: "chrony",
    timeService: "chronyd",
    timeConfig: "/etc/chrony.conf",
    firewallUnits: ["firewalld"],
  },
};

/** The table as scripts read it (family-lib.sh): one line per family and key, then the words. */
export function renderFamilies(packages: HostPackages): string[] {
  const names = Object.keys(families).sort() as FamilyName[];
  return names.flatMap((name) => {
    const { repositoryPackages, ...family } = families[name];
    const wanted = packages[name];
    const words: Record<string, string | readonly string[]> = {
      ...family,
      repositoryPackages: repositoryPackages.filter((item) => wanted.includes(item)),
      packages: wanted,
    };
    return Object.keys(words)
      .sort()
      .map((key) => [name, key, ...[words[key] ?? []].flat()].join(" "));
  });
}
