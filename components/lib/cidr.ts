/** An IPv4 network in CIDR notation, such as `10.100.0.0/17`. */
export type Cidr = string;

interface Range {
  readonly first: number;
  readonly last: number;
}

function toNumber(address: string): number {
  const octets = address.split(".");
  const valid =
    octets.length === 4 && octets.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) <= 255);
  if (!valid) throw new Error(`"${address}" is not an IPv4 address`);
  // Arithmetic, not shifts: a shift by 24 makes addresses from 128.0.0.0 on negative.
  return octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

function toRange(cidr: Cidr): Range {
  const [address, length, ...rest] = cidr.split("/");
  if (
    address === undefined ||
    length === undefined ||
    rest.length > 0 ||
    !/^(\d|[12]\d|3[0-2])$/.test(length)
  ) {
    throw new Error(`"${cidr}" is not an IPv4 network such as 10.100.0.0/17`);
  }
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(toNumber(address) / size) * size;
  return { first, last: first + size - 1 };
}

/** Every function here throws on text that is no IPv4 network, naming it. */

/** The network with its host bits cleared: `10.1.2.3/12` is `10.0.0.0/12`, which is how the kernel reads it. */
export function networkOf(cidr: Cidr): Cidr {
  return `${toAddress(toRange(cidr).first)}/${cidr.split("/")[1]}`;
}

/** Whether two networks share an address. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  const [left, right] = [toRange(a), toRange(b)];
  return left.first <= right.last && right.first <= left.last;
}

/** Whether the address lies in the network. */
export function contains(cidr: Cidr, address: string): boolean {
  return overlaps(cidr, `${address}/32`);
}

/** The n-th address of a network; 0 is the network address itself. Throws beyond its last address. */
export function addressAt(cidr: Cidr, index: number): string {
  const { first, last } = toRange(cidr);
  if (!Number.isInteger(index) || index < 0 || first + index > last) {
    throw new Error(`${cidr} has no address number ${index}; it has ${last - first + 1}`);
  }
  return toAddress(first + index);
}

/** How many addresses the network has. */
export function sizeOf(cidr: Cidr): number {
  const { first, last } = toRange(cidr);
  return last - first + 1;
}

/** The length of the prefix: 17 of `10.100.0.0/17`. */
export function prefixOf(cidr: Cidr): number {
  return Number(cidr.split("/")[1]);
}
