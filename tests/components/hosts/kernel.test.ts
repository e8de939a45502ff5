import { describe, expect, it } from "vitest";
import {
  defaultModules,
  defaultSysctls,
  mergeSysctls,
  oldModules,
  renderSysctls,
} from "../../../components/hosts/kernel";

describe("renderSysctls", () => {
  it("writes one line per parameter, slashes as dots, several numbers with one blank between", () => {
    expect(
      renderSysctls([
        ["net.ipv4.ip_forward", 1],
        ["kernel/panic", "10"],
        ["net.ipv4.ip_local_port_range", " 1024\t 65535 "],
      ]),
    ).toBe("net.ipv4.ip_forward = 1\nkernel.panic = 10\nnet.ipv4.ip_local_port_range = 1024 65535\n");
  });

  it.each([["kernel.panic"], ["kernel/panic"]])("refuses a key that comes twice, also as %s", (again) => {
    expect(() =>
      renderSysctls([
        ["kernel.panic", 5],
        [again, 10],
      ]),
    ).toThrow("sysctl kernel.panic is given twice; keep one of the two values");
  });

  it("writes nothing for nothing", () => {
    expect(renderSysctls([])).toBe("");
  });
});

describe("mergeSysctls", () => {
  const defaults = [
    ["a.one", 1],
    ["a.two", 2],
  ] as const;

  it("replaces in place and appends what is new, so that one change is one line", () => {
    expect(mergeSysctls(defaults, { "b.new": 9, "a.one": 7 })).toEqual([
      ["a.one", 7],
      ["a.two", 2],
      ["b.new", 9],
    ]);
  });

  it("knows a default by its spelling with slashes too", () => {
    expect(mergeSysctls(defaults, { "a/two": 5 })).toEqual([
      ["a.one", 1],
      ["a.two", 5],
    ]);
  });

  it("replaces by zero", () => {
    expect(mergeSysctls(defaults, { "a.one": 0 })).toEqual([
      ["a.one", 0],
      ["a.two", 2],
    ]);
  });
});

describe("the defaults", () => {
  it("hold no key twice", () => {
    expect(renderSysctls(defaultSysctls).trimEnd().split("\n").length).toBe(defaultSysctls.length);
  });

  it("forward packets, show bridged ones to iptables, and keep swap for the last", () => {
    expect(Object.fromEntries(defaultSysctls)).toMatchObject({
      "net.ipv4.ip_forward": 1,
      "net.bridge.bridge-nf-call-iptables": 1,
      "net.bridge.bridge-nf-call-ip6tables": 1,
      "vm.swappiness": 0,
      "kernel.panic": 10,
    });
  });

  it("load what overlay images, bridges and IPVS need, under names that current kernels have", () => {
    expect(defaultModules).toEqual([
      "overlay",
      "br_netfilter",
      "nf_conntrack",
      "ip_vs",
      "ip_vs_rr",
      "ip_vs_wrr",
      "ip_vs_sh",
    ]);
    expect(oldModules).toEqual([{ name: "nf_conntrack_ipv4", below: "4.19" }]);
  });
});
