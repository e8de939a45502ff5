import { portOf } from "./hosts";
import type { Party } from "./proxies";
import type { SimulatedRequest, Token } from "./types";

/** A request on its way: what the next proxy sees. */
export interface Message {
  readonly authority: string;
  /** Without the query. */
  readonly path: string;
  /** Without `?`; empty for none. */
  readonly query: string;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly scheme: "http" | "https";
  /** Port that the sender connects to. */
  readonly port: number;
  readonly token: Token | undefined;
}

/** What proxies look at: dots resolved, as their default is. */
function normalized(path: string): string {
  if (!/\/\.\.?(\/|$)|\\/.test(path)) return path;
  const kept: string[] = [];
  const parts = path.replaceAll("\\", "/").split("/").slice(1);
  for (const [place, part] of parts.entries()) {
    if (part === "..") kept.pop();
    if (part !== "." && part !== "..") kept.push(part);
    else if (place === parts.length - 1) kept.push("");
  }
  return `/${kept.join("/")}`;
}

const lower = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** What a client sends. Clients write the port into the host where it is not the usual one. */
export function messageOf(request: SimulatedRequest, port: number, through: Party["kind"]): Message {
  const { host, path = "/", method = "GET", scheme = "http" } = request;
  const { host: written, ":authority": authority, ...headers } = lower(request.headers ?? {});
  const usual = port === (scheme === "https" ? 443 : 80) || portOf(host) !== undefined;
  const [way = "/", ...rest] = path.replace(/#.*$/, "").split("?");
  const more = new URLSearchParams(request.query ?? {}).toString();
  return {
    authority: authority ?? written ?? (usual || through === "outside" ? host : `${host}:${port}`),
    path: normalized(way.startsWith("/") ? way : `/${way}`),
    query: [rest.join("?"), more].filter((text) => text !== "").join("&"),
    method,
    headers,
    scheme,
    port,
    token: request.token,
  };
}

/** Claims of a token by the names in which conditions ask for them. */
export const claimsOf = ({ issuer, subject, audiences, presenter, claims = {} }: Token) => ({
  ...claims,
  iss: issuer,
  ...(subject === undefined ? {} : { sub: subject }),
  ...(audiences === undefined ? {} : { aud: audiences }),
  ...(presenter === undefined ? {} : { azp: presenter }),
});

/** The value of `@request.auth.claims[group][id]`, with brackets or dots; a list for a list. */
export function claimAt(token: Token | undefined, keys: readonly string[]): readonly string[] {
  if (token === undefined) return [];
  const value = keys.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    claimsOf(token),
  );
  if (Array.isArray(value)) return value.map(String);
  if (value === undefined || typeof value === "object") return [];
  // Space-separated scopes count as a list.
  return keys.at(-1) === "scope" || keys.at(-1) === "permission" ? String(value).split(" ") : [String(value)];
}
