import { describe, expect, it } from "vitest";
import { exitCode, renderJson, renderText } from "../../scripts/lib/drift/report";
import { type DriftRequest, findDrift } from "../../scripts/lib/drift/run";
import { readDeclared } from "../../scripts/lib/drift/state";
import type { SshTarget } from "../../scripts/lib/ssh";
import { exported, type FakeStep } from "./exported";

const target = (host: string): SshTarget => ({
  host,
  port: 22,
  user: "root",
  privateKey: "CANARY",
  hostKey: "ssh-ed25519 AAAA",
});
const prepare = (name: string, more: Partial<FakeStep> = {}): FakeStep => ({
  name: `${name}-prepare`,
  stdout: `manages hostname ${name}\nmanages unit etcd enabled active\n{"changed":"false"}`,
  ...more,
});
const cp1 = { target: target("10.0.0.1"), steps: [prepare("cp1")] };
const worker1 = { target: target("10.0.0.2"), steps: [prepare("worker1")] };

const clean = (name: string) => `1 ${name}\n2 enabled active\n{"busy":"false"}`;
const stopped = (name: string) => `1 ${name}\n2 enabled inactive\n{"busy":"false"}`;

/**
 * Runs drift against hosts that give these answers, one per connection, the last one again and again. Answers within
 * one connection are parted by a line of dashes.
 */
async function run(
  state: string | string[],
  answers: Record<string, (string | Error)[]>,
  only: string[] = [],
  patience: DriftRequest["patience"] = {},
) {
  const said: string[] = [];
  const states = [state].flat();
  const { hosts, gone } = await findDrift({
    only,
    read: async () => (states.length > 1 ? (states.shift() ?? "") : (states[0] ?? "")),
    say: (text) => said.push(text),
    now: () => new Date("2026-07-01T00:00:00Z"),
    patience: { busyMs: 60_000, pollMs: 1, againMs: 0, ...patience },
    connect: async ({ host }) => {
      const queue = answers[host] ?? [new Error(`${host}:22 refuses connections`)];
      const answer = queue.length > 1 ? queue.shift() : queue[0];
      if (answer instanceof Error) throw answer;
      const parts = String(answer).split("\n---\n");
      return {
        run: async () => {
          const stdout = parts.length > 1 ? parts.shift() : parts[0];
          return { code: 0, stdout: stdout ?? "", stderr: "" };
        },
        close: () => {},
      };
    },
  });
  return {
    hosts,
    gone,
    said,
    code: exitCode(hosts),
    text: renderText("dev", hosts, gone),
    json: renderJson("dev", hosts, gone),
  };
}

describe("drift", () => {
  it("ends with 0 where all is as declared", async () => {
    const { code, text, said } = await run(exported([cp1, worker1]), {
      "10.0.0.1": [clean("cp1")],
      "10.0.0.2": [clean("worker1")],
    });
    expect([code, text]).toEqual([0, "no drift: 4 things on 2 of 2 hosts of the stack dev are as declared"]);
    expect(said).toEqual(["reading the state", "looking at 2 hosts: cp1, worker1"]);
  });

  it("ends with 3 where something differs, and says what and how to put it back", async () => {
    const { code, text, json } = await run(exported([cp1, worker1]), {
      "10.0.0.1": [clean("cp1")],
      "10.0.0.2": [stopped("worker1")],
    });
    expect(code).toBe(3);
    expect(text.split("\n")).toEqual([
      "HOST     FIELD             DECLARED  FOUND",
      "worker1  unit etcd active  active    inactive",
      "",
      "1 difference on 1 of 2 hosts of the stack dev, 4 things compared",
      "",
      "To put it back, run these steps again:",
      "  npm run up -- --stack dev --replace '**::worker1-prepare'",
    ]);
    expect(JSON.parse(json)).toEqual({
      stack: "dev",
      drift: true,
      gone: [],
      hosts: [
        { name: "cp1", address: "10.0.0.1", compared: 2, differences: [] },
        {
          name: "worker1",
          address: "10.0.0.2",
          compared: 2,
          differences: [
            {
              kind: "unit",
              subject: "etcd",
              field: "active",
              declared: "active",
              found: "inactive",
              step: "worker1-prepare",
            },
          ],
        },
      ],
    });
    expect(json).not.toContain("CANARY");
  });

  it("ends with 1 where a host does not answer, and still tells of the others", async () => {
    const { code, text } = await run(exported([cp1, worker1]), { "10.0.0.2": [stopped("worker1")] });
    expect(code).toBe(1);
    expect(text).toContain("could not look at cp1: 10.0.0.1:22 refuses connections\n");
    expect(text).toContain("worker1  unit etcd active  active    inactive\n");
  });

  it("looks twice, so that what passes by itself is none", async () => {
    const { code, said } = await run(exported([cp1]), { "10.0.0.1": [stopped("cp1"), clean("cp1")] });
    expect(code).toBe(0);
    expect(said.at(-1)).toBe("looking once more at cp1, to be sure");
  });

  it("compares the second time with the state of then", async () => {
    const other = {
      ...cp1,
      steps: [prepare("cp1", { stdout: "manages hostname cp1\nmanages unit etcd enabled inactive\n{}" })],
    };
    expect((await run([exported([cp1]), exported([other])], { "10.0.0.1": [stopped("cp1")] })).code).toBe(0);
  });

  it("becomes root by sudo where the login is another, and sends nothing but the list", async () => {
    const sent: [string, string | undefined][] = [];
    const host = { ...cp1, target: { ...cp1.target, user: "admin" } };
    await findDrift({
      only: [],
      read: async () => exported([host]),
      say: () => {},
      connect: async () => ({
        run: async (command, settings) => {
          sent.push([command, settings?.stdin]);
          return { code: 0, stdout: clean("cp1"), stderr: "" };
        },
        close: () => {},
      }),
    });
    const [[command, stdin] = []] = sent;
    expect([sent.length, command]).toEqual([1, "sudo -n timeout -k 5 90 bash -s -- look"]);
    expect(stdin).toContain("\nLIST='hostname - cp1\nunit etcd enabled active'\n");
    expect(stdin).not.toContain("CANARY");
  });

  it("waits for a step that is at work, and says so once", async () => {
    const busy = '{"busy":"true"}';
    const { code, said } = await run(exported([cp1]), {
      "10.0.0.1": [`${busy}\n---\n${busy}\n---\n${clean("cp1")}`],
    });
    expect(code).toBe(0);
    expect(said.slice(2)).toEqual(["cp1: a step is at work there right now; waiting for its end"]);
  });

  it("gives up on a step that does not end", async () => {
    const answers = { "10.0.0.1": ['{"busy":"true"}'] };
    const { code, text } = await run(exported([cp1]), answers, [], { busyMs: 30 });
    expect(code).toBe(1);
    expect(text).toContain(
      "could not look at cp1: a step is still at work there after 0 s; look again later",
    );
  });

  it("looks at one host by name or address", async () => {
    const answers = { "10.0.0.2": [clean("worker1")] };
    for (const only of ["worker1", "10.0.0.2"]) {
      const { hosts } = await run(exported([cp1, worker1]), answers, [only]);
      expect(hosts.map(({ name }) => name)).toEqual(["worker1"]);
    }
  });

  it.each([
    [[cp1, worker1], "the stack has no host cp9; it has cp1, worker1"],
    [[], "the stack has no hosts; run `npm run up` first"],
  ])("refuses what is not there", async (hosts, message) => {
    await expect(run(exported(hosts), {}, ["cp9"])).rejects.toThrow(message);
  });

  it("leaves a host alone that is gone, and says so", async () => {
    const gone = { ...worker1, steps: [prepare("worker1", { gone: true })] };
    const { code, text } = await run(exported([cp1, gone]), { "10.0.0.1": [clean("cp1")] });
    expect([code, text.split("\n")]).toEqual([
      0,
      [
        "not looked at: worker1, which the config says is gone",
        "no drift: 2 things on 1 of 1 hosts of the stack dev are as declared",
      ],
    ]);
    await expect(run(exported([cp1, gone]), {}, ["worker1"])).rejects.toThrow("nobody looks at worker1");
  });

  it("says that a state of before has nothing to compare", async () => {
    const old = { ...cp1, steps: [{ name: "cp1-facts", stdout: '{"changed":"false"}' }] };
    const { code, text } = await run(exported([old]), {});
    expect([code, text]).toEqual([
      1,
      expect.stringContaining("could not look at cp1: its steps declare nothing yet"),
    ]);
  });

  it("never names a step for replacing that would undo its work", async () => {
    const host = { ...cp1, steps: [prepare("cp1", { undoes: true, generation: 2 })] };
    const { text } = await run(exported([host]), { "10.0.0.1": [stopped("cp1")] });
    expect(text).not.toContain("--replace");
    expect(text).toContain("To put back the rest of cp1, set its generation to 3 in hosts.members");
  });
});

describe("the declared state", () => {
  it("is what the steps of one address say together, in their order", () => {
    const steps: FakeStep[] = [
      { name: "cp1-facts", stdout: "{}" },
      { name: "cp1-kubernetes", stdout: "manages unit kubelet enabled -\n{}" },
      { name: "cp1-join", stdout: "manages unit kubelet enabled active\n{}", undoes: true, generation: 4 },
    ];
    const bastion = { host: "1.2.3.4", port: 22, user: "jump", privateKey: "K2", hostKey: "ssh-rsa BBBB" };
    const { hosts } = readDeclared(exported([{ target: { ...target("10.0.0.1"), bastion }, steps }]));
    expect(hosts).toEqual([
      {
        name: "cp1",
        target: { ...target("10.0.0.1"), bastion },
        claims: [{ kind: "unit", subject: "kubelet", fields: ["enabled", "active"], step: "cp1-join" }],
        steps: [
          { name: "cp1-facts", undoes: false },
          { name: "cp1-kubernetes", undoes: false },
          { name: "cp1-join", undoes: true },
        ],
        generation: 4,
      },
    ]);
  });
});
