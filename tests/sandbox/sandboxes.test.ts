/** A sandbox of which no state knows, made by hand from the same parts, without an image: found, and removed whole. */
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostNames, sandboxId, sandboxNames } from "../../components/sandbox/plan";
import { must } from "../support/must";
import { projectRoot } from "../support/rendered";

const folder = mkdtempSync(join(tmpdir(), "mesh-sandboxes-"));
const id = randomBytes(3).toString("hex");
const { bridge, state } = sandboxNames(id);
const { machine, link, state: hostState } = hostNames(id, "cp1");
const tag = ["-m", "comment", "--comment", `mesh-platform-${id}`];

const sandbox = (...words: string[]) =>
  spawnSync(process.execPath, ["-r", "tsx/cjs", "scripts/sandbox.ts", ...words], {
    cwd: projectRoot,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
const listed = () =>
  (JSON.parse(sandbox("list", "-o", "json").stdout) as { sandboxes: { id: string }[] }).sandboxes.find(
    (each) => each.id === id,
  );
const leftovers = () => spawnSync("bash", [join(__dirname, "leftovers.sh"), id], { encoding: "utf8" }).stdout;

beforeAll(() => {
  mkdirSync(hostState, { recursive: true });
  const owner = { checkout: "/nowhere", stack: "gone", state: "/nowhere/.state" };
  writeFileSync(join(state, "owner"), JSON.stringify(owner));
  writeFileSync(join(state, "cidr"), "198.51.100.0/24\n");
  must("ip", "link", "add", bridge, "type", "bridge");
  must("ip", "netns", "add", machine);
  must("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", machine);
  must("ip", "link", "set", link, "master", bridge);
  must(
    "iptables",
    "-w",
    "-t",
    "nat",
    "-I",
    "POSTROUTING",
    "-s",
    "198.51.100.0/24",
    ...tag,
    "-j",
    "MASQUERADE",
  );
  must("iptables", "-w", "-I", "FORWARD", "-i", bridge, ...tag, "-j", "ACCEPT");
  // As much of a host's own file as is asked of it here.
  const pid = join(hostState, "supervisor.pid");
  const program = [
    'case "$1" in',
    `supervise) echo $$ >"${pid}"; while sleep 1; do :; done ;;`,
    `remove) kill -9 "$(cat "${pid}")"; rm -r "${hostState}" ;;`,
    "esac",
    "",
  ];
  writeFileSync(join(hostState, "machine"), program.join("\n"));
  spawn("bash", [join(hostState, "machine"), "supervise"], { detached: true, stdio: "ignore" }).unref();
  const until = Date.now() + 10_000;
  while (!existsSync(join(hostState, "supervisor.pid")) && Date.now() < until) spawnSync("sleep", ["0.1"]);
});

afterAll(() => {
  rmSync(folder, { recursive: true });
  spawnSync("ip", ["netns", "delete", machine]);
  spawnSync("ip", ["link", "delete", bridge]);
});

describe("npm run sandbox", () => {
  it("lists a sandbox with its owner, of which nothing is left, and its parts", () => {
    expect(listed()).toMatchObject({
      owner: { checkout: "/nowhere", stack: "gone", state: "/nowhere/.state" },
      known: "no",
      hosts: [{ name: "cp1", running: true }],
      bridge,
      cidr: "198.51.100.0/24",
      namespaces: [machine],
      links: [link],
      rules: 2,
      processes: [{ what: "supervisor" }],
    });
    expect(sandbox("list").stdout).toContain(`npm run sandbox -- remove ${id}`);
  });

  it("removes nothing where nobody can be asked", () => {
    const { status, stdout, stderr } = sandbox("remove", id);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("there is no terminal to ask on; run it with --yes");
    expect(listed()?.id).toBe(id);
  });

  it("removes all of it with --yes, and what has no folder any more as well", () => {
    const { status, stdout } = sandbox("remove", id, "--yes");
    expect([status, stdout]).toEqual([0, `the sandbox ${id} is gone\n`]);
    expect([leftovers().trim(), listed()]).toEqual(["nothing left", undefined]);

    must("ip", "netns", "add", machine);
    must("ip", "link", "add", bridge, "type", "bridge");
    expect(sandbox("remove", id, "--yes").status).toBe(0);
    expect(leftovers().trim()).toBe("nothing left");
  });
});

describe("npm run up", () => {
  const stack = "dev";
  const leftId = sandboxId(projectRoot, stack);
  const left = sandboxNames(leftId);
  afterAll(() => {
    spawnSync("ip", ["link", "delete", left.bridge]);
  });

  it("makes nothing where a run that was killed has left hosts that the state does not know", () => {
    must("ip", "link", "add", left.bridge, "type", "bridge");
    const words = ["-r", "tsx/cjs", "scripts/pulumi.ts", "up", "--stack", stack, "--yes"];
    const own = join(folder, "state-of-up");
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      cwd: projectRoot,
      encoding: "utf8",
      env: { ...process.env, MESH_PLATFORM_STATE: own },
    });
    expect(stderr).toContain(
      `hosts of the stack ${stack} that its state does not know: the sandbox ${leftId}.`,
    );
    expect(stderr).toContain(`npm run sandbox -- remove ${leftId}`);
    expect([status, stdout, existsSync(own)]).toEqual([2, "", false]);
  });
});

describe("npm run bench", () => {
  const benchId = sandboxId(projectRoot, "bench");
  const names = sandboxNames(benchId);
  afterAll(() => {
    spawnSync("ip", ["link", "delete", names.bridge]);
  });

  it("makes nothing where a run that was killed has left something, and says what to run", () => {
    must("ip", "link", "add", names.bridge, "type", "bridge");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", "tsx/cjs", "scripts/bench.ts"], {
      cwd: projectRoot,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, MESH_PLATFORM_STATE: folder },
    });
    expect([status, stdout, stderr]).toEqual([
      1,
      "",
      `bench: a run before this one was killed and has left: the bridge ${names.bridge}\nRun \`npm run bench -- --yes\` to remove it and go on, or \`npm run sandbox -- remove ${benchId}\` to remove it alone.\n`,
    ]);
    expect(existsSync(`/sys/class/net/${names.bridge}`)).toBe(true);
    expect(sandbox("remove", benchId, "--yes").status).toBe(0);
    expect(existsSync(`/sys/class/net/${names.bridge}`)).toBe(false);
  });
});
