import { filled } from "../mesh/exposure-fields";
import type { Block, Site } from "./destination-site";
import { duration, filledText, headerName, integer } from "./values";

/** A cookie whose value is hashed. */
export interface HttpCookie {
  readonly name: string;
  /** Path of a cookie that the proxy makes. Default: that of the request. */
  readonly path?: string;
  /** With it the proxy makes the cookie where it is missing: how long it lives; `0s` for the browser's session. Default: it makes none. */
  readonly ttl?: string;
  /** More of a cookie that the proxy makes, such as `{ name: "SameSite", value: "Lax" }`. Default none. */
  readonly attributes?: readonly { readonly name: string; readonly value?: string }[];
}

/** What callers are told apart by. Exactly one of them. */
export type HashKey =
  | { readonly httpHeaderName: string }
  | { readonly httpCookie: HttpCookie }
  /** The caller's address: also for TCP. */
  | { readonly useSourceIp: true }
  | { readonly httpQueryParameterName: string };

export interface HashAlgorithm {
  /** A ring with at least so many places, 1 to 8388608. Default: this one, with Istio's 1024. */
  readonly ringHash?: { readonly minimumRingSize?: number };
  /** A table with so many places, a prime below 5000011: faster, and moves more callers when endpoints change. Default 65537. */
  readonly maglev?: { readonly tableSize?: number };
  /** The old name of `ringHash.minimumRingSize`. */
  readonly minimumRingSize?: number;
}

/** The same endpoint for the same caller, as long as the endpoints stay the same. */
export type ConsistentHashArgs = HashKey & HashAlgorithm;

/** Envoy takes no larger ring. */
const MAX_RING = 8_388_608;
/** The table has to be smaller. */
const TABLE_LIMIT = 5_000_011;

function isPrime(number: number): boolean {
  if (number < 4) return number > 1;
  if (number % 2 === 0) return false;
  for (let factor = 3; factor * factor <= number; factor += 2) if (number % factor === 0) return false;
  return true;
}

/** A prime near a number that is none: the next one, or the one before where the next is too large. */
function primeNear(number: number): number {
  const from = (start: number, step: number) => {
    let prime = start;
    while (!isPrime(prime)) prime += step;
    return prime;
  };
  const next = from(number, 1);
  return next < TABLE_LIMIT ? next : from(number, -1);
}

function renderCookie({ name, path, ttl, attributes = [] }: HttpCookie, { at }: Site): Block {
  filledText(name, at.in("name"));
  attributes.forEach((attribute, place) => {
    const key = at.in("attributes", place, "name");
    filledText(attribute.name, key);
    if (attributes.findIndex((other) => other.name === attribute.name) < place) {
      key.fault(attribute.name, "each attribute once", "remove one");
    }
  });
  return filled({
    name,
    path,
    ttl: ttl === undefined ? undefined : duration(ttl, at.in("ttl"), { min: "0s" }),
    attributes,
  });
}

const keys = ["httpHeaderName", "httpCookie", "useSourceIp", "httpQueryParameterName"] as const;

function renderKey(key: HashKey, site: Site): Block {
  const given = keys.filter((name) => name in key);
  if (given.length !== 1) {
    site.at.fault(
      given.join(" and ") || "no key",
      `one of ${keys.join(", ")}`,
      "say what callers are told apart by",
    );
  }
  if ("httpCookie" in key) return { httpCookie: renderCookie(key.httpCookie, site.in("httpCookie")) };
  if ("useSourceIp" in key) return { useSourceIp: true };
  if ("httpQueryParameterName" in key) {
    const name = filledText(key.httpQueryParameterName, site.at.in("httpQueryParameterName"));
    return { httpQueryParameterName: name };
  }
  if (!("httpHeaderName" in key)) return {};
  return { httpHeaderName: headerName(key.httpHeaderName, site.at.in("httpHeaderName"), "request") };
}

function renderTable(size: number, { at }: Site): number {
  integer(size, at, { min: 2, max: TABLE_LIMIT - 1 });
  if (size >= 2 && size < TABLE_LIMIT && Number.isInteger(size) && !isPrime(size)) {
    at.fault(size, `a prime below ${TABLE_LIMIT}`, `write ${primeNear(size)}`);
  }
  return size;
}

function renderAlgorithm({ ringHash, maglev, minimumRingSize: old }: HashAlgorithm, site: Site): Block {
  const given = Object.entries({ ringHash, maglev, minimumRingSize: old }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length > 1) {
    const names = given.map(([name]) => name).join(" and ");
    site.at.fault(names, "one of ringHash, maglev", "choose one");
  }
  const ring = (size: number, at: Site) => ({
    minimumRingSize: integer(size, at.at, { min: 1, max: MAX_RING }),
  });
  if (old !== undefined) {
    site.note(
      "MP0581",
      "minimumRingSize is written as ringHash.minimumRingSize, its place now",
      "say it by ringHash",
    );
    return { ringHash: ring(old, site.in("minimumRingSize")) };
  }
  if (ringHash?.minimumRingSize !== undefined) {
    return { ringHash: ring(ringHash.minimumRingSize, site.in("ringHash", "minimumRingSize")) };
  }
  if (maglev === undefined) return {};
  // Istio knows a default and yet refuses a table without a size.
  return { maglev: { tableSize: renderTable(maglev.tableSize ?? 65_537, site.in("maglev", "tableSize")) } };
}

/** The block `consistentHash` of a load balancer. */
export const renderHash = (args: ConsistentHashArgs, site: Site): Block => ({
  ...renderKey(args, site),
  ...renderAlgorithm(args, site),
});
