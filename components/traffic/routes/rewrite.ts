import type { Place } from "../faults";
import { quoted } from "../re2";
import { host } from "../values";
import type { Conditions } from "./conditions";
import { pathText } from "./conditions";
import { regexRewriteSpec } from "./modifiers";
import type { HttpMatch, RewriteModifier } from "./types";

const segmentsOf = ({ uri }: HttpMatch) =>
  typeof uri === "object" && "segments" in uri ? uri.segments : undefined;

/**
 * A rewrite. Envoy puts the new text in place of the characters that matched; whole names need an expression, since the
 * two matches of `segments` differ by a slash.
 */
export function rewriteSpec(
  rewrite: RewriteModifier,
  matches: readonly HttpMatch[],
  conditions: readonly Conditions[],
  at: Place,
): object {
  const { uri, uriRegexRewrite, authority } = rewrite;
  if ([uri, uriRegexRewrite, authority].every((value) => value === undefined)) {
    at.fault({}, "uri, uriRegexRewrite or authority", "say what is new");
  }
  if (uri !== undefined && uriRegexRewrite !== undefined) {
    at.fault(rewrite, "one of uri and uriRegexRewrite", "drop one");
  }
  if (authority !== undefined) host(authority.replace(/:\d+$/, ""), at.in("authority"), { wildcard: false });
  return {
    ...(uri === undefined ? {} : pathRewrite(pathText(uri, at.in("uri")), matches, conditions, at)),
    ...(uriRegexRewrite === undefined
      ? {}
      : { uriRegexRewrite: regexRewriteSpec(uriRegexRewrite, at.in("uriRegexRewrite")) }),
    ...(authority === undefined ? {} : { authority }),
  };
}

function pathRewrite(
  uri: string,
  matches: readonly HttpMatch[],
  conditions: readonly Conditions[],
  at: Place,
): object {
  const segments = [...new Set(matches.map(segmentsOf))];
  const [path] = segments;
  const start = `${conditions.some(({ ignoreUriCase }) => ignoreUriCase) ? "(?i)" : ""}^${quoted(path ?? "")}`;
  if (path !== undefined && path !== "/" && segments.length === 1) {
    // Without the slash of its own a new root would leave two of them, or none.
    return uri === "/"
      ? { uriRegexRewrite: { match: `${start}/?`, rewrite: "/" } }
      : { uriRegexRewrite: { match: start, rewrite: uri.replace(/\/$/, "") } };
  }
  if (segments.length > 1 && segments.some((segment) => segment !== undefined)) {
    at.in("uri").fault(uri, "a route with one segments and nothing else", "make a route of each match");
  }
  const open = conditions.find(
    ({ uri: path }) => path === undefined || (path.how === "prefix" && path.text.endsWith("/")),
  );
  if (!uri.endsWith("/") && open !== undefined) {
    at.in("uri").fault(
      uri,
      "a path with a slash at its end, as what matched has one",
      `write ${uri}/, or match a path`,
    );
  }
  return { uri };
}
