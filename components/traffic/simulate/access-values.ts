import { claimAt, type Message } from "./message";
import { expression } from "./texts";
import type { Token } from "./types";

/** True, false, or undefined where it cannot be told. */
export type Maybe = boolean | undefined;

export const any = (all: readonly Maybe[]): Maybe =>
  all.includes(true) ? true : all.includes(undefined) ? undefined : false;
export const every = (all: readonly Maybe[]): Maybe =>
  all.includes(false) ? false : all.includes(undefined) ? undefined : true;
export const not = (one: Maybe): Maybe => (one === undefined ? undefined : !one);

/** What a proxy knows of a request when it asks whether it may pass. */
export interface AccessSubject {
  readonly message: Message;
  /** `cluster.local/ns/shop/sa/cart`, only by mutual TLS. */
  readonly principal: string | undefined;
  /** Address of whoever connects; undefined where it is not known. */
  readonly ip: string | undefined;
  /** Address of whoever sent it first. */
  readonly remoteIp: string | undefined;
  /** Of the pods. */
  readonly port: number | undefined;
  readonly sni: string | undefined;
  /** One that a RequestAuthentication let through. */
  readonly token: Token | undefined;
  /** Whether the proxy sees only a connection. */
  readonly tcp: boolean;
}

/** `*` for any value, `abc*`, `*abc`, or the very text. */
export function simple(value: string | undefined, pattern: string, ignoreCase = false): boolean {
  if (value === undefined) return false;
  const [text, wanted] = ignoreCase ? [value.toLowerCase(), pattern.toLowerCase()] : [value, pattern];
  if (wanted === "*") return text !== "";
  if (wanted.startsWith("*")) return text.endsWith(wanted.slice(1));
  if (wanted.endsWith("*")) return text.startsWith(wanted.slice(0, -1));
  return text === wanted;
}

const quoted = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** A path, possibly with `{*}` for one part or `{**}` for any. */
export function pathFits(path: string, pattern: string): boolean {
  if (!/\{\*\*?\}/.test(pattern)) return simple(path, pattern);
  const parts = pattern.split(/(\{\*\*?\})/).map((part) => {
    if (part === "{*}") return "[^/]+";
    return part === "{**}" ? ".*" : quoted(part);
  });
  return new RegExp(`^${parts.join("")}$`).test(path);
}

const bits = (address: string): bigint | undefined => {
  if (/^\d+(\.\d+){3}$/.test(address))
    return address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  if (!address.includes(":")) return undefined;
  const [head = "", tail] = address.split("::");
  const words = (text: string) => (text === "" ? [] : text.split(":"));
  const [front, back] = [words(head), words(tail ?? "")];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const all = [...front, ...Array.from({ length: zeros }, () => "0"), ...back];
  return all.reduce((sum, word) => sum * 65_536n + BigInt(`0x${word}`), 0n);
};

/** Whether an address is in a block like `10.0.0.0/8`. */
export function inBlock(address: string | undefined, block: string): Maybe {
  if (address === undefined) return undefined;
  const [base = "", length] = block.split("/");
  const [a, b] = [bits(address), bits(base)];
  if (a === undefined || b === undefined || address.includes(":") !== base.includes(":")) return false;
  const width = base.includes(":") ? 128 : 32;
  const shift = BigInt(width - Number(length ?? width));
  return a >> shift === b >> shift;
}

const partOf = (principal: string | undefined, key: "ns" | "sa"): string | undefined =>
  principal === undefined ? undefined : new RegExp(`/${key}/([^/]+)`).exec(principal)?.[1];

export const namespaceFits = (principal: string | undefined, pattern: string): boolean => {
  const own = partOf(principal, "ns");
  return own !== undefined && expression(pattern.split("*").map(quoted).join(".*"))?.test(own) === true;
};

/** A service account, of the policy's namespace where none is named. */
export function accountFits(principal: string | undefined, value: string, namespace: string): boolean {
  const [place, name] = value.includes("/") ? value.split("/") : [namespace, value];
  return partOf(principal, "ns") === place && partOf(principal, "sa") === name;
}

/** `issuer/subject`, as tokens are named. */
export function requestPrincipalFits(token: Token | undefined, value: string): boolean {
  if (token === undefined) return false;
  const { issuer, subject = "" } = token;
  const slash = value.lastIndexOf("/");
  const [iss, sub] = slash < 0 ? [value, ""] : [value.slice(0, slash), value.slice(slash + 1)];
  if (value === "*") return issuer !== "" && subject !== "";
  if (slash >= 0 && (value.startsWith("*") || value.endsWith("*")))
    return simple(issuer, iss) && simple(subject, sub);
  if (value.startsWith("*")) return subject.endsWith(value.slice(1));
  if (value.endsWith("*")) return issuer.startsWith(value.slice(0, -1));
  return issuer === iss && subject === sub;
}

export const claimFits = (token: Token | undefined, keys: readonly string[], value: string): boolean =>
  claimAt(token, keys).some((one) => simple(one, value));
