import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { config } from "../../stacks/config/schema";
import { NAMESPACE, secretKeys } from "../../stacks/config/secret-keys";
import { readProjectFile } from "../support/rendered";
import { pages, quoted } from "./pages";

type Values = Readonly<Record<string, unknown>>;
const prefix = `${NAMESPACE}:`;

/** Fields of the config without kinds, items and names: `hosts.members.name`. */
const fields = new Set(
  [...readProjectFile("docs/config.md").matchAll(/^\| `([^`]+)` \|/gm)].map(([, path = ""]) =>
    path.replaceAll(/\(\w+\)|\[\]/g, ""),
  ),
);
const sections = Object.keys(config.shape);

/** The part of a stack that a block is: all of it, its `config`, or what stands below one section. */
function sectionsIn(block: Values): Values | undefined {
  const inner = (block.config ?? block) as Values;
  const keys = Object.keys(inner);
  if (keys.every((key) => key.startsWith(prefix)))
    return Object.fromEntries(keys.map((key) => [key.slice(prefix.length), inner[key]]));
  const section = sections.find((name) => keys.every((key) => fields.has(`${name}.${key}`)));
  return section === undefined ? undefined : { [section]: inner };
}

const valueAt = (piece: Values, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], piece);

/** Blocks of the pages that are pieces of a stack, each with its page. */
const pieces = pages.flatMap(({ path, blocks }) =>
  blocks
    .filter(({ language }) => language === "yaml")
    .flatMap(({ code }) => parseAllDocuments(code).map((document) => document.toJS() as Values))
    .flatMap((block) => {
      const piece = sectionsIn(block);
      return piece === undefined ? [] : [[path, piece] as const];
    }),
);

describe("the config in the pages", () => {
  it("is found", () => expect(pieces.length).toBeGreaterThanOrEqual(13));

  it.each(pieces)("is a piece of a stack in %s", (_, piece) => {
    const { issues = [] } = config.safeParse(piece).error ?? {};
    // What readers have to put in themselves ends with an ellipsis.
    expect(issues.filter(({ path }) => !String(valueAt(piece, path)).endsWith("…"))).toEqual([]);
  });

  it("is told by fields that there are", () => {
    const known = (path: string) => fields.has(path) || path in secretKeys;
    const wrong = pages.flatMap((page) =>
      quoted(page)
        .filter((text) => /^[a-z]\w*(\.\w+)+$/i.test(text) && sections.includes(text.split(".")[0] ?? ""))
        .filter((text) => !/\.(?:ts|sh|md|yaml|json|toml)$|\.kind$/.test(text) && !known(text))
        .map((text) => `${page.path}: ${text}`),
    );
    expect(wrong).toEqual([]);
  });
});
