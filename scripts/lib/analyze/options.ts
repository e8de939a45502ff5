import type { Severity } from "../../../components/lib/findings";
import { type CommandLine, outFlag, type Read, wrongUse } from "../command-line";

export interface SuppressedFinding {
  readonly code: string;
  /** `VirtualService shop/cart`, as findings name it. */
  readonly object: string;
  readonly reason: string;
}

export interface AnalyzeOptions {
  readonly paths: readonly string[];
  readonly output: "text" | "json" | "sarif";
  /** Where the result goes. Default: the standard output. */
  readonly out: string | undefined;
  /** The least severity that makes the run fail. */
  readonly failOn: Severity | "never";
  /** Take what is in the files for everything that there is. */
  readonly closed: boolean;
  /** Of objects that name none. */
  readonly namespace: string;
  readonly suppressed: readonly SuppressedFinding[];
  /** A code to be told about instead. */
  readonly explain: string | undefined;
}

function suppression(text: string): SuppressedFinding {
  const [, code = "", place = "", reason = ""] = /^([A-Z]+\d+)=([^=]+)=\s*(\S.*)$/.exec(text) ?? [];
  const [kind = "", ...name] = place.split("/");
  if (code === "" || name.length < 1 || name.length > 2 || name.includes("")) {
    throw new Error("Write CODE=KIND/NAMESPACE/NAME=REASON.");
  }
  return { code, object: `${kind} ${name.join("/")}`, reason };
}

/** Words of every command that reads files of Kubernetes objects. */
export const objectFiles = {
  words: [
    {
      name: "PATH",
      what: "a YAML or JSON file, a folder of them, or - for the standard input",
      many: true,
      optional: true,
    },
  ],
  flags: {
    closed: { what: "the files are everything: what is not there is missing" },
    namespace: { short: "n", value: "NAME", default: "default", what: "of objects that name none" },
    ...outFlag,
  },
} as const;

export const commandLine = {
  typed: "npm run analyze --",
  what: "Finds mistakes in Kubernetes and Istio objects of YAML files. It asks no cluster.",
  words: objectFiles.words,
  flags: {
    output: {
      short: "o",
      value: "FORM",
      default: "text",
      allowed: ["text", "json", "sarif"],
      what: "of the result",
    },
    "fail-on": {
      value: "SEVERITY",
      default: "error",
      allowed: ["error", "warning", "info", "never"],
      what: "from which on the exit code is 3",
    },
    suppress: {
      value: "CODE=KIND/NAMESPACE/NAME=REASON",
      many: true,
      read: suppression,
      what: "leaves a finding out; may stand several times",
    },
    explain: { value: "CODE", what: "what a code means" },
    ...objectFiles.flags,
  },
} as const satisfies CommandLine;

/** What the words of a command line mean. Throws a `UsageError`. */
export function optionsOf({ values, words }: Read<typeof commandLine>): AnalyzeOptions {
  const { "fail-on": failOn, suppress, ...rest } = values;
  if (words.length === 0 && values.explain === undefined)
    throw wrongUse(commandLine, "name a PATH, or - for the standard input");
  return { ...rest, paths: words, failOn, suppressed: suppress };
}
