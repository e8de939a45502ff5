import type { SimulatedRequest } from "../../../components/traffic/simulate";
import { objectFiles } from "../analyze/options";
import { type CommandLine, type Read, wrongUse } from "../command-line";

export interface SimulateOptions {
  readonly paths: readonly string[];
  readonly request: SimulatedRequest;
  readonly output: "text" | "json";
  /** Where the result goes. Default: the standard output. */
  readonly out: string | undefined;
  /** Take what is in the files for everything that there is. */
  readonly closed: boolean;
  /** Of objects that name none. */
  readonly namespace: string;
}

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new Error("Write a number.");
  return Number(text);
};

const pair = (text: string): readonly [string, string] => {
  const at = text.indexOf("=");
  if (at < 1) throw new Error("Write NAME=VALUE.");
  return [text.slice(0, at), text.slice(at + 1)];
};

const pairs = { value: "NAME=VALUE", many: true, read: pair } as const;

export const commandLine = {
  typed: "npm run simulate --",
  what: "Tells what happens to one request, by the Kubernetes and Istio objects of YAML files alone. It asks no cluster.",
  words: objectFiles.words,
  flags: {
    host: { value: "HOST", what: "whom the client asks, with or without a port" },
    from: { value: "NAMESPACE/WORKLOAD", what: "the client, a workload of the mesh; or --gateway" },
    gateway: { value: "NAMESPACE/NAME", what: "the Gateway by which the request comes in; or --from" },
    path: { value: "PATH", what: "with or without a query (default: /)" },
    method: { value: "METHOD", what: "default: GET" },
    header: { ...pairs, what: "may stand several times" },
    query: { ...pairs, what: "may stand several times" },
    port: { value: "PORT", read: whole, what: "default: of the host, of its Service, or 80" },
    https: { what: "the client speaks TLS" },
    sni: { value: "NAME", what: "the client speaks TLS, and asks for this name" },
    ip: { value: "ADDRESS", what: "of the client" },
    answer: { value: "STATUS", read: whole, what: "what applications answer (default: 200)" },
    takes: { value: "DURATION", what: "how long applications take, like 1s (default: 0s)" },
    output: { short: "o", value: "FORM", default: "text", allowed: ["text", "json"], what: "of the result" },
    ...objectFiles.flags,
  },
} as const satisfies CommandLine;

/** What the words of a command line mean. Throws a `UsageError`. */
export function optionsOf({ values, words }: Read<typeof commandLine>): SimulateOptions {
  const { host, from, gateway, header, query, https, output, out, closed, namespace, ...rest } = values;
  if (words.length === 0) throw wrongUse(commandLine, "name a PATH, or - for the standard input");
  if (host === undefined) throw wrongUse(commandLine, "say whom the client asks: --host HOST");
  if ((from === undefined) === (gateway === undefined))
    throw wrongUse(commandLine, "write either --from or --gateway");
  const given = Object.entries({ ...rest, from, gateway }).filter(([, value]) => value !== undefined);
  return {
    paths: words,
    request: {
      host,
      headers: Object.fromEntries(header),
      query: Object.fromEntries(query),
      scheme: https || rest.sni !== undefined ? "https" : "http",
      ...Object.fromEntries(given),
    },
    output,
    out,
    closed,
    namespace,
  };
}
