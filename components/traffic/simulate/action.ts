import type { Message } from "./message";
import { type Fields, fieldsIn, fieldsOf, listOf, mapOf, numberOf, textOf, textsOf } from "./objects";
import { expression, fulfils, Untried } from "./texts";
import type { HttpRoute, RouteMatch } from "./virtual-services";

const isInternal = (name: string) => name.startsWith(":") || name.toLowerCase() === "host";
const isAuthority = (name: string) => [":authority", "host"].includes(name.toLowerCase());

/** Header changes of one direction, made together: first what goes, then what is set, then what is added. */
export function changed(
  headers: Readonly<Record<string, string>>,
  ...given: readonly unknown[]
): Readonly<Record<string, string>> {
  const changes = given.map(fieldsOf);
  const result: Record<string, string> = { ...headers };
  for (const name of changes.flatMap(({ remove }) => textsOf(remove))) delete result[name.toLowerCase()];
  for (const [name, value] of changes.flatMap(({ set }) => Object.entries(mapOf(set))))
    if (!isInternal(name)) result[name.toLowerCase()] = value;
  for (const [name, value] of changes.flatMap(({ add }) => Object.entries(mapOf(add)))) {
    const before = result[name.toLowerCase()];
    if (!isInternal(name)) result[name.toLowerCase()] = before === undefined ? value : `${before},${value}`;
  }
  return result;
}

/** A host that header changes put in. */
export function authorityIn(headers: unknown): string | undefined {
  const { set, add } = fieldsOf(fieldsOf(headers).request);
  const named = (map: unknown) => Object.entries(mapOf(map)).find(([name]) => isAuthority(name))?.[1];
  return named(set) ?? named(add);
}

/** The path after a rewrite: bytes of the matched prefix are replaced, or all of an exact or regular path. */
export function rewritten(path: string, rewrite: Fields, match: RouteMatch | undefined): string {
  const regex = fieldsOf(rewrite.uriRegexRewrite);
  if (regex.match !== undefined) {
    const compiled = expression(String(regex.match), false);
    if (compiled === undefined) throw new Untried(String(regex.match));
    const substitution = String(regex.rewrite ?? "")
      .replaceAll("$", "$$$$")
      .replaceAll(/\\(\d)/g, "$$$1");
    return path.replace(
      compiled,
      substitution.replaceAll("$0", () => "$&"),
    );
  }
  const uri = textOf(rewrite.uri) ?? "";
  if (uri === "") return path;
  const condition = fieldsOf(match?.fields.uri);
  if (condition.exact !== undefined || condition.regex !== undefined) return uri;
  return `${uri}${path.slice(String(condition.prefix ?? "/").length)}`;
}

/** The request as a route forwards it, before the changes of headers. */
export function forwarded(message: Message, { fields }: HttpRoute, match: RouteMatch | undefined): Message {
  const rewrite = fieldsOf(fields.rewrite);
  const host = textOf(rewrite.authority) ?? "";
  return {
    ...message,
    path: rewritten(message.path, rewrite, match),
    authority: host === "" ? (authorityIn(fields.headers) ?? message.authority) : host,
  };
}

/**
 * Headers as a route sends them to one of its destinations. A single destination's changes are made together with the
 * route's; those of one among several come before the route's.
 */
export function headersFor(
  { headers }: Message,
  route: Fields,
  entry: Fields,
  alone: boolean,
): Readonly<Record<string, string>> {
  const [common, own] = [fieldsOf(route.headers).request, fieldsOf(entry.headers).request];
  return alone ? changed(headers, common, own) : changed(changed(headers, own), common);
}

/** The host that the request has, less a port that would be wrong in the new place. */
function ownHost({ authority, scheme }: Message, newScheme: string, newPort: string): string {
  const usual = authority.endsWith(scheme === "https" ? ":443" : ":80");
  const wrong = newPort !== "" || (newScheme !== scheme && usual);
  return wrong ? authority.replace(/:\d+$/, "") : authority;
}

/** Status and place of a redirect. */
export function redirectOf(
  message: Message,
  redirect: Fields,
  match: RouteMatch | undefined,
  listener: number,
): { status: number; location: string } {
  const scheme = textOf(redirect.scheme) || message.scheme;
  const derived = redirect.derivePort === "FROM_REQUEST_PORT" ? listener : undefined;
  const asked = numberOf(redirect.port) ?? derived;
  const usual = (asked === 80 && scheme === "http") || (asked === 443 && scheme === "https");
  const port = asked === undefined || usual ? "" : `:${asked}`;
  const host = textOf(redirect.authority) || ownHost(message, scheme, port);
  const start = textOf(redirect.prefixRewrite) ?? "";
  const path =
    start === "" ? textOf(redirect.uri) || message.path : rewritten(message.path, { uri: start }, match);
  const query = message.query === "" || path.includes("?") ? "" : `?${message.query}`;
  return {
    status: numberOf(redirect.redirectCode) || 301,
    location: `${scheme}://${host}${port}${path}${query}`,
  };
}

/** What a route does with a preflight: the proxy answers it, with or without leave, or the application gets it. */
export type Preflight = "allowed" | "ignored" | "forwarded";

/**
 * What becomes of a preflight; undefined for a request that is none, as one without a method that it asks for. Envoy
 * holds each origin also against the text `*`, so that `exact: "*"` allows all.
 */
export function preflight(message: Message, cors: Fields): Preflight | undefined {
  const { origin = "", "access-control-request-method": asked = "" } = message.headers;
  if (message.method !== "OPTIONS" || origin === "" || asked === "") return undefined;
  const allows = (condition: unknown) =>
    ["exact", "prefix", "regex"].some((key) => fieldsOf(condition)[key] !== undefined) &&
    ["*", origin].some((text) => fulfils(text, condition));
  const old = textsOf(cors.allowOrigin).map((exact) => ({ exact }));
  if ([...listOf(cors.allowOrigins), ...old].some(allows)) return "allowed";
  return cors.unmatchedPreflights === "IGNORE" ? "ignored" : "forwarded";
}

const share = (given: unknown, otherwise: number): number => {
  const value = numberOf(fieldsOf(given).value);
  return value === undefined ? otherwise : Math.min(Math.max(value, 0), 100) / 100;
};

/** Shares of requests, 0 to 1. */
export interface Fault {
  readonly delay: { readonly probability: number; readonly fixedDelay: string } | undefined;
  readonly abort: { readonly probability: number; readonly status: number } | undefined;
}

/** A fault without a percentage hits nothing; Envoy draws for delay and abort apart. */
export function faultOf(given: unknown): Fault {
  const { delay, abort } = fieldsOf(given);
  const { fixedDelay, percentage, percent } = fieldsOf(delay);
  const failing = fieldsOf(abort);
  const grpc = failing.grpcStatus === undefined ? undefined : 200;
  return {
    delay:
      fixedDelay === undefined
        ? undefined
        : { probability: share(percentage, (numberOf(percent) ?? 0) / 100), fixedDelay: String(fixedDelay) },
    abort:
      abort === undefined
        ? undefined
        : { probability: share(failing.percentage, 0), status: numberOf(failing.httpStatus) ?? grpc ?? 0 },
  };
}

/** Shares of copies, each with its destination. */
export function mirrorsOf({
  fields,
}: HttpRoute): { path: string; destination: Fields; probability: number }[] {
  const old = numberOf(fields.mirrorPercent) ?? numberOf(fields.mirror_percent);
  const single = fields.mirrorPercentage ?? (old === undefined ? undefined : { value: old });
  const one = fields.mirror === undefined ? [] : [["mirror", fields.mirror, single] as const];
  const more = fieldsIn(fields.mirrors).map(
    ({ destination, percentage }, place) => [`mirrors[${place}]`, destination, percentage] as const,
  );
  return [...one, ...more]
    .map(([path, destination, percentage]) => ({
      path,
      destination: fieldsOf(destination),
      probability: percentage === undefined ? 1 : share(percentage, 0),
    }))
    .filter(({ probability, destination }) => probability > 0 && destination.host !== undefined);
}
