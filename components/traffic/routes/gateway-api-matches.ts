import type { Place } from "../faults";
import { quoted } from "../re2";
import { headerName, oneOf, regex } from "../values";
import { pathText, type TextCondition, textCondition } from "./conditions";
import { refuseFields } from "./gateway-api-parts";
import { httpMethods } from "./modifier-types";
import type { HttpMatch, PathMatch, ValueMatch } from "./types";

/** Matches of HTTPRoute and GRPCRoute. */

/** A header or a parameter: an exact value, or an expression that says the same. */
function valueMatch(name: string, match: ValueMatch, at: Place): object {
  const { how, text } = textCondition(match, at);
  if (how === "exact") return { type: "Exact", name, value: text };
  const value = { prefix: `${quoted(text)}.*`, regex: text, present: ".*" }[how];
  return { type: "RegularExpression", name, value: regex(value, at) };
}

const valueMatches = (
  field: string,
  values: Readonly<Record<string, ValueMatch>> | undefined,
  at: Place,
): object =>
  values === undefined
    ? {}
    : {
        [field]: Object.entries(values).map(([name, value]) =>
          valueMatch(headerName(name, at.in(name), "response"), value, at.in(name)),
        ),
      };

const common = {
  ignoreUriCase: "write (?i) into a regex",
  scheme: "let a listener of the gateway part them",
  authority: "make a route for each host",
  withoutHeaders: "put the opposite into a route of its own, which comes first",
  port: "let a listener of the gateway part them",
  sourceLabels: "keep to a VirtualService",
  sourceNamespace: "keep to a VirtualService",
  statPrefix: "drop it",
};

const isSegments = (match: PathMatch): match is { readonly segments: string } =>
  typeof match === "object" && "segments" in match;

function pathMatch(match: PathMatch, at: Place): object {
  if (isSegments(match)) return { path: { type: "PathPrefix", value: pathText(match.segments, at) } };
  const { how, text } = textCondition(match, at);
  if (how === "exact") return { path: { type: "Exact", value: pathText(text, at) } };
  if (how === "regex") return { path: { type: "RegularExpression", value: text } };
  if (text !== "/") {
    at.in("prefix").fault(text, "exact, regex or segments", `write segments: its prefixes are whole names`);
  }
  return { path: { type: "PathPrefix", value: "/" } };
}

export function httpRouteMatch(match: HttpMatch, at: Place): object {
  refuseFields(match, common, at);
  const { uri, method, headers, queryParams } = match;
  return {
    ...(uri === undefined ? {} : pathMatch(uri, at.in("uri"))),
    ...(method === undefined
      ? {}
      : { method: methodText(textCondition(method, at.in("method")), at.in("method")) }),
    ...valueMatches("headers", headers, at.in("headers")),
    ...valueMatches("queryParams", queryParams, at.in("queryParams")),
  };
}

const methodText = ({ how, text }: TextCondition, at: Place): string => {
  if (how === "exact") return oneOf<string>(text, httpMethods, at);
  at.fault({ [how]: text }, "one method", "make a match for each method");
  return text;
};

/** A call is a path of two names: `/shop.Cart/Add`. */
export function grpcRouteMatch(match: HttpMatch, at: Place): object {
  refuseFields(
    match,
    { ...common, method: "drop it: all calls are POST", queryParams: "drop it: calls have none" },
    at,
  );
  const call = match.uri === undefined ? undefined : callOf(match.uri, at.in("uri"));
  return {
    ...(call === undefined ? {} : { method: { type: "Exact", ...call } }),
    ...valueMatches("headers", match.headers, at.in("headers")),
  };
}

function callOf(match: PathMatch, at: Place): object | undefined {
  const text = isSegments(match) ? `${match.segments}/` : pathOf(match, at);
  if (text === "/") return undefined;
  const [, service, method] = /^\/([A-Za-z0-9_.]+)\/([A-Za-z0-9_]*)$/.exec(text) ?? [];
  if (service === undefined) {
    at.fault(match, "/package.Service/Method, or segments: /package.Service", "name a call or a service");
  }
  return { service, ...(method === undefined || method === "" ? {} : { method }) };
}

function pathOf(match: Exclude<PathMatch, { segments: string }>, at: Place): string {
  const { how, text } = textCondition(match, at);
  const whole = how === "exact" ? !text.endsWith("/") : how === "prefix" && text.endsWith("/");
  return whole ? text : "";
}
