import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type CommandLine,
  HelpRequest,
  readWords,
  stackFlag,
  stackOr,
  UsageError,
  writeResult,
} from "../../scripts/lib/command-line";

const one = {
  typed: "npm run one --",
  what: "Does one thing.",
  words: [{ name: "PATH", what: "a file", many: true }],
  flags: {
    ...stackFlag,
    "fail-on": { value: "LEVEL", default: "error", allowed: ["error", "never"], what: "a level" },
    size: { value: "N", many: true, read: Number, what: "a size" },
    dry: { what: "does nothing" },
  },
} as const satisfies CommandLine;

const several = {
  typed: "npm run several --",
  what: "Does one of several things.",
  flags: stackFlag,
  commands: {
    show: { what: "shows" },
    remove: { what: "removes", words: [{ name: "ID", what: "which" }], flags: { yes: { what: "does it" } } },
  },
} as const satisfies CommandLine;

const thrown = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
const refused = (line: CommandLine, words: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const error = thrown(() => readWords(line, words, env));
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message.split("\n");
};

describe("words of a command", () => {
  it("come as what the flags make of them, with defaults, by the flags' own names", () => {
    expect(readWords(one, ["a", "--size", "1", "--size=2", "b", "-s", "lab", "--dry"], {})).toEqual({
      command: undefined,
      words: ["a", "b"],
      values: { stack: "lab", "fail-on": "error", size: [1, 2], dry: true },
    });
    expect(readWords(one, ["-"], {}).values).toEqual({
      ...{ stack: undefined, "fail-on": "error", size: [], dry: false },
    });
  });

  it("name a subcommand, whose flags and those of all may stand before or after it", () => {
    for (const words of [
      ["--stack", "lab", "remove", "abc", "--yes"],
      ["remove", "--yes", "abc", "--stack", "lab"],
    ])
      expect(readWords(several, words, {})).toEqual({
        command: "remove",
        words: ["abc"],
        values: { stack: "lab", yes: true },
      });
  });

  it("are no flags behind --", () => {
    expect(readWords(one, ["--", "--help", "-h"], {}).words).toEqual(["--help", "-h"]);
  });

  it.each([[["--help"]], [["-h"]], [["a", "-h"]], [["--bogus", "--help"]], [["--stack", "--help"]]])(
    "are answered by the help at %j",
    (words) => {
      const error = thrown(() => readWords(one, words, {}));
      expect(error).toBeInstanceOf(HelpRequest);
      const [usage, , what] = (error as Error).message.split("\n");
      expect([usage, what]).toEqual(["Usage: npm run one -- [options] <PATH...>", "Does one thing."]);
      expect((error as Error).message).toContain('(choices: "error", "never", default: "error")');
    },
  );

  it("are answered by the help of a subcommand that they name", () => {
    const error = thrown(() => readWords(several, ["--help", "remove"], {})) as Error;
    expect(error.message.split("\n")[0]).toBe("Usage: npm run several -- remove [options] <ID>");
    expect(error.message).toContain("--stack <NAME>");
  });
});

describe("a command line is refused", () => {
  it("with an unknown flag, in one line with a near one, and what is allowed", () => {
    expect(refused(one, ["a", "--fail-no", "x"])).toEqual([
      "unknown option '--fail-no'. Did you mean --fail-on?",
      "allowed: --stack, --fail-on, --size, --dry, --help. `npm run one -- --help` tells more.",
    ]);
    expect(refused(several, ["show", "--yes"])).toEqual([
      "unknown option '--yes'",
      "allowed: --stack, --help. `npm run several -- show --help` tells more.",
    ]);
  });

  it("with an unknown subcommand, likewise", () => {
    expect(refused(several, ["remvoe", "abc"])).toEqual([
      "unknown command 'remvoe'. Did you mean remove?",
      "allowed: show, remove. `npm run several -- --help` tells more.",
    ]);
  });

  it.each([
    [several, [], "name one of show, remove"],
    [several, ["remove"], "missing required argument 'ID'"],
    [several, ["show", "abc"], "too many arguments for 'show'. Expected 0 arguments but got 1."],
    [one, [], "missing required argument 'PATH'"],
  ] as const)("%# where a word is missing or too many, with the usage", (line, words, message) => {
    const [first, empty, usage] = refused(line, words);
    expect([first, empty, usage?.startsWith("Usage: npm run ")]).toEqual([message, "", true]);
  });

  it("with a value that is none of the allowed, or none at all", () => {
    const more = "`npm run one -- --help` tells more.";
    expect(refused(one, ["a", "--fail-on", "warning"])).toEqual([
      "option '--fail-on <LEVEL>' argument 'warning' is invalid. Allowed choices are error, never.",
      more,
    ]);
    expect(refused(one, ["a", "--stack"])).toEqual(["option '-s, --stack <NAME>' argument missing", more]);
    expect(refused(one, ["a", "--stack", "--dry"])).toEqual([
      "option '-s, --stack <NAME>' argument '--dry' is invalid. Write the NAME behind it.",
      more,
    ]);
  });

  it("where npm has taken a flag for its own, since the command did not get it", () => {
    expect(refused(one, ["lab"], { npm_config_fail_on: "never" })).toEqual([
      "npm took --fail-on for a flag of its own, and this command did not get it: write it behind `npm run one --`",
    ]);
    // A setting of npm's, which may come from the user's .npmrc.
    expect(readWords(several, ["show"], { npm_config_yes: "true" }).command).toBe("show");
  });
});

describe("the stack that is meant", () => {
  it("is the one that is named, else that of PULUMI_STACK, else dev", () => {
    expect([stackOr("a", { PULUMI_STACK: "b" }), stackOr(undefined, { PULUMI_STACK: "b" })]).toEqual([
      "a",
      "b",
    ]);
    expect([stackOr(undefined, {}), stackOr(undefined, { PULUMI_STACK: "" })]).toEqual(["dev", "dev"]);
  });
});

describe("a result", () => {
  it("goes to the file that is named, whose folder need not be there, and ends with one line break", () => {
    const folder = mkdtempSync(join(tmpdir(), "mesh-result-"));
    const file = join(folder, "deep", "a.json");
    writeResult(file, "{}");
    expect(readFileSync(file, "utf8")).toBe("{}\n");
    writeResult(file, "text\n");
    expect(readFileSync(file, "utf8")).toBe("text\n");
    rmSync(folder, { recursive: true });
    expect(existsSync(file)).toBe(false);
  });
});
