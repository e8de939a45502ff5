/** Kernel parameters in order; a list, because a record would swallow a key that is written twice. */
export type Sysctls = readonly (readonly [key: string, value: string | number])[];

/**
 * The parameters that the platform sets, from the source documents. Where a document sets a key twice, the value
 * that won stands here once; `kernel/panic` is written `kernel.panic`.
 */
export const defaultSysctls: Sysctls = [
  ["net.ipv4.ip_forward", 1],
  ["net.ipv4.tcp_max_syn_backlog", 65536],
  ["net.core.netdev_max_backlog", 32768],
  ["net.core.somaxconn", 32768],
  ["net.core.wmem_default", 8388608],
  ["net.core.rmem_default", 8388608],
  ["net.core.rmem_max", 16777216],
  ["net.core.wmem_max", 16777216],
  ["net.ipv4.tcp_timestamps", 0],
  ["net.ipv4.tcp_synack_retries", 2],
  ["net.ipv4.tcp_syn_retries", 2],
  ["net.ipv4.tcp_tw_reuse", 1],
  ["net.ipv4.tcp_mem", "94500000 915000000 927000000"],
  ["net.ipv4.tcp_max_orphans", 3276800],
  ["net.ipv4.tcp_fin_timeout", 30],
  ["net.ipv4.tcp_keepalive_time", 600],
  ["net.ipv4.ip_local_port_range", "1024 65535"],
  ["net.netfilter.nf_conntrack_tcp_timeout_close_wait", 60],
  ["net.netfilter.nf_conntrack_tcp_timeout_fin_wait", 120],
  ["net.nf_conntrack_max", 655360],
  ["net.netfilter.nf_conntrack_max", 655360],
  ["net.netfilter.nf_conntrack_tcp_timeout_established", 180],
  ["net.netfilter.nf_conntrack_tcp_timeout_time_wait", 30],
  ["net.bridge.bridge-nf-call-ip6tables", 1],
  ["net.bridge.bridge-nf-call-iptables", 1],
  ["net.ipv6.conf.all.disable_ipv6", 1],
  ["net.ipv6.conf.default.disable_ipv6", 1],
  ["net.ipv6.conf.lo.disable_ipv6", 1],
  ["vm.swappiness", 0],
  ["vm.overcommit_memory", 1],
  ["vm.panic_on_oom", 0],
  ["kernel.panic", 10],
  ["kernel.panic_on_oops", 1],
  ["kernel.pid_max", 4194303],
  ["vm.max_map_count", 655350],
  ["fs.aio-max-nr", 524288],
  ["fs.file-max", 6590202],
];

/** Modules loaded at boot. */
export const defaultModules: readonly string[] = [
  "overlay",
  "br_netfilter",
  "nf_conntrack",
  "ip_vs",
  "ip_vs_rr",
  "ip_vs_wrr",
  "ip_vs_sh",
];

/** Modules of older kernels: each became part of another one with the kernel that is named. */
export const oldModules: readonly { readonly name: string; readonly below: string }[] = [
  { name: "nf_conntrack_ipv4", below: "4.19" },
];

/** `kernel/panic` and `kernel.panic` name the same parameter. */
export const sysctlKey = (key: string): string => key.replaceAll("/", ".");

/** The file for /etc/sysctl.d. Refuses a key that comes twice: the last would win without a word. */
export function renderSysctls(sysctls: Sysctls): string {
  const seen = new Set<string>();
  const lines = sysctls.map(([name, value]) => {
    const key = sysctlKey(name);
    if (seen.has(key)) throw new Error(`sysctl ${key} is given twice; keep one of the two values`);
    seen.add(key);
    return `${key} = ${String(value).trim().replace(/\s+/g, " ")}\n`;
  });
  return lines.join("");
}

/** Defaults with single keys replaced, and further keys after them. */
export function mergeSysctls(defaults: Sysctls, own: Readonly<Record<string, string | number>>): Sysctls {
  const wanted = new Map(Object.entries(own).map(([key, value]) => [sysctlKey(key), value] as const));
  const replaced = defaults.map(([key, value]) => [key, wanted.get(key) ?? value] as const);
  const known = new Set(defaults.map(([key]) => key));
  return [...replaced, ...[...wanted].filter(([key]) => !known.has(key))];
}
