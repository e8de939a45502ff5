import { describe, expect, it } from "vitest";
import { type Probe, sandboxProblems } from "../../../components/sandbox/requirements";

const capable: Probe = { platform: "linux", user: 0, hasProgram: () => true, onOverlay: () => false };
const lacking = (...names: readonly string[]): Probe => ({
  ...capable,
  hasProgram: (name) => !names.includes(name),
});

describe("what a sandbox asks of the computer", () => {
  it("has no objection to a Linux computer with root and the programs", () => {
    expect(sandboxProblems(capable)).toEqual([]);
  });

  it("names the system, and nothing that could not be mended, on macOS", () => {
    expect(sandboxProblems({ ...capable, platform: "darwin", user: 501, hasProgram: () => false })).toEqual([
      "Sandbox hosts need Linux (namespaces and systemd-nspawn), and this is darwin: run this on a Linux machine, " +
        "or use machines that exist already, with hosts: { kind: inventory, … }.",
    ]);
  });

  it.each([
    ["another user", { ...capable, user: 1000 }, "run it with sudo"],
    ["no systemd-nspawn", lacking("systemd-nspawn"), "install the package systemd-container"],
    ["no debootstrap", lacking("debootstrap"), "`npm run setup`"],
    ["no iptables", lacking("iptables"), "need iptables"],
    ["disks on an overlay", { ...capable, onOverlay: () => true }, "Mount a volume"],
  ])("says what to do about %s, and names the alternative", (_what, probe, advice) => {
    const problems = sandboxProblems(probe);
    expect(problems).toEqual([expect.stringContaining(advice)]);
    expect(problems[0]).toContain("hosts: { kind: inventory, … }");
  });

  it("lists all problems at once", () => {
    expect(sandboxProblems({ ...lacking("ip", "flock"), user: 7 })).toHaveLength(3);
  });
});
