import { type Flags, parseWords, UsageError } from "../usage";

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
}

export const usage = `npm run traffic -- SCENARIO… [OPTIONS]
  SCENARIO             sends the load of an experiment and compares what comes back; several run one after the other
  --list               names of all experiments, and what each shows
  --stack NAME         default: dev
  --config-file FILE   default: Pulumi.NAME.yaml
  --requests NUMBER    of each load, instead of the experiment's own; more of them make the intervals narrower
  --report FILE        default: .state/traffic/SCENARIO.html
  --output FORM        text (default) or json`;

const flags = {
  stack: { type: "string", short: "s" },
  "config-file": { type: "string" },
  requests: { type: "string" },
  report: { type: "string" },
  list: { type: "boolean", default: false },
  output: { type: "string", short: "o", default: "text" },
} satisfies Flags;

/** Reads the command line; all its mistakes are told at once. */
export function readOptions(
  args: readonly string[],
  known: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): TrafficOptions {
  const { values, positionals } = parseWords(args, flags, usage);
  const { output, requests, report } = values;
  const scenarios = [...new Set(positionals)];
  const unknown = scenarios.filter((name) => !known.includes(name));
  const faults = [
    ...(scenarios.length === 0 && !values.list ? ["name a scenario, or write --list"] : []),
    ...unknown.map((name) => `${name}: no such scenario${suggestion(name, known)}; --list names all`),
    ...(output === "text" || output === "json" ? [] : [`--output ${output}: write text or json`]),
    ...(requests === undefined || /^[1-9]\d{0,6}$/.test(requests)
      ? []
      : [`--requests ${requests}: write a number from 1 to 9999999`]),
    ...(report !== undefined && scenarios.length > 1
      ? ["--report is for one scenario; each of several has a file of its own"]
      : []),
  ];
  if (faults.length > 0) throw new UsageError(`${faults.join("\n")}\n\n${usage}`);
  return {
    scenarios,
    stack: values.stack ?? env.PULUMI_STACK ?? "dev",
    list: values.list,
    output: output as "text" | "json",
    ...(values["config-file"] === undefined ? {} : { configFile: values["config-file"] }),
    ...(requests === undefined ? {} : { requests: Number(requests) }),
    ...(report === undefined ? {} : { report }),
  };
}

/** Names that share a word with a wrong one. */
function suggestion(name: string, known: readonly string[]): string {
  const words = name.split("-").filter((word) => word.length > 2);
  const near = known.filter((one) => words.some((word) => one.includes(word)));
  return near.length === 0 ? "" : `, perhaps ${near.slice(0, 4).join(", ")}`;
}
