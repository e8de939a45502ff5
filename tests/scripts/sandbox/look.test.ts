import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { describeOwner, parseOwner } from "../../../components/sandbox/owner";
import { sandboxId } from "../../../components/sandbox/plan";
import { type Computer, findSandboxes, leftoverOf } from "../../../scripts/lib/sandbox/look";
import { describeParts } from "../../../scripts/lib/sandbox/remove";
import { ageOf, renderText } from "../../../scripts/lib/sandbox/report";
import { projectRoot } from "../../support/rendered";

const ID = "abc10a";
const FOLDER = `/var/lib/mesh-platform/${ID}`;
const MADE = new Date("2026-01-01T00:00:00.000Z");

/** A computer with these files, links and rules; folders follow from the files. */
function computer(
  files: Readonly<Record<string, string>>,
  { links = {}, rules = "" }: { links?: Readonly<Record<string, string>>; rules?: string } = {},
): Computer {
  const paths = [...Object.keys(files), ...Object.keys(links)];
  const below = (folder: string) => paths.filter((path) => path.startsWith(`${folder}/`));
  return {
    read: (path) => files[path],
    exists: (path) => path in files || below(path).length > 0,
    run: (_, args) => (args.includes("nat") ? rules : ""),
    now: () => "",
    list: (folder) => [
      ...new Set(below(folder).map((path) => path.slice(folder.length + 1).split("/")[0] ?? "")),
    ],
    changed: (file) => (file in files ? MADE : undefined),
    link: (path) => links[path],
    unpack: () => undefined,
  };
}

const owner = { checkout: "/src/mesh", stack: "bench", state: "/src/mesh/.state/bench/state" };
const stateFile = `${owner.state}/backend/.pulumi/stacks/mesh-platform/bench.json`;
const whole = {
  [`${FOLDER}/owner`]: JSON.stringify(owner),
  [`${FOLDER}/cidr`]: "172.30.9.0/24\n",
  [`${FOLDER}/mirror.log`]: "",
  [`${FOLDER}/cp1/machine`]: "",
  [`${FOLDER}/cp1/settings`]: "NAME=mp-abc10a-cp1\nADDRESS=172.30.9.11\n",
  [`${FOLDER}/cp1/supervisor.pid`]: "70\n",
  [`${FOLDER}/worker1/root/etc/hostname`]: "worker1",
  [`/run/netns/mp-${ID}-cp1`]: "",
  [`/sys/class/net/mp${ID}/mtu`]: "",
  [`/sys/class/net/mp${ID}-0011aa/mtu`]: "",
  "/sys/class/net/eth0/mtu": "",
  "/run/netns/somebody": "",
  "/proc/70/cmdline": `bash\0${FOLDER}/cp1/machine\0supervise\0`,
  "/proc/71/cmdline": `systemd-nspawn\0--quiet\0--machine=mp-${ID}-cp1\0`,
  "/proc/72/cmdline": "node\0-r\0tsx/cjs\0components/sandbox/mirror/serve.ts\0--dir\0/m\0",
  "/proc/73/cmdline": "vim\0/var/lib/mesh-platform/abc10a/cp1/machine\0",
};
const more = {
  links: { "/proc/72/fd/1": `${FOLDER}/mirror.log` },
  rules: `-A POSTROUTING -s 172.30.9.0/24 ! -o mp${ID} -m comment --comment mesh-platform-${ID} -j MASQUERADE\n-A X -m comment --comment "other"`,
};

describe("sandboxes of a computer", () => {
  it("are found with all that bears their ids, and nothing of others", () => {
    expect(findSandboxes(computer(whole, more))).toEqual([
      {
        id: ID,
        owner,
        known: "no",
        made: MADE,
        folder: FOLDER,
        hosts: [
          { name: "cp1", address: "172.30.9.11", running: true },
          { name: "worker1", address: undefined, running: false },
        ],
        bridge: `mp${ID}`,
        cidr: "172.30.9.0/24",
        namespaces: [`mp-${ID}-cp1`],
        links: [`mp${ID}-0011aa`],
        rules: 1,
        processes: [
          { pid: 70, what: "supervisor" },
          { pid: 71, what: "machine" },
          { pid: 72, what: "mirror server" },
        ],
      },
    ]);
    expect(findSandboxes(computer({ "/run/netns/x": "", "/sys/class/net/mpls0/mtu": "" }))).toEqual([]);
  });

  it.each([
    ["a network namespace", { "/run/netns/mp-0000ff-cp1": "" }, {}],
    ["a bridge", { "/sys/class/net/mp0000ff/mtu": "" }, {}],
    ["a rule", {}, { rules: '-A X -m comment --comment "mesh-platform-0000ff" -j ACCEPT' }],
    ["a machine", { "/proc/9/cmdline": "systemd-nspawn\0--machine=mp-0000ff-a\0" }, {}],
  ])("are found by %s alone, with an unknown owner", (_, files, also) => {
    const [found] = findSandboxes(computer(files as Record<string, string>, also));
    expect([found?.id, found?.owner, found?.known, found?.folder]).toEqual([
      ...["0000ff", undefined, "unknown", undefined],
    ]);
  });

  it.each([
    ["yes", { [stateFile]: `{"stdin":"STATE='${FOLDER}'"}` }],
    ["no", { [stateFile]: "{}" }],
    ["unknown", { [`${stateFile}.zst`]: "?" }],
  ])("are known to the owner's state: %s", (known, files) => {
    expect(findSandboxes(computer({ ...whole, ...files }))[0]?.known).toBe(known);
  });

  it("are in another backend's state only as long as there is the checkout", () => {
    const elsewhere = { [`${FOLDER}/owner`]: JSON.stringify({ ...owner, state: null }) };
    expect(findSandboxes(computer(elsewhere))[0]?.known).toBe("no");
    expect(findSandboxes(computer({ ...elsewhere, "/src/mesh/index.ts": "" }))[0]?.known).toBe("unknown");
  });
});

describe("a sandbox is told", () => {
  const [found] = findSandboxes(computer(whole, more));
  if (found === undefined) throw new Error("no sandbox was found");

  it("with its owner, what it consists of, and how it goes", () => {
    const now = new Date(MADE.getTime() + 3 * 3_600_000 + 5);
    expect(renderText([{ ...found, diskMiB: 512 }], now)).toBe(`abc10a
  owner    stack bench of /src/mesh, whose state does not have it any more; \`npm run sandbox -- remove abc10a\` removes it
  made     3 hours ago
  hosts    cp1 172.30.9.11 running, worker1 stopped
  network  mpabc10a, 172.30.9.0/24, 1 iptables rules
  mirror   process 72
  disk     512 MiB`);
    expect(renderText([], now)).toBe("There is no sandbox on this computer.");
  });

  it("in a few words", () => {
    expect(describeParts(found)).toBe(
      `2 hosts, 3 processes, 1 network namespace, 1 cable, the bridge mpabc10a, 1 iptables rule, ${FOLDER}`,
    );
  });

  it.each([
    [59_999, "less than a minute"],
    [60_000, "1 minute"],
    [3 * 86_400_000, "3 days"],
  ])("with an age: %i ms", (milliseconds, text) => {
    expect(ageOf(milliseconds)).toBe(text);
  });
});

describe("what a stack has left", () => {
  const id = sandboxId(projectRoot, "bench");
  const env = { MESH_PLATFORM_STATE: "/state" };
  const bridge = { [`/sys/class/net/mp${id}/mtu`]: "" };
  const file = "/state/backend/.pulumi/stacks/mesh-platform/bench.json";
  const left = (stack: string, files: Record<string, string>) => leftoverOf(stack, env, computer(files))?.id;

  it("is what is there although the state does not have it", () => {
    expect(left("bench", bridge)).toBe(id);
    expect(left("bench", { ...bridge, [file]: "{}" })).toBe(id);
  });

  it("is nothing where the state has it, and of other stacks", () => {
    expect(left("bench", { ...bridge, [file]: `/var/lib/mesh-platform/${id}` })).toBeUndefined();
    expect(left("dev", bridge)).toBeUndefined();
  });
});

describe("the owner", () => {
  it("is checkout, stack and state folder; another backend's address is not written down", () => {
    const url = pathToFileURL(join("/state", "backend")).href;
    const told = (PULUMI_BACKEND_URL: string) =>
      describeOwner("dev", { MESH_PLATFORM_STATE: "/state", PULUMI_BACKEND_URL });
    expect(parseOwner(told(url))).toEqual({ checkout: projectRoot, stack: "dev", state: "/state" });
    expect(told("s3://user:word@bucket")).not.toContain("word");
    expect(parseOwner(told("s3://user:word@bucket"))?.state).toBeNull();
  });

  it.each([[undefined], ["172.30.9.0/24"], ["{}"], ["null"]])("is unknown by %j", (text) => {
    expect(parseOwner(text)).toBeUndefined();
  });
});
