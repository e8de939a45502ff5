import { describe, expect, it } from "vitest";
import {
  hostSince,
  type Look,
  networkSince,
  readBootId,
  resolveCidr,
  routesInUse,
  since,
} from "../../../components/sandbox/state";

const ID = "abc10a";
const FOLDER = `/var/lib/mesh-platform/${ID}`;
const NOW = "2026-01-02T00:00:00.000Z";
const BEFORE = "2026-01-01T00:00:00.000Z";

/** A computer with these files, and these answers to commands. */
function computer(files: Readonly<Record<string, string>>, output?: string): Look {
  return {
    read: (path) => files[path],
    exists: (path) => path in files,
    run: () => output,
    now: () => NOW,
  };
}

const ROUTES = [
  "default via 192.0.2.1 dev eth0",
  "192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2",
  `172.30.10.0/24 dev mp${ID} proto kernel scope link src 172.30.10.1 `,
  "blackhole 10.9.0.0/16",
  "198.51.100.7 via 192.0.2.1 dev eth0",
  "",
].join("\n");

describe("looking at the computer", () => {
  it("knows its routes, without the default and without its own bridge", () => {
    expect(routesInUse(ID, computer({}, ROUTES))).toEqual(["192.0.2.0/24", "10.9.0.0/16", "198.51.100.7"]);
  });

  it("counts another sandbox's bridge as in use", () => {
    expect(routesInUse("00000a", computer({}, ROUTES))).toContain("172.30.10.0/24");
    expect(resolveCidr("00000a", computer({}, ROUTES))).toBe("172.30.11.0/24");
  });

  it("has no routes where there is no `ip`, as on macOS", () => {
    expect(resolveCidr(ID, computer({}))).toBe("172.30.10.0/24");
  });

  it("keeps the network that the sandbox has already", () => {
    expect(resolveCidr(ID, computer({ [`${FOLDER}/cidr`]: "172.30.77.0/24\n" }, ROUTES))).toBe(
      "172.30.77.0/24",
    );
  });

  it("reads the boot id, empty where there is none", () => {
    expect(readBootId(computer({ "/proc/sys/kernel/random/boot_id": "5b51\n" }))).toBe("5b51");
    expect(readBootId(computer({}))).toBe("");
  });
});

describe("since", () => {
  it("stays while the work is there", () => {
    expect(since("/f", true, computer({ "/f": `${BEFORE}\n` }))).toBe(BEFORE);
  });

  it.each([
    ["is gone", false, { "/f": BEFORE }],
    ["was never done", true, {}],
    ["was cut off while writing", true, { "/f": "\n" }],
  ])("is now when the work %s", (_what, present, files) => {
    expect(since("/f", present, computer(files as Record<string, string>))).toBe(NOW);
  });
});

describe("a host", () => {
  const state = `${FOLDER}/cp1`;
  const up = {
    [`${state}/since`]: BEFORE,
    [`${state}/supervisor.pid`]: "4711\n",
    "/proc/4711/cmdline": `bash\0${state}/machine\0supervise\0`,
  };

  it("is left alone while its supervisor lives", () => {
    expect(hostSince(ID, "cp1", computer(up))).toBe(BEFORE);
  });

  it("is made again when its supervisor is gone", () => {
    expect(hostSince(ID, "cp1", computer({ ...up, "/proc/4711/cmdline": "" }))).toBe(NOW);
  });

  it("does not take another process with the same number, or another host's supervisor, for its own", () => {
    for (const cmdline of ["vim\0notes\0", `bash\0${FOLDER}/cp10/machine\0supervise\0`]) {
      expect(hostSince(ID, "cp1", computer({ ...up, "/proc/4711/cmdline": cmdline }))).toBe(NOW);
    }
  });

  it("does not trust a number file with anything else in it", () => {
    expect(hostSince(ID, "cp1", computer({ ...up, [`${state}/supervisor.pid`]: "self" }))).toBe(NOW);
  });
});

describe("the network", () => {
  const up = {
    [`${FOLDER}/since`]: BEFORE,
    [`/sys/class/net/mp${ID}`]: "",
    [`${FOLDER}/mirror.pid`]: "99",
    "/proc/99/cmdline": "node\0-r\0tsx/cjs\0components/sandbox/mirror/serve.ts\0--dir\0/m\0",
  };
  const without = (key: string) => Object.fromEntries(Object.entries(up).filter(([name]) => name !== key));

  it("is left alone while bridge and mirror are there", () => {
    expect(networkSince(ID, true, computer(up))).toBe(BEFORE);
  });

  it("is made again when the bridge or the mirror is gone", () => {
    expect(networkSince(ID, true, computer(without(`/sys/class/net/mp${ID}`)))).toBe(NOW);
    expect(networkSince(ID, true, computer(without("/proc/99/cmdline")))).toBe(NOW);
  });

  it("needs no mirror if it has none", () => {
    expect(networkSince(ID, false, computer(without(`${FOLDER}/mirror.pid`)))).toBe(BEFORE);
  });
});
