import type { ErrorCode, YAMLError } from "yaml";

type Meaning = (error: YAMLError, found: string) => string;

/** For what a code says more than one thing: the first row whose words are in the library's message. */
const byWords: readonly (readonly [string, Meaning])[] = [
  ["Missing closing", (_, found) => `the quote ${found} that opens here is not closed`],
  ["Implicit map keys need", () => "a key without a colon: write key: value"],
  ["Missing , or :", () => "a comma or a colon is missing between entries of { } or [ ]"],
  ["Missing , between", () => "a comma is missing between entries of { } or [ ]"],
  [
    "Flow map in block",
    () => "the { further up is not closed by a }, or this line is indented less than its key",
  ],
  [
    "Flow sequence in block",
    () => "the [ further up is not closed by a ], or this line is indented less than its key",
  ],
  ["must end with a", () => "a { or [ further up is not closed"],
  [
    "All mapping items",
    () => "this key begins at another column than the keys beside it: indent it as they are",
  ],
  [
    "All sequence items",
    () => "this - begins at another column than the items beside it: indent it as they are",
  ],
  [
    "Nested mappings",
    () => "a second colon in one line: put the value in quotes, or the inner key on a line of its own",
  ],
  ["Block scalar", () => "after | or > the line has to end: put the text on the next line, indented"],
  [
    "Invalid escape",
    ({ message }) =>
      `${message.split(" ").at(-1)} is no escape: write \\\\ for a backslash, or take single quotes`,
  ],
  ["Alias cannot be", () => "* begins an alias: put the value in quotes"],
  ["Anchor cannot be", () => "& begins an anchor: put the value in quotes"],
  ["at node end", () => "the value has ended before this: put all of it in quotes, or take the rest away"],
  ["same line with key", () => "a list begins in the line of its key: put the - on the next line"],
  ["Comments must be separated", () => "# needs a space before it to begin a comment"],
];

/** What is wrong and what to do, by the library's codes. */
const byCode: Readonly<Partial<Record<ErrorCode, Meaning>>> = {
  TAB_AS_INDENT: () => "a tab indents this line: indent by spaces",
  BAD_SCALAR_START: (_, found) => `a value cannot begin with ${found.slice(0, 1)}: put it in quotes`,
  BLOCK_IN_FLOW: () => "a key or a - on a line of its own inside of { } or [ ]: is a bracket not closed?",
  MULTILINE_IMPLICIT_KEY: () =>
    "this line is no key: a colon is missing, or it belongs to the text above and is indented too little",
  KEY_OVER_1024_CHARS: () => "a key has more than 1024 letters: is a colon missing further up?",
  UNEXPECTED_TOKEN: (_, found) =>
    `${JSON.stringify(found)} is not expected here: is the line indented right, or a quote missing?`,
  BAD_INDENT: () => "this line is indented otherwise than what it belongs to",
  BAD_DIRECTIVE: () => "a line that begins with % is a directive, and this one is none: %YAML 1.2, then ---",
  MULTIPLE_ANCHORS: () => "a value has two anchors (&): keep one",
  MULTIPLE_TAGS: () => "a value has two tags (!): keep one",
  ALIAS_PROPS: () => "an alias (*) takes neither anchor nor tag",
  BAD_COLLECTION_TYPE: () => "the tag (!!) does not fit the value behind it",
  TAG_RESOLVE_FAILED: () => "the tag (!) does not fit the value behind it",
};

/** What an error of the library means, in the words of whoever wrote the file. */
export function meaningOf(error: YAMLError, text: string): string {
  const [start, end] = error.pos;
  const found = /Missing closing "/.test(error.message)
    ? '"'
    : /Missing closing '/.test(error.message)
      ? "'"
      : text.slice(start, end);
  const [, byWord] = byWords.find(([words]) => error.message.includes(words)) ?? [];
  const meaning = byWord ?? byCode[error.code];
  return meaning === undefined ? `this is no YAML: ${error.message}` : meaning(error, found);
}
