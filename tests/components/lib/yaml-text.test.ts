import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  decodeYaml,
  parseYaml,
  parseYamlDocument,
  parseYamlMap,
  readYamlDocuments,
  readYamlText,
  YamlError,
} from "../../../components/lib/yaml-text";

const folder = mkdtempSync(path.join(tmpdir(), "yaml-text-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const said = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof YamlError) return error.message;
    throw error;
  }
  return "";
};

/** Ten texts, repeated ten times, and so on: a hundred million in the end. */
const bomb = [..."abcdefgh"].map((name, place, all) => {
  const items = Array(10).fill(place === 0 ? "x" : `*${all[place - 1]}`);
  return `${name}: &${name} [${items.join(",")}]\n`;
});

describe("YAML that cannot be read", () => {
  it.each([
    ["a tab that indents", "a:\n\tb: 1\n", "2:1: a tab indents this line: indent by spaces", "\tb: 1", "^"],
    [
      "a quote that is not closed",
      'a: 1\nb: "open\nc: 2\n',
      '2:4: the quote " that opens here is not closed',
      'b: "open',
      "   ^",
    ],
    [
      "a single quote that is not closed",
      "a: 'open\n",
      "1:4: the quote ' that opens here is not closed",
      "a: 'open",
      "   ^",
    ],
    [
      "a key that stands twice",
      "a: 1\nb: 2\na: 3\n",
      "3:1: the key a stands twice in one map, first in line 1: keep one of them",
      "a: 3",
      "^",
    ],
    [
      "a bracket that is not closed",
      "a: [1, 2\nb: 3\n",
      "2:1: the [ further up is not closed by a ], or this line is indented less than its key",
      "b: 3",
      "^",
    ],
    [
      "a brace at the end",
      "a: {b: 1\n",
      "1:9: the { further up is not closed by a }, or this line is indented less than its key",
      "a: {b: 1",
      "        ^",
    ],
    [
      "a key at another column",
      "a:\n  b: 1\n c: 2\n",
      "3:1: this key begins at another column than the keys beside it: indent it as they are",
      " c: 2",
      "^",
    ],
    [
      "a colon too many",
      "a: b: c\n",
      "1:4: a second colon in one line: put the value in quotes, or the inner key on a line of its own",
      "a: b: c",
      "   ^",
    ],
    ["a colon too few", "a: 1\nb\nc: 2\n", "2:1: a key without a colon: write key: value", "b", "^"],
    ["a reserved letter", "a: @x\n", "1:4: a value cannot begin with @: put it in quotes", "a: @x", "   ^"],
    [
      "an alias by mistake",
      "hosts:\n  - *.example.com\n",
      "2:5: *.example.com is an alias, and no anchor &.example.com stands before it: put a value that begins with * in quotes",
      "  - *.example.com",
      "    ^",
    ],
    ["a star alone", "host: *\n", "1:7: * begins an alias: put the value in quotes", "host: *", "      ^"],
    [
      "an escape that is none",
      'a: "\\q"\n',
      "1:5: \\q is no escape: write \\\\ for a backslash, or take single quotes",
      'a: "\\q"',
      "    ^",
    ],
    [
      "more after a text",
      "a: 'x' y\n",
      "1:8: the value has ended before this: put all of it in quotes, or take the rest away",
      "a: 'x' y",
      "       ^",
    ],
    [
      "a merge conflict",
      "a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n",
      "2:1: a merge conflict that was not resolved: keep one of the two sides, without <<<<<<<, ======= and >>>>>>>",
      "<<<<<<< HEAD",
      "^",
    ],
    [
      "a template",
      "a: 1\n{{- if .Values.b }}\nb: 2\n{{- end }}\n",
      "2:1: this is a template and no YAML yet ({{ … }}): render it first, as by helm template, and read the result",
      "{{- if .Values.b }}",
      "^",
    ],
    [
      "a control character",
      "a: x\u0000\n",
      "1:5: a control character, which YAML does not allow: is this a text file?",
      "a: x\u0000",
      "    ^",
    ],
    [
      "a second document",
      "a: 1\n---\nb: 2\n",
      "2:1: a second document begins here, and only one is read: take the --- away",
      "---",
      "^",
    ],
    [
      "an anchor inside of itself",
      "a: &a [*a]\n",
      "1:8: *a is inside of its own anchor",
      "a: &a [*a]",
      "       ^",
    ],
    [
      "aliases that fill the memory",
      bomb.join(""),
      "2:8: aliases repeat their anchors more than 10000 times, as to fill the memory: write the values out",
      bomb[1]?.trim(),
      "       ^",
    ],
  ])("shows %s, with its place and what is wrong", (_, text, where, line, caret) => {
    expect(said(() => parseYaml(text, "stack.yaml"))).toBe(`stack.yaml:${where}\n  ${line}\n  ${caret}`);
  });

  it("tells of every key that stands twice, and of the first fault of each document", () => {
    const text = "a: 1\na: 2\nb:\n  c: 1\n  c: 2\n";
    expect(said(() => parseYaml(text, "f")).match(/^f:\d+:\d+/gm)).toEqual(["f:2:1", "f:5:3"]);
    expect(said(() => parseYaml("a: @x\n---\nb: @y\n", "f")).match(/^f:\d+:\d+/gm)).toEqual([
      "f:1:4",
      "f:3:4",
    ]);
  });

  it("shows of a long line what is around the place", () => {
    const [, line = "", caret = ""] = said(() => parseYaml(`a: "${"x".repeat(500)}" y`, "f")).split("\n");
    expect([line.length, line[caret.length - 1]]).toEqual([102, "y"]);
  });

  it.each([
    ["- a\n", "f:1:1: this is a list, and a stack is a map of keys: write key: value\n  - a\n  ^"],
    [
      "# c\nhello\n",
      'f:2:1: this is the text "hello", and a stack is a map of keys: write key: value\n  hello\n  ^',
    ],
  ])("wants a map where one has to stand", (text, expected) => {
    expect(said(() => parseYamlMap(text, "f", "a stack"))).toBe(expected);
  });

  it.each(["", "\n", "# nothing\n", "---\n", "~\n"])("takes %j for an empty map", (text) => {
    expect(parseYamlMap(text, "f", "a stack")).toEqual({});
    expect(parseYaml(text, "f") ?? undefined).toBeUndefined();
  });

  it("keeps comments for who writes a file back, and refuses what cannot be written back", () => {
    const document = parseYamlDocument("# why\na: 1\n", "f");
    document.set("b", 2);
    expect(document.toString()).toBe("# why\na: 1\nb: 2\n");
    const empty = parseYamlDocument("", "f");
    empty.set("a", 1);
    expect(empty.toString()).toBe("a: 1\n");
    expect(said(() => parseYamlDocument("a: [", "f"))).toMatch(/^f:1:5: the \[ further up/);
  });
});

describe("a file that is no text", () => {
  const file = path.join(folder, "latin1.yaml");
  writeFileSync(file, Buffer.from("a: 1\nname: caf\xe9 au lait\n", "latin1"));

  it.each([
    [
      "other bytes than UTF-8",
      file,
      `${file}:2:10: the byte 0xE9 is no UTF-8: save the file as UTF-8\n  name: caf\ufffd au lait\n           ^`,
    ],
    ["a folder", folder, `${folder}: this is a folder, and a file is read here`],
    [
      "a file that is not there",
      path.join(folder, "no.yaml"),
      `${path.join(folder, "no.yaml")}: there is no such file`,
    ],
  ])("is refused for %s", (_, name, expected) => {
    expect(said(() => readYamlText(name))).toBe(expected);
  });

  it("finds the byte behind a letter that was lost before", () => {
    const bytes = Buffer.concat([Buffer.from("a: \ufffd\nb: "), Buffer.from([0xff, 0x0a])]);
    expect(said(() => decodeYaml(bytes, "f"))).toMatch(/^f:2:4: the byte 0xFF/);
  });

  it.each([
    ["UTF-8 with a mark", Buffer.from("\ufeffa: ä\n")],
    ["UTF-16 as Windows writes it", Buffer.from("\ufeffa: ä\r\n", "utf16le")],
    ["UTF-16, the other way round", Buffer.from("\ufeffa: ä\n", "utf16le").swap16()],
  ])("is read where it is %s", (_, bytes) => {
    expect(parseYaml(decodeYaml(bytes, "f"), "f")).toEqual({ a: "ä" });
  });
});

describe("YAML as kubectl reads it", () => {
  const read = (text: string) =>
    readYamlDocuments(text, "f").documents.map(({ faults, value }) => faults[0]?.message ?? value);

  it.each([
    [
      "a quoted text that goes on at the column of its key",
      "a:\n  d: 'one\n  two:\n  three'\n  e: 1\n---\nb: 2\n",
      [{ a: { d: "one two: three", e: 1 } }, { b: 2 }],
    ],
    ["one in double quotes at the margin", 'a:\n  d: "one\ntwo"\n  e: 1\n', [{ a: { d: "one two", e: 1 } }]],
    ["brackets that go on at the margin", "a: [\n1,\n2\n]\nb: {\nc: 1\n}\n", [{ a: [1, 2], b: { c: 1 } }]],
    [
      "tabs within brackets",
      "a: {\tb: 1,\n\tc: 2 }\nd: [\n\t1,\n\t2\n\t]\ne: 1\n",
      [{ a: { b: 1, c: 2 }, d: [1, 2], e: 1 }],
    ],
    ["JSON with tabs", '{\n\t"a": [1,\n\t\t2],\n\t"b": {"c": "\\/x"}\n}\n', [{ a: [1, 2], b: { c: "/x" } }]],
    [
      "switches",
      "[yes, No, on, OFF, y, n, 'yes', True, yEs]",
      [[true, false, true, false, true, false, "yes", true, "yEs"]],
    ],
    [
      "numbers",
      "[0644, 0o644, 0x1F, 0b11, 1_000, 1e3, 08, .5, ~]",
      [[420, 420, 31, 3, 1000, 1000, 8, 0.5, null]],
    ],
    [
      "what is no number",
      "[12:30, 1:20:30, 2026-01-01, 1.2.3]",
      [["12:30", "1:20:30", "2026-01-01", "1.2.3"]],
    ],
    ["an anchor that is set anew", "a: &x 1\nb: &x 2\nc: *x\n", [{ a: 1, b: 2, c: 2 }]],
    ["a merge", "a: &a {x: 1}\nb: {<<: *a, z: 2}\n", [{ a: { x: 1 }, b: { x: 1, z: 2 } }]],
    ["directives", "%YAML 1.1\n# why\n---\na: yes\n", [{ a: true }]],
    ["separators with comments", "# c\n--- # shop\na: 1\n--- {b: 2}\n...\n# end\n", [{ a: 1 }, { b: 2 }]],
    [
      "line ends of Windows",
      'a: 1\r\nb:\r\n  - x\r\n---\r\nc: "d\r\n  e"\r\n',
      [{ a: 1, b: ["x"] }, { c: "d e" }],
    ],
    ["marks of joined files", "\ufeffa: 1\n---\n\ufeffb: 2\n", [{ a: 1 }, { b: 2 }]],
    ["tags that it does not know", "a: !Ref b\nc: !!set {d}\n", [{ a: "b", c: { d: null } }]],
    ["a key that stands twice", "a: 1\na: 2\n", [{ a: 2 }]],
  ])("takes %s", (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it("reads the documents around one that is broken", () => {
    expect(read("a: 1\n---\nb: [\n---\nc: 3\n")).toEqual([
      { a: 1 },
      expect.stringMatching(/^the \[/),
      { c: 3 },
    ]);
  });

  it("reads yes and 0644 of a stack as text and number, for its own checks", () => {
    expect(parseYaml("[yes, 0644, true]", "f")).toEqual(["yes", 644, true]);
  });
});
