import { projectFiles, readProjectFile } from "../support/rendered";

/** A page for people, with its text parted from its blocks of code. */
export interface Page {
  /** Its path, from the project's root. */
  readonly path: string;
  readonly text: string;
  /** The text without blocks of code. */
  readonly prose: string;
  /** Blocks of code with their language, the empty text where the page names none. */
  readonly blocks: readonly { readonly language: string; readonly code: string }[];
}

const FENCED = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;

function page(path: string): Page {
  const text = readProjectFile(path);
  const blocks = [...text.matchAll(FENCED)].map(([, , language = "", code = ""]) => ({ language, code }));
  return { path, text, prose: text.replaceAll(FENCED, ""), blocks };
}

/** Every page of the project, the reference that is generated too. */
export const pages: readonly Page[] = [
  "README.md",
  "CONTRIBUTING.md",
  ...projectFiles(["docs"], (path) => path.endsWith(".md")),
].map(page);

/** What a page has between single backticks, in its prose. */
export const quoted = ({ prose }: Page): string[] =>
  [...prose.matchAll(/`([^`\n]+(?:\n[^`\n]+)?)`/g)].map(([, text = ""]) => text.replaceAll("\n", " "));

/** The name by which a heading is linked to, as GitHub makes it. */
const anchor = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

export const anchorsOf = ({ prose }: Page): string[] =>
  [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchor(heading));

/** Targets of a page's relative links, with their anchor. */
export const linksOf = ({ prose }: Page): string[] =>
  [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
