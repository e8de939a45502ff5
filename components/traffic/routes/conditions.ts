import type { Place } from "../faults";
import { dnsLabel, filledText, headerName, labelMap, port, regex } from "../values";
import type { HttpMatch, PathMatch, TextMatch, ValueMatch } from "./types";

/** A text condition in one form. `present` takes any value. */
export interface TextCondition {
  readonly how: "exact" | "prefix" | "regex" | "present";
  readonly text: string;
}

type ByName = Readonly<Record<string, TextCondition>>;

/** Conditions in one form: what takes everything is gone, `segments` are two, names of headers are in lower case. */
export interface Conditions {
  readonly uri?: TextCondition;
  readonly ignoreUriCase: boolean;
  /** `scheme`, `method`, `authority`. */
  readonly parts: ByName;
  readonly headers: ByName;
  readonly withoutHeaders: ByName;
  readonly queryParams: ByName;
  readonly port?: number;
  readonly sourceLabels: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly statPrefix?: string;
}

/** Checks a match and gives it in one form; `segments` makes two of it, of which one has to hold. */
export function conditionsOf(match: HttpMatch, at: Place): Conditions[] {
  const { uri, port: number, sourceNamespace, statPrefix } = match;
  const common = {
    ignoreUriCase: match.ignoreUriCase ?? false,
    parts: partsOf(match, at),
    headers: byName(match.headers, at.in("headers"), headerKey),
    withoutHeaders: byName(match.withoutHeaders, at.in("withoutHeaders"), headerKey),
    queryParams: byName(match.queryParams, at.in("queryParams"), filledText),
    sourceLabels: match.sourceLabels === undefined ? {} : labelMap(match.sourceLabels, at.in("sourceLabels")),
    ...(number === undefined ? {} : { port: port(number, at.in("port")) }),
    ...(sourceNamespace === undefined
      ? {}
      : { sourceNamespace: dnsLabel(sourceNamespace, at.in("sourceNamespace")) }),
    ...(statPrefix === undefined ? {} : { statPrefix: filledText(statPrefix, at.in("statPrefix")) }),
  };
  const paths = uri === undefined ? [undefined] : pathsOf(uri, at.in("uri"));
  if (match.ignoreUriCase === true && (uri === undefined || paths[0]?.how === "regex")) {
    at.in("ignoreUriCase").fault(
      true,
      "with uri exact, prefix or segments",
      "write (?i) into the regex, or drop it",
    );
  }
  return paths.map((path) =>
    // Case makes no difference where there is no path.
    path === undefined ? { ...common, ignoreUriCase: false } : { ...common, uri: path },
  );
}

/** Claims are written as they are in the token; proxies compare names of headers in lower case. */
const headerKey = (name: string, at: Place) => {
  headerName(name, at, "match");
  return name.toLowerCase().startsWith("@request.auth.claims") ? name : name.toLowerCase();
};

export const isClaim = (name: string): boolean => name.toLowerCase().startsWith("@request.auth.claims");

function byName(
  values: Readonly<Record<string, ValueMatch>> | undefined,
  at: Place,
  keyOf: (name: string, at: Place) => string,
): ByName {
  const entries = Object.entries(values ?? {}).map(([name, value]) => {
    const place = at.in(name);
    return [keyOf(name, place), textCondition(value, place)] as const;
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function partsOf({ scheme, method, authority }: HttpMatch, at: Place): ByName {
  const parts = { authority, method, scheme };
  const given = Object.entries(parts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const found = Object.fromEntries(given.map(([name, value]) => [name, textCondition(value, at.in(name))]));
  if (found.method?.how === "exact" && !/^[A-Z]+$/.test(found.method.text)) {
    at.in("method").fault(found.method.text, "a method as it is sent, in capitals", "write it like GET");
  }
  if (found.scheme?.how === "exact" && !["http", "https"].includes(found.scheme.text)) {
    at.in("scheme").fault(found.scheme.text, "http, https", "write one of these");
  }
  return found;
}

/** The one form of a text match, checked. */
export function textCondition(match: ValueMatch, at: Place): TextCondition {
  if (typeof match === "string") return { how: "exact", text: match };
  if ("present" in match) return { how: "present", text: "" };
  if ("exact" in match) return { how: "exact", text: match.exact };
  if ("prefix" in match) return { how: "prefix", text: filledText(match.prefix, at.in("prefix")) };
  return { how: "regex", text: regex(match.regex, at.in("regex")) };
}

/** Paths of which one has to be, or undefined for any. */
function pathsOf(match: PathMatch, at: Place): (TextCondition | undefined)[] {
  if (typeof match === "object" && "segments" in match) {
    const text = pathText(match.segments, at.in("segments"));
    if (text === "/") return [undefined];
    if (text.endsWith("/"))
      at.in("segments").fault(text, "a path without a slash at its end", "remove the slash");
    return [
      { how: "exact", text },
      { how: "prefix", text: `${text}/` },
    ];
  }
  const path = textCondition(match satisfies TextMatch, at);
  if (path.how !== "regex") pathText(path.text, at);
  const any = path.how === "regex" ? path.text === ".*" : path.how === "prefix" && path.text === "/";
  return [any ? undefined : path];
}

/** Checks a path: proxies compare it from its slash on and without its query. */
export function pathText(text: string, at: Place): string {
  if (!text.startsWith("/")) at.fault(text, "a path that starts with /", "begin it with /");
  if (/[?#]/.test(text))
    at.fault(text, "a path without ? and #", "match queryParams for what comes after the ?");
  return text;
}

const textSpec = ({ how, text }: TextCondition) => (how === "present" ? {} : { [how]: text });
const filled = (values: ByName, name: string) =>
  Object.keys(values).length === 0
    ? {}
    : { [name]: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, textSpec(value)])) };

/** A match of a VirtualService, perhaps for some of its gateways alone. */
export function matchSpec(conditions: Conditions, gateways: readonly string[] | undefined): object {
  const { uri, ignoreUriCase, parts, port: number, sourceLabels, sourceNamespace, statPrefix } = conditions;
  return {
    ...(uri === undefined ? {} : { uri: textSpec(uri) }),
    ...(ignoreUriCase ? { ignoreUriCase } : {}),
    ...Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, textSpec(value)])),
    ...filled(conditions.headers, "headers"),
    ...filled(conditions.withoutHeaders, "withoutHeaders"),
    ...filled(conditions.queryParams, "queryParams"),
    ...(number === undefined ? {} : { port: number }),
    ...(Object.keys(sourceLabels).length === 0 ? {} : { sourceLabels }),
    ...(sourceNamespace === undefined ? {} : { sourceNamespace }),
    ...(gateways === undefined ? {} : { gateways }),
    ...(statPrefix === undefined ? {} : { statPrefix }),
  };
}
