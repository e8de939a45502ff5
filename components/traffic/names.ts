import { isIP } from "node:net";
import type { Place } from "./faults";

/** Names in policies: hosts, headers, labels. Used through `values.ts`. */

const LABEL = /^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/;
const WILD = /^(\*|(\*-?)?[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?)$/;
const isLabel = (text: string) => text.length <= 63 && LABEL.test(text);

/** A name without dots, as of a namespace or a subset. */
export function dnsLabel(text: string, at: Place): string {
  if (typeof text !== "string" || !isLabel(text)) {
    at.fault(text, "letters, digits and - within, at most 63", "correct the spelling");
  }
  return text;
}

/** Why a text is no host name, in the words of a change; undefined where it is one. */
function hostObjection(text: string, wildcard: boolean): string | undefined {
  if (text === "") return "write one";
  if (text.length > 255) return "shorten it to 255 characters";
  const [first = "", ...others] = text.replace(/\.$/, "").split(".");
  if (!wildcard && text.includes("*")) return "name one host: * is not possible here";
  if (first.length > 63 || !WILD.test(first)) return `correct "${first}"`;
  const wrong = others.find((label) => !isLabel(label));
  if (wrong !== undefined)
    return wrong.includes("*") ? "let * be all of it or the start" : `correct "${wrong}"`;
  const last = others.at(-1);
  return last !== undefined && /^\d+$/.test(last)
    ? "let it end in a name: addresses are not possible here"
    : undefined;
}

export interface HostLimits {
  /** `*` and names like `*.example.com`. Default true. */
  readonly wildcard?: boolean;
  /** Names without a dot, such as `reviews`. Default true. */
  readonly short?: boolean;
}

/** A host name: short (`reviews`), in full, or with a wildcard in its first label. */
export function host(text: string, at: Place, { wildcard = true, short = true }: HostLimits = {}): string {
  const kinds = [short ? "a short name" : "", "a name in full", wildcard ? "*, *.example.com" : ""];
  const allowed = kinds.filter((kind) => kind !== "").join(", ");
  const objection = typeof text === "string" ? hostObjection(text, wildcard) : "write a text";
  if (objection !== undefined) at.fault(text, allowed, objection);
  else if (!short && !text.includes(".") && text !== "*") at.fault(text, allowed, "write it in full");
  return text;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const pseudo = [":method", ":scheme", ":authority", ":path", ":status"];

/** What a header's name is for. */
export type HeaderUse = "match" | "request" | "response" | "cors";

/**
 * A header's name. To match, also `:authority` and its like and `@request.auth.claims.NAME` (or `[NAME]`); to set on
 * requests also `:authority` and `host`, which both mean the host; for CORS also `*`.
 */
export function headerName(name: string, at: Place, use: HeaderUse = "match"): string {
  if (typeof name !== "string" || !namesHeader(name, use)) {
    at.fault(name, headerTexts[use], "correct the spelling");
  }
  return name;
}

const headerTexts: Readonly<Record<HeaderUse, string>> = {
  match: "a header's name; one of :method and its like; @request.auth.claims…",
  request: "a header's name, or :authority; no other that starts with :",
  response: "a header's name; not host, none that starts with :",
  cors: "a header's name, or *",
};

function namesHeader(name: string, use: HeaderUse): boolean {
  const lower = name.toLowerCase();
  switch (use) {
    case "match":
      return (
        pseudo.includes(name) ||
        /^@request\.auth\.claims(\.[^[\]]+|(\[[^[\]]+\])+)$/.test(lower) ||
        TOKEN.test(name)
      );
    case "request":
      return lower === ":authority" || TOKEN.test(name);
    case "response":
      return lower !== "host" && TOKEN.test(name);
    case "cors":
      return name === "*" || TOKEN.test(name);
  }
}

/** A header's value. `%…%` is for Envoy's variables (`%REQ(x-id)%`), so that a percent sign itself is `%%`. */
export function headerValue(value: string, at: Place): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a header must not have.
  if (typeof value !== "string" || /[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
    at.fault(value, "text without control characters", "remove them");
  } else if (/%/.test(value.replaceAll(/%%|%[A-Z0-9_]+(\([^()]*\))?(:\d+)?%/g, ""))) {
    at.fault(value, "a % only as %% or around a variable of Envoy", "double it");
  }
  return value;
}

const KEY = /^([a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?\/)?([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/** Labels of pods: at least one. */
export function labelMap(
  labels: Readonly<Record<string, string>>,
  at: Place,
): Readonly<Record<string, string>> {
  if (Object.keys(labels).length === 0) at.fault(labels, "one label or more", "name one");
  for (const [key, value] of Object.entries(labels)) {
    const name = key.split("/").at(-1) ?? "";
    if (!KEY.test(key) || name.length > 63) at.in(key).fault(key, "a label's name", "correct the spelling");
    if (typeof value !== "string" || !VALUE.test(value) || value.length > 63) {
      at.in(key).fault(
        value,
        "a label's value: letters, digits, -, _ and ., at most 63",
        "correct the spelling",
      );
    }
  }
  return labels;
}

/** An IPv4 or IPv6 address, perhaps with the length of its network. */
export function cidr(text: string, at: Place): string {
  const [address = "", length, ...more] = typeof text === "string" ? text.split("/") : [];
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const fits = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= most);
  if (family === 0 || !fits || more.length > 0) {
    at.fault(text, "an address, or a network such as 10.1.0.0/16", "correct the spelling");
  }
  return text;
}
