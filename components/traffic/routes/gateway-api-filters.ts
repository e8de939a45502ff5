import type { Place } from "../faults";
import { duration, milliseconds } from "../values";
import { textCondition } from "./conditions";
import { listOf } from "./http";
import { corsSpec } from "./modifiers";
import type { CorsModifier, HttpFragment, HttpMatch, RedirectAction, RewriteModifier } from "./types";

/** Filters that HTTPRoute alone has. */
export const httpRouteFilters = (fragment: HttpFragment, at: Place): object[] => [
  ...(fragment.rewrite === undefined ? [] : [urlRewrite(fragment.rewrite, fragment, at.in("rewrite"))]),
  ...(fragment.corsPolicy === undefined ? [] : [cors(fragment.corsPolicy, at.in("corsPolicy"))]),
];

const bare = (path: string) => (path === "/" ? path : path.replace(/\/$/, ""));

/** Whether the path of a fragment is the start of one, as a replaced prefix needs. */
function takesPrefix(fragment: HttpFragment): boolean {
  const paths = listOf<HttpMatch>(fragment.match).map(({ uri }) => uri);
  return paths.every(
    (uri) => uri === undefined || (typeof uri === "object" && ("segments" in uri || "prefix" in uri)),
  );
}

const replaced = (uri: string, fragment: HttpFragment) =>
  takesPrefix(fragment)
    ? { path: { type: "ReplacePrefixMatch", replacePrefixMatch: bare(uri) } }
    : { path: { type: "ReplaceFullPath", replaceFullPath: uri } };

function urlRewrite(
  { uri, uriRegexRewrite, authority }: RewriteModifier,
  fragment: HttpFragment,
  at: Place,
): object {
  if (uriRegexRewrite !== undefined) {
    at.in("uriRegexRewrite").fault(uriRegexRewrite, "uri alone", "match segments and rewrite them by uri");
  }
  if (authority?.includes(":")) at.in("authority").fault(authority, "a host without a port", "drop the port");
  return {
    type: "URLRewrite",
    urlRewrite: {
      ...(authority === undefined ? {} : { hostname: authority }),
      ...(uri === undefined ? {} : replaced(uri, fragment)),
    },
  };
}

/** A redirect. Its status is written out: what is not said is 301 to Istio and 302 to Gateway API. */
export function httpRouteRedirect(redirect: RedirectAction, fragment: HttpFragment, at: Place): object {
  const { uri, prefixRewrite, authority, scheme, port, redirectCode = 301 } = redirect;
  if (typeof port === "string")
    at.in("port").fault(port, "a number", "name the port, or leave it to the scheme");
  if (prefixRewrite !== undefined && !takesPrefix(fragment)) {
    at.in("prefixRewrite").fault(prefixRewrite, "uri, where the path is no prefix", "use uri");
  }
  return {
    type: "RequestRedirect",
    requestRedirect: {
      ...(scheme === undefined ? {} : { scheme }),
      ...(authority === undefined ? {} : { hostname: authority }),
      ...(uri === undefined ? {} : { path: { type: "ReplaceFullPath", replaceFullPath: uri } }),
      ...(prefixRewrite === undefined
        ? {}
        : { path: { type: "ReplacePrefixMatch", replacePrefixMatch: bare(prefixRewrite) } }),
      ...(typeof port === "number" ? { port } : {}),
      statusCode: redirectCode,
    },
  };
}

function cors(policy: CorsModifier, at: Place): object {
  corsSpec(policy, at);
  const { allowOrigins, maxAge, unmatchedPreflights, ...rest } = policy;
  if (unmatchedPreflights !== undefined) {
    at.in("unmatchedPreflights").fault(unmatchedPreflights, "nothing: Gateway API cannot say it", "drop it");
  }
  const origins = allowOrigins.map((origin, index) => {
    const place = at.in("allowOrigins", index);
    const { how, text } = textCondition(origin, place);
    if (how !== "exact") place.fault({ [how]: text }, "exact origins, or *", "name each of them");
    return text;
  });
  const seconds =
    maxAge === undefined ? undefined : (milliseconds(duration(maxAge, at.in("maxAge"))) ?? 0) / 1000;
  return {
    type: "CORS",
    cors: { allowOrigins: origins, ...rest, ...(seconds === undefined ? {} : { maxAge: seconds }) },
  };
}
