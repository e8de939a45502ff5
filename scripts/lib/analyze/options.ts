import type { Severity } from "../../../components/lib/findings";
import { type Flags, parseWords, UsageError } from "../usage";

export interface SuppressedFinding {
  readonly code: string;
  /** `VirtualService shop/cart`, as findings name it. */
  readonly object: string;
  readonly reason: string;
}

export interface AnalyzeOptions {
  readonly paths: readonly string[];
  readonly output: "text" | "json" | "sarif";
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

export const usage = `npm run analyze -- [OPTIONS] PATH…
  PATH                 a YAML or JSON file, a folder of them, or - for the standard input
  --output FORM        text (default), json or sarif
  --fail-on SEVERITY   error (default), warning, info or never: what makes the exit code 2
  --closed             the files are everything: what is not there is missing
  --namespace NAME     of objects that name none (default: default)
  --suppress CODE=KIND/NAMESPACE/NAME=REASON   leave a finding out; may stand several times
  --explain CODE       what a code means`;

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--${flag} ${value}: write ${allowed.join(", ")}`);
  return found;
}

function suppression(text: string): SuppressedFinding {
  const [, code = "", place = "", reason = ""] = /^([A-Z]+\d+)=([^=]+)=\s*(\S.*)$/.exec(text) ?? [];
  const [kind = "", ...name] = place.split("/");
  if (code === "" || name.length < 1 || name.length > 2 || name.includes("")) {
    throw new UsageError(`--suppress ${text}: write CODE=KIND/NAMESPACE/NAME=REASON`);
  }
  return { code, object: `${kind} ${name.join("/")}`, reason };
}

/** Reads the command line. */
export function readOptions(args: readonly string[]): AnalyzeOptions {
  const { values, positionals } = parseWords(args, flags, usage);
  if (positionals.length === 0 && values.explain === undefined) throw new UsageError(usage);
  return {
    paths: positionals,
    output: oneOf("output", values.output, ["text", "json", "sarif"]),
    failOn: oneOf("fail-on", values["fail-on"], ["error", "warning", "info", "never"]),
    closed: values.closed,
    namespace: values.namespace,
    suppressed: values.suppress.map(suppression),
    explain: values.explain,
  };
}

const flags = {
  output: { type: "string", short: "o", default: "text" },
  "fail-on": { type: "string", default: "error" },
  closed: { type: "boolean", default: false },
  namespace: { type: "string", short: "n", default: "default" },
  suppress: { type: "string", multiple: true, default: [] },
  explain: { type: "string" },
} satisfies Flags;
