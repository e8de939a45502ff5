import { type CommandLine, outFlag, type Read, stackFlag, stackOr, wrongUse } from "../command-line";

export interface TrafficOptions {
  readonly scenarios: readonly string[];
  readonly stack: string;
  readonly configFile?: string;
  /** Instead of the scenario's own number, for each load. */
  readonly requests?: number;
  /** Where the report goes; only for one scenario. */
  readonly report?: string;
  readonly list: boolean;
  readonly output: "text" | "json";
  /** Where the result goes. Default: the standard output, each scenario as soon as it is known. */
  readonly out?: string;
}

const requests = (text: string): number => {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new Error("Write a number from 1 to 9999999.");
  return Number(text);
};

export const commandLine = {
  typed: "npm run traffic --",
  what: "Sends the load of experiments and compares what comes back with what is expected and simulated.",
  words: [
    { name: "SCENARIO", what: "an experiment; several run one after the other", many: true, optional: true },
  ],
  flags: {
    list: { what: "names of all experiments, and what each shows" },
    ...stackFlag,
    "config-file": { value: "FILE", what: "default: Pulumi.NAME.yaml" },
    requests: {
      value: "NUMBER",
      read: requests,
      what: "of each load, instead of the experiment's own; more of them make the intervals narrower",
    },
    report: { value: "FILE", what: "default: .state/traffic/SCENARIO.html" },
    output: { short: "o", value: "FORM", default: "text", allowed: ["text", "json"], what: "of the result" },
    ...outFlag,
  },
} as const satisfies CommandLine;

/** What the words of a command line mean; all mistakes are told at once. Throws a `UsageError`. */
export function optionsOf(
  { values, words }: Read<typeof commandLine>,
  known: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): TrafficOptions {
  const { requests: count, report, "config-file": configFile, out, list, output } = values;
  const scenarios = [...new Set(words)];
  const faults = [
    ...(scenarios.length === 0 && !list ? ["name a scenario, or write --list"] : []),
    ...scenarios
      .filter((name) => !known.includes(name))
      .map((name) => `${name}: no such scenario${suggestion(name, known)}; --list names all`),
    ...(report !== undefined && scenarios.length > 1
      ? ["--report is for one scenario; each of several has a file of its own"]
      : []),
  ];
  if (faults.length > 0) throw wrongUse(commandLine, faults.join("\n"));
  return {
    scenarios,
    stack: stackOr(values.stack, env),
    list,
    output,
    ...(configFile === undefined ? {} : { configFile }),
    ...(count === undefined ? {} : { requests: count }),
    ...(report === undefined ? {} : { report }),
    ...(out === undefined ? {} : { out }),
  };
}

/** Names that share a word with a wrong one. */
function suggestion(name: string, known: readonly string[]): string {
  const words = name.split("-").filter((word) => word.length > 2);
  const near = known.filter((one) => words.some((word) => one.includes(word)));
  return near.length === 0 ? "" : `, perhaps ${near.slice(0, 4).join(", ")}`;
}
