import { z } from "zod";
import { networkOf } from "../../components/lib/cidr";

/**
 * A string that must satisfy a rule. The message has two lines, what is allowed and what to change; `faults.ts`
 * prints them beside the path and the value given.
 */
function text(
  rule: RegExp | ((value: string) => boolean),
  allowed: string,
  change: string,
  description: string,
) {
  const holds = typeof rule === "function" ? rule : (value: string) => rule.test(value);
  const schema = z
    .string({ error: `${allowed}\n${change}` })
    .refine(holds, { error: `${allowed}\n${change}` });
  return schema.meta({ description, ...(rule instanceof RegExp ? { pattern: rule.source } : {}) });
}

const octet = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4Pattern = new RegExp(`^${octet}(\\.${octet}){3}$`);

/** Host names become Kubernetes node names and certificate subjects, so RFC 1123 labels only, lower case. */
export const hostName = text(
  /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  "a host name of lower-case letters, digits and inner hyphens, at most 63 characters (RFC 1123)",
  "rename the host, for example cp1",
  "Host name, also the Kubernetes node name",
);

export const dnsDomain = text(
  /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  "a DNS name of lower-case labels",
  "write it like cluster.local or api.example.com",
  "DNS name",
);

/** What a server of a Gateway takes: `shop.example.com`, `*.example.com`, `*`. Users say by what example to write it. */
export const gatewayHost = /^(\*|(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$/;

export const ipv4 = text(
  ipv4Pattern,
  "an IPv4 address",
  "write four numbers from 0 to 255, such as 172.16.8.241",
  "IPv4 address",
);

/** kubeadm and flannel read 10.1.0.0/12 as 10.0.0.0/12 without a word; we ask for the real network. */
export const cidr = text(
  (value) => {
    const [address, length] = value.split("/");
    return (
      ipv4Pattern.test(address ?? "") &&
      /^(\d|[12]\d|3[0-2])$/.test(length ?? "") &&
      networkOf(value) === value
    );
  },
  "an IPv4 network in CIDR notation whose host bits are zero",
  "write the network address and the prefix length, such as 10.100.0.0/17",
  "IPv4 network in CIDR notation",
);

export const version = text(
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/,
  "a version of three numbers",
  'write it without a leading v and in quotes, such as "1.36.3"',
  "Version, three numbers without a leading v",
);

/** Docker counted months, with a leading zero, up to 19.03. */
export const runtimeVersion = text(
  /^(0|[1-9]\d*)\.\d+\.(0|[1-9]\d*)$/,
  "a version of three numbers",
  'write it without a leading v and in quotes, such as "2.3.7" or "19.03.12"',
  "Version, three numbers without a leading v",
);

export const port = z
  .number({ error: "a TCP port, 1 to 65535\nwrite a whole number" })
  .int({ error: "a TCP port, 1 to 65535\nwrite a whole number" })
  .min(1, { error: "a TCP port, 1 to 65535\nchoose another number" })
  .max(65535, { error: "a TCP port, 1 to 65535\nchoose another number" })
  .meta({ description: "TCP port" });

export const sysctlKey = text(
  /^[a-z0-9_-]+([./][A-Za-z0-9_-]+)+$/,
  "a sysctl key such as net.ipv4.ip_forward",
  "write the parts with dots between them",
  "Kernel parameter, parts joined by dots or slashes",
);

const sysctlValueError = {
  error: 'a whole number, several numbers in one string, or one word\nwrite it like 1 or "1024 65535"',
};

/** The message stands at the parts too: where only one part of a union fits by type, zod reports that part's own. */
export const sysctlValue = z
  .union(
    [
      z.number().int(sysctlValueError),
      z.string().regex(/^-?\d+(\s+-?\d+)*$|^[A-Za-z0-9_./:-]+$/, sysctlValueError),
    ],
    sysctlValueError,
  )
  .meta({ description: "Value of a kernel parameter" });

/** The step makes this directory and the one above it etcd's own: above /var/lib/etcd that would be the system's. */
export const etcdDataDir = text(
  /^\/var\/lib\/etcd(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/,
  "a directory below /var/lib/etcd, the home of the etcd user",
  "write it like /var/lib/etcd/default.etcd; another disk can be mounted there",
  "Directory below /var/lib/etcd",
);

export const url = text(
  /^https?:\/\/[^\s/'"\\]+(\/[^\s'"\\]*)?$/,
  "an http or https address",
  "write it like https://mirror.example.com/kubernetes",
  "Base address of a mirror",
);

/** One line of an `authorized_keys` or `known_hosts` file without the host: `ssh-ed25519 AAAA…`. */
export const hostKey = text(
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]+={0,2}( .*)?$/,
  "the machine's public host key on one line",
  "copy it from `ssh-keyscan -t ed25519 HOST` after comparing the fingerprint with the machine's own console",
  "Public SSH host key, pinned",
);

export const hostPort = text(
  (value) => {
    const [host, portText, ...rest] = value.split(":");
    const number = Number(portText);
    return (
      rest.length === 0 &&
      /^\d+$/.test(portText ?? "") &&
      number >= 1 &&
      number <= 65535 &&
      /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(host ?? "")
    );
  },
  "a host name or address, a colon and a port",
  "write it like 172.16.8.241:6443",
  "Address and port",
);

export const packageName = text(
  /^[a-zA-Z0-9][a-zA-Z0-9+._-]*$/,
  "a package name",
  "write the name as the distribution spells it",
  "Package of the distribution",
);

export const labelKey = text(
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  "a label key: a name, perhaps after a domain and a slash",
  "write it like example.com/disk",
  "Key of a label or taint",
);

export const labelValue = text(
  /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/,
  "a label value: letters, digits, and - _ . inside, at most 63 characters",
  "shorten it, and put it in quotes if YAML takes it for a number or a boolean",
  "Value of a label or taint",
);
