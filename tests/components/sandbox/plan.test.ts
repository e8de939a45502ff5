import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overlaps } from "../../../components/lib/cidr";
import {
  gatewayOf,
  hostNames,
  hostProblems,
  pickCidr,
  sandboxId,
  sandboxNames,
} from "../../../components/sandbox/plan";

const id = fc.nat(0xffffff).map((value) => value.toString(16).padStart(6, "0"));

describe("the id of a sandbox", () => {
  it("stays for a checkout and a stack", () => {
    expect(sandboxId("/home/me/mesh-platform", "dev")).toBe(sandboxId("/home/me/mesh-platform", "dev"));
  });

  it("has six hex digits and differs between checkouts and between stacks", () => {
    const ids = [
      sandboxId("/home/me/mesh-platform", "dev"),
      sandboxId("/home/me/mesh-platform", "lab"),
      sandboxId("/home/me/other", "dev"),
    ];
    expect(new Set(ids).size).toBe(3);
    for (const one of ids) expect(one).toMatch(/^[0-9a-f]{6}$/);
  });
});

describe("names on the computer", () => {
  it("hold the id, and interface names fit the kernel's 15 characters", () => {
    fc.assert(
      fc.property(id, fc.stringMatching(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/), (sandbox, host) => {
        const { machine, link, state } = hostNames(sandbox, host);
        const { bridge } = sandboxNames(sandbox);
        expect(machine).toBe(`mp-${sandbox}-${host}`);
        expect(state).toBe(`/var/lib/mesh-platform/${sandbox}/${host}`);
        expect(bridge).toBe(`mp${sandbox}`);
        expect(link.startsWith(`mp${sandbox}-`)).toBe(true);
        expect(link.length).toBeLessThanOrEqual(15);
        expect(machine.length).toBeLessThanOrEqual(64);
      }),
    );
  });
});

describe("the network of a sandbox that names none", () => {
  it("follows from the id", () => {
    expect(pickCidr("00000a", [])).toBe("172.30.10.0/24");
    expect(pickCidr("abcdff", ["192.168.1.0/24"])).toBe("172.30.255.0/24");
  });

  it("moves on past networks that the computer uses, around the end", () => {
    expect(pickCidr("00000a", ["172.30.10.0/24", "172.30.11.128/25"])).toBe("172.30.12.0/24");
    expect(pickCidr("0000ff", ["172.30.255.7"])).toBe("172.30.0.0/24");
  });

  it("stays what it was, even if it would be chosen differently today", () => {
    expect(pickCidr("00000a", ["172.30.99.0/24"], "172.30.99.0/24")).toBe("172.30.99.0/24");
  });

  it("never overlaps a route", () => {
    fc.assert(
      fc.property(
        id,
        fc.array(fc.tuple(fc.nat(255), fc.integer({ min: 17, max: 32 })), { maxLength: 40 }),
        (sandbox, used) => {
          const routes = used.map(([third, prefix]) => `172.30.${third}.0/${prefix}`);
          const free = Array.from({ length: 256 }, (_, n) => `172.30.${n}.0/24`).filter((one) =>
            routes.every((route) => !overlaps(route, one)),
          );
          fc.pre(free.length > 0);
          expect(free).toContain(pickCidr(sandbox, routes));
        },
      ),
    );
  });

  it("says what to do when none is free", () => {
    expect(() => pickCidr("00000a", ["172.16.0.0/12"])).toThrow("hosts.network.cidr");
  });
});

describe("hosts within a network", () => {
  const fine = [
    { name: "cp1", address: "172.30.5.11" },
    { name: "worker1", address: "172.30.5.21" },
  ];

  it("takes the first address for this computer", () => {
    expect(gatewayOf("172.30.5.0/24")).toEqual({ address: "172.30.5.1", prefix: 24 });
    expect(gatewayOf("172.30.5.77/26")).toEqual({ address: "172.30.5.65", prefix: 26 });
  });

  it("finds nothing wrong with proper ones", () => {
    expect(hostProblems("abc123", "172.30.5.0/24", fine)).toEqual([]);
  });

  it.each([
    ["an address outside", "w", "172.30.6.2", "172.30.6.2 is not a host address of 172.30.5.0/24"],
    ["the broadcast address", "w", "172.30.5.255", "not a host address"],
    ["the gateway", "w", "172.30.5.1", "belongs to the gateway, this computer"],
    ["an address twice", "w", "172.30.5.11", "belongs to cp1"],
    ["a name with a capital", "W", "172.30.5.9", "lower-case letters"],
    ["a name with a hyphen at the end", "w-", "172.30.5.9", "no hyphen at either end"],
    ["a name twice", "cp1", "172.30.5.9", "rename one of them"],
  ])("refuses %s", (_what, name, ip, message) => {
    const problems = hostProblems("abc123", "172.30.5.0/24", [...fine, { name, address: ip }]);
    expect(problems.join("\n")).toContain(message);
  });

  it("refuses a network that is too small or too large", () => {
    expect(hostProblems("abc123", "172.30.5.0/30", [])).toEqual([expect.stringContaining("/16 to /29")]);
    expect(hostProblems("abc123", "10.0.0.0/8", [])).toEqual([expect.stringContaining("/16 to /29")]);
  });
});
