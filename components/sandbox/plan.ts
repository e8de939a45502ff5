import { createHash } from "node:crypto";
import { addressAt, contains, overlaps, prefixOf, sizeOf } from "../lib/cidr";

/** Where every sandbox of this computer keeps its state, one folder per id. */
export const STATE_ROOT = "/var/lib/mesh-platform";

/** A host as the configuration names it. */
export interface SandboxHost {
  /** Host name, a DNS label. */
  readonly name: string;
  /** IPv4 address within the sandbox's network. */
  readonly address: string;
}

const digest = (text: string, length: number) =>
  createHash("sha256").update(text).digest("hex").slice(0, length);

/**
 * The sandbox that belongs to this checkout and stack. Two checkouts on one computer get two sandboxes; the six
 * digits leave room for the host in an interface name, which may have 15 characters.
 */
export function sandboxId(projectRoot: string, stack: string): string {
  return digest(`${projectRoot}\n${stack}`, 6);
}

/** The names that one sandbox has on the computer. They all hold its id, so whatever is left over can be told apart. */
export function sandboxNames(id: string) {
  return { bridge: `mp${id}`, state: `${STATE_ROOT}/${id}` } as const;
}

/** The names that one host has on the computer. */
export function hostNames(id: string, host: string) {
  return {
    /** Machine, network namespace, control groups and, under systemd, unit. */
    machine: `mp-${id}-${host}`,
    /** The computer's end of the host's cable. */
    link: `mp${id}-${digest(host, 6)}`,
    state: `${STATE_ROOT}/${id}/${host}`,
  } as const;
}

/** The first address of the network, which the computer has on the bridge, and the length of its prefix. */
export function gatewayOf(cidr: string): { readonly address: string; readonly prefix: number } {
  return { address: addressAt(cidr, 1), prefix: prefixOf(cidr) };
}

/**
 * The sandbox's network when the configuration names none: one of 172.30.0.0/24 … 172.30.255.0/24, starting at a
 * place that the id decides, so that sandboxes side by side rarely meet, and moving on where the computer already
 * has a route. A network that this sandbox has had before stays, since its hosts' addresses are in certificates.
 */
export function pickCidr(id: string, routesInUse: readonly string[], ownCidr?: string): string {
  if (ownCidr !== undefined) return ownCidr;
  const start = Number.parseInt(id.slice(-2), 16);
  for (let step = 0; step < 256; step++) {
    const cidr = `172.30.${(start + step) % 256}.0/24`;
    if (!routesInUse.some((route) => overlaps(route.includes("/") ? route : `${route}/32`, cidr)))
      return cidr;
  }
  throw new Error(
    "this computer has routes into all of 172.30.0.0/16; name a free network in hosts.network.cidr",
  );
}

/** Every fault of a sandbox's hosts, as sentences: addresses outside the network, taken twice, or the gateway's own. */
export function hostProblems(id: string, cidr: string, hosts: readonly SandboxHost[]): string[] {
  const gateway = gatewayOf(cidr).address;
  const network = addressAt(cidr, 0);
  const broadcast = addressAt(cidr, sizeOf(cidr) - 1);
  const problems: string[] = [];
  if (prefixOf(cidr) < 16 || prefixOf(cidr) > 29) {
    problems.push(
      `hosts.network.cidr: ${cidr} has a prefix of /${prefixOf(cidr)}; a sandbox takes /16 to /29`,
    );
  }
  const taken = new Map<string, string>([[gateway, "the gateway, this computer"]]);
  const links = new Map<string, string>();
  for (const { name, address } of hosts) {
    if (!/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/.test(name)) {
      problems.push(
        `host "${name}": a name is 1 to 40 lower-case letters, digits and hyphens, with no hyphen at either end`,
      );
    }
    if (!contains(cidr, address) || address === network || address === broadcast) {
      problems.push(`host ${name}: ${address} is not a host address of ${cidr}`);
    }
    const other = taken.get(address);
    if (other !== undefined)
      problems.push(`host ${name}: ${address} belongs to ${other}; give it another address`);
    taken.set(address, name);
    const link = hostNames(id, name).link;
    if (links.has(link))
      problems.push(
        `host ${name}: its interface would be called like that of ${links.get(link)}; rename one of them`,
      );
    links.set(link, name);
  }
  return problems;
}
