import type { SimulatedRequest } from "../../../components/traffic/simulate";
import { type Flags, parseWords, UsageError } from "../usage";

export interface SimulateOptions {
  readonly paths: readonly string[];
  readonly request: SimulatedRequest;
  readonly output: "text" | "json";
  /** Take what is in the files for everything that there is. */
  readonly closed: boolean;
  /** Of objects that name none. */
  readonly namespace: string;
}

export const usage = `npm run simulate -- PATH… --host HOST (--from NAMESPACE/WORKLOAD | --gateway NAMESPACE/NAME) [OPTIONS]
  PATH                 a YAML or JSON file, a folder of them, or - for the standard input
  --host HOST          whom the client asks, with or without a port
  --path PATH          with or without a query (default /)
  --method METHOD      default GET
  --header NAME=VALUE  may stand several times
  --query NAME=VALUE   may stand several times
  --port PORT          default: of the host, of its Service, or 80
  --https, --sni NAME  the client speaks TLS
  --ip ADDRESS         of the client
  --answer STATUS      what applications answer (default 200)
  --takes DURATION     how long applications take, like 1s (default 0s)
  --output FORM        text (default) or json
  --closed             the files are everything: what is not there is missing
  --namespace NAME     of objects that name none (default: default)`;

const flags = {
  host: { type: "string" },
  path: { type: "string" },
  method: { type: "string" },
  header: { type: "string", multiple: true, default: [] },
  query: { type: "string", multiple: true, default: [] },
  port: { type: "string" },
  sni: { type: "string" },
  from: { type: "string" },
  gateway: { type: "string" },
  ip: { type: "string" },
  answer: { type: "string" },
  takes: { type: "string" },
  output: { type: "string", short: "o", default: "text" },
  namespace: { type: "string", short: "n", default: "default" },
  closed: { type: "boolean", default: false },
  https: { type: "boolean", default: false },
} satisfies Flags;

const whole = (flag: string, text: string): number => {
  if (!/^\d+$/.test(text)) throw new UsageError(`--${flag} ${text}: write a number`);
  return Number(text);
};

const pairs = (flag: string, list: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw new UsageError(`--${flag} ${text}: write NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );

/** Reads the command line. */
export function readOptions(args: readonly string[]): SimulateOptions {
  const { values, positionals } = parseWords(args, flags, usage);
  const { host, from, gateway, output } = values;
  if (positionals.length === 0 || host === undefined) throw new UsageError(usage);
  if ((from === undefined) === (gateway === undefined))
    throw new UsageError("write either --from or --gateway");
  if (output !== "text" && output !== "json") throw new UsageError(`--output ${output}: write text or json`);
  const { path, method, sni, ip, takes } = values;
  const texts = { path, method, sni, from, gateway, ip, takes };
  const given = Object.entries(texts).filter(([, value]) => value !== undefined);
  return {
    paths: positionals,
    request: {
      host,
      headers: pairs("header", values.header),
      query: pairs("query", values.query),
      scheme: values.https || sni !== undefined ? "https" : "http",
      ...(values.port === undefined ? {} : { port: whole("port", values.port) }),
      ...(values.answer === undefined ? {} : { answer: whole("answer", values.answer) }),
      ...Object.fromEntries(given),
    },
    output,
    closed: values.closed,
    namespace: values.namespace,
  };
}
