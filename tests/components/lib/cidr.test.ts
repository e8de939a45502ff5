import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressAt, contains, networkOf, overlaps, sizeOf } from "../../../components/lib/cidr";

/** The same sums on 32-bit whole numbers of unlimited size, bit by bit: nothing here can lose a sign or a digit. */
const oracle = {
  bits: (address: string) => address.split(".").reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n),
  mask: (length: number) => (0xffffffffn << BigInt(32 - length)) & 0xffffffffn,
  text: (bits: bigint) => [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join("."),
};

const address = fc.ipV4();
const length = fc.integer({ min: 0, max: 32 });
const network = fc.tuple(address, length).map(([ip, bits]) => `${ip}/${bits}`);
const split = (cidr: string) => {
  const [ip = "", bits = ""] = cidr.split("/");
  return { ip, bits: Number(bits) };
};

describe("networkOf", () => {
  it("clears exactly the host bits", () => {
    fc.assert(
      fc.property(network, (cidr) => {
        const { ip, bits } = split(cidr);
        expect(networkOf(cidr)).toBe(`${oracle.text(oracle.bits(ip) & oracle.mask(bits))}/${bits}`);
      }),
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(network, (cidr) => {
        expect(networkOf(networkOf(cidr))).toBe(networkOf(cidr));
      }),
    );
  });

  it.each([
    ["10.1.2.3/12", "10.0.0.0/12"],
    ["255.255.255.255/1", "128.0.0.0/1"],
    ["192.168.1.1/32", "192.168.1.1/32"],
    ["203.0.113.77/0", "0.0.0.0/0"],
  ])("reads %s as %s", (given, expected) => {
    expect(networkOf(given)).toBe(expected);
  });
});

describe("overlaps", () => {
  it("is true exactly where the shorter prefix is the same", () => {
    fc.assert(
      fc.property(network, network, (a, b) => {
        const [left, right] = [split(a), split(b)];
        const mask = oracle.mask(Math.min(left.bits, right.bits));
        expect(overlaps(a, b)).toBe((oracle.bits(left.ip) & mask) === (oracle.bits(right.ip) & mask));
      }),
    );
  });

  it("does not depend on the order", () => {
    fc.assert(
      fc.property(network, network, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
      }),
    );
  });

  it.each([
    ["10.100.0.0/17", "10.100.128.0/17", false],
    ["10.100.0.0/16", "10.100.128.0/17", true],
    ["0.0.0.0/0", "255.255.255.255/32", true],
    ["127.255.255.255/32", "128.0.0.0/32", false],
  ])("of %s and %s is %s", (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected);
  });
});

describe("addressAt", () => {
  const numbered = network.chain((cidr) =>
    fc.record({ cidr: fc.constant(cidr), index: fc.nat({ max: 2 ** (32 - split(cidr).bits) - 1 }) }),
  );

  it("counts from the network's own address and stays inside", () => {
    fc.assert(
      fc.property(numbered, ({ cidr, index }) => {
        const { ip, bits } = split(cidr);
        const found = addressAt(cidr, index);
        expect(found).toBe(oracle.text((oracle.bits(ip) & oracle.mask(bits)) + BigInt(index)));
        expect(contains(cidr, found)).toBe(true);
      }),
    );
  });

  it("gives every address of a small network once", () => {
    fc.assert(
      fc.property(address, fc.integer({ min: 24, max: 32 }), (ip, bits) => {
        const cidr = `${ip}/${bits}`;
        const all = Array.from({ length: sizeOf(cidr) }, (_, index) => addressAt(cidr, index));
        expect(new Set(all).size).toBe(2 ** (32 - bits));
        expect(all.every((one) => contains(cidr, one))).toBe(true);
      }),
    );
  });

  it.each([
    ["10.0.0.0/30", 4],
    ["10.0.0.0/30", -1],
    ["10.0.0.0/30", 1.5],
    ["10.0.0.1/32", 1],
  ])("refuses number %2$s of %1$s", (cidr, index) => {
    expect(() => addressAt(cidr, index)).toThrow(
      `${cidr} has no address number ${index}; it has ${sizeOf(cidr)}`,
    );
  });
});

describe("what is no network", () => {
  it.each([
    "10.0.0.0",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0/8",
    "10.0.0.256/8",
    "10.0.0.0/8/8",
    "10.00.0.0/8",
    "1e1.0.0.0/8",
    "",
    "/",
    "10.0.0.0/08",
  ])("is refused: %j", (text) => {
    expect(() => networkOf(text)).toThrow(/is not an IPv4 (network|address)/);
  });
});
