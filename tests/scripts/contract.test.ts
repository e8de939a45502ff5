import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { inventory, lab, recordPlatform, sandbox } from "../support/platforms";
import { type Registration, textInput } from "../support/recording";
import { demandedNames, parseRendered, readProjectFile, stepScripts } from "../support/rendered";

const scripts = stepScripts();

/** Platforms that are unlike enough that together they run every script, each with its real parameters. */
const platforms: readonly object[] = [
  sandbox(),
  inventory(),
  lab(),
  inventory(1, { artifacts: { kind: "aliyun" }, runtime: { kind: "criDockerd", version: "28.5.2" } }),
  inventory(1, { preset: "seed000", mesh: { version: "1.10.0" } }),
  inventory(1, { network: { kind: "kubeRouter", kubeProxy: "none", kubeRouter: { serviceProxy: true } } }),
];

/** Every step of all of them, below the script that it runs. */
const steps = new Map<string, Registration[]>();
beforeAll(async () => {
  const recordings = [];
  for (const config of platforms) recordings.push(await recordPlatform(config));
  const fileOf = new Map(scripts.map((path) => [readProjectFile(path).trimEnd(), path]));
  for (const step of recordings.flatMap((recording) => recording.steps())) {
    const path = fileOf.get(parseRendered(textInput(step, "stdin")).body) ?? `no file, in step ${step.name}`;
    steps.set(path, [...(steps.get(path) ?? []), step]);
  }
}, 60_000);

describe.each(scripts)("%s", (path) => {
  const text = readProjectFile(path);

  it("is given exactly the parameters that it demands", () => {
    const users = steps.get(path) ?? [];
    expect(users.length).toBeGreaterThan(0);
    for (const step of users) {
      const given = Object.keys(parseRendered(textInput(step, "stdin")).parameters);
      expect([step.name, given.sort()]).toEqual([step.name, demandedNames(text).sort()]);
    }
  });

  it("demands them in its head alone, each in one form and with a meaning", () => {
    const demands = text.split("\n").flatMap((line, index) => (/^: "\$\{/.test(line) ? [index] : []));
    expect(demands.length).toBe(demandedNames(text).length);
    expect(demands).toEqual(demands.map((_, index) => (demands[0] ?? 0) + index));
    // bash reads a quote inside ${…?…} as the start of a string that never ends.
    expect(text.split("\n").filter((line) => /^: "\$\{.*['"`].*\}"$/.test(line))).toEqual([]);
  });

  it("uses what it demands", () => {
    const body = [text, ...librariesOf(path, text)].join("\n").replaceAll(/^: "\$\{.*$/gm, "");
    const unused = demandedNames(text).filter((name) => !new RegExp(`\\b${name}\\b`).test(body));
    // Named in the head for one purpose: that the step runs again when the value changes.
    expect(
      unused.filter((name) => !/changes|a restart|more than before|digest/.test(meaningOf(text, name))),
    ).toEqual([]);
  });

  it("begins by saying what it does, and why it may be repeated", () => {
    const comment = /^(?:#.*\n)+/.exec(text)?.[0] ?? "";
    expect(comment.length).toBeGreaterThan(30);
    expect(comment.replaceAll(/\n?# ?/g, " ")).toMatch(
      /[Ss]afe to repeat|[Cc]hanges nothing|left alone|asked of the API server/,
    );
  });

  it("is bash", () => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: text, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it("is bash as it is run, with every parameter of every step", () => {
    for (const step of steps.get(path) ?? []) {
      const { status, stderr } = spawnSync("bash", ["-n"], {
        input: textInput(step, "stdin"),
        encoding: "utf8",
      });
      expect([step.name, status, stderr]).toEqual([step.name, 0, ""]);
    }
    expect(steps.has(path)).toBe(true);
  });
});

describe("together", () => {
  it("the scripts are all that the steps run", () => {
    expect([...steps.keys()].sort()).toEqual(scripts);
  });
});

/** Texts of the libraries that a script names: its parameters are theirs too. */
function librariesOf(path: string, text: string): string[] {
  return [...text.matchAll(/^# library: (\S+)$/gm)].map(([, name]) =>
    readProjectFile(join(dirname(path), name ?? "")),
  );
}

function meaningOf(text: string, name: string): string {
  return new RegExp(`^: "\\$\\{${name}\\?([^}]+)\\}"$`, "m").exec(text)?.[1] ?? "";
}
