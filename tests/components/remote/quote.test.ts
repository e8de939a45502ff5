import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quote, toText } from "../../../components/remote/quote";
import { renderScript } from "../../../components/remote/script";

/** What bash makes of quoted words: it prints each of them with a NUL behind it, byte for byte. */
function readBack(words: readonly string[]): string[] {
  const program = `printf '%s\\0' ${words.map(quote).join(" ")}\n`;
  const { stdout, stderr, status } = spawnSync("bash", ["-s"], {
    input: program,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.split("\0").slice(0, -1);
}

const nasty: readonly (readonly [what: string, value: string])[] = [
  ["nothing", ""],
  ["a blank", " "],
  ["single quotes", "it's '' ''' a \\' test'"],
  ["double quotes", 'say "yes"'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash that must not expand it.
  ["a variable", "$HOME ${PATH} $1 $$"],
  ["a command", "$(touch /tmp/mesh-platform-owned) `id`"],
  ["an arithmetic", "$((1+1))"],
  ["backslashes", "\\ \\\\ \\n \\'"],
  ["a line break", "one\ntwo"],
  ["a line break at the end", "one\n"],
  ["line breaks alone", "\n\n\n"],
  ["a carriage return and a tab", "a\r\tb"],
  ["a leading dash", "-rf --help"],
  ["history expansion", "!! !x wow!"],
  ["a glob", "* ? [a-z] ~ {a,b}"],
  ["an end of input", "EOF\nmain() {\n}\n"],
  ["redirections and chains", "; rm x & | > y < z # comment"],
  ["letters of the world", "größe 汉字 🐙 \u0301 \u200b"],
  ["control characters", Array.from({ length: 31 }, (_, index) => String.fromCharCode(index + 1)).join("")],
  ["very much", `${"x".repeat(99_999)}'`],
];

describe("quote", () => {
  it.each(nasty)("gives bash %s back as it was", (_what, value) => {
    expect(readBack([value])).toEqual([value]);
  });

  it("runs nothing of what it quotes", () => {
    readBack(nasty.map(([, value]) => value));
    expect(existsSync("/tmp/mesh-platform-owned")).toBe(false);
  });

  it("gives any words back as they were, each as one word", () => {
    const word = fc.oneof(
      fc.string({ unit: "binary", maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(..."'\"\\$`!*\n\t -#&|;(){}[]<>~?=") }),
    );
    fc.assert(
      fc.property(
        fc.array(
          word.map((text) => text.replaceAll("\0", "")),
          { minLength: 1, maxLength: 40 },
        ),
        (words) => {
          expect(readBack(words)).toEqual(words);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("refuses a NUL byte, which bash would drop", () => {
    expect(() => quote("a\0b")).toThrow("a script parameter contains a NUL byte");
  });

  it("leaves the value readable", () => {
    expect(quote("net.ipv4.ip_forward = 1\n")).toBe("'net.ipv4.ip_forward = 1\n'");
    expect(quote("it's")).toBe("'it'\\''s'");
  });
});

describe("toText", () => {
  it.each([
    ["text", "text"],
    [7, "7"],
    [true, "true"],
    [false, "false"],
    [["a", 2, "c d"], "a\n2\nc d"],
    [[], ""],
  ])("writes %j as %j", (value, text) => {
    expect(toText(value)).toBe(text);
  });

  it("refuses a list item that would become two", () => {
    expect(() => toText(["good", "b\nad"])).toThrow(
      'a list parameter holds an item with a line break ("b\\nad")',
    );
  });
});

describe("a rendered script", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "mesh-platform-"));
    writeFileSync(join(folder, "echo.sh"), 'printf "%s" "$VALUE" | base64 -w 0\n');
    writeFileSync(
      join(folder, "greedy.sh"),
      "read -r line || line=nothing\necho \"$line\"\nbash -s <<<'cat'\necho end\n",
    );
    writeFileSync(join(folder, "action.sh"), 'echo "$1"\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (script: string, parameters: Readonly<Record<string, string>>, action = "create") =>
    spawnSync("bash", ["-s", "--", action], {
      input: renderScript(join(folder, script), parameters),
      encoding: "utf8",
    });

  it.each(nasty.filter(([what]) => what !== "very much"))(
    "sees a parameter of %s as it was given",
    (_what, value) => {
      const { stdout, status } = run("echo.sh", { VALUE: value });
      expect({ status, value: Buffer.from(stdout, "base64").toString() }).toEqual({ status: 0, value });
    },
  );

  it("cannot have the rest of itself swallowed by a command that reads", () => {
    expect(run("greedy.sh", {}).stdout).toBe("nothing\nend\n");
  });

  it("is told what to do", () => {
    expect(run("action.sh", {}, "delete").stdout).toBe("delete\n");
  });

  it("runs nothing if it arrives only in part", () => {
    const whole = renderScript(join(folder, "action.sh"), {});
    const half = whole.slice(0, whole.indexOf("echo") + 10);
    const { stdout, status } = spawnSync("bash", ["-s", "--", "create"], { input: half, encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).not.toBe(0);
  });
});
