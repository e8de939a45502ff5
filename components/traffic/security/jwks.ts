import type { Place } from "../faults";

/** A key as RFC 7517 writes it: its type, and the numbers that belong to it. */
export type Jwk = Readonly<Record<string, unknown>> & { readonly kty: string };

/** Public keys. */
export interface Jwks {
  readonly keys: readonly Jwk[];
}

/** What only the owner of a key has. `k` is the whole of a symmetric one, with which anybody could sign. */
const secretParts = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** What each type of key needs to be one. */
const wanted: Readonly<Record<string, readonly string[]>> = {
  RSA: ["n", "e"],
  EC: ["crv", "x", "y"],
  OKP: ["crv", "x"],
};

/** Public keys as the text that Istio takes. Faults never show the keys: one of them may be private. */
export function jwksText(jwks: Jwks, at: Place): string {
  const keys: readonly unknown[] = Array.isArray(jwks?.keys) ? jwks.keys : [];
  if (keys.length === 0) at.fault("no keys", "{ keys: [one or more] }", "give the issuer's public keys");
  keys.forEach((key, index) => void checkKey(key, at.in("keys", index)));
  return JSON.stringify(jwks);
}

function checkKey(key: unknown, at: Place): void {
  const fields = typeof key === "object" && key !== null ? Object.keys(key) : [];
  const secret = secretParts.filter((part) => fields.includes(part));
  if (secret.length > 0) {
    const given = `a key with ${secret.join(", ")} (not shown)`;
    at.fault(
      given,
      "public keys: everybody who may read the policy reads them",
      "remove the private parts, and renew the key",
    );
    return;
  }
  const type = (key as { kty?: unknown } | null)?.kty;
  const needs = typeof type === "string" ? wanted[type] : undefined;
  if (needs === undefined) {
    at.in("kty").fault(type, Object.keys(wanted).join(", "), "name the key's type");
    return;
  }
  const missing = needs.filter((part) => !fields.includes(part));
  if (missing.length > 0) at.fault(fields, `${type} with ${needs.join(", ")}`, `add ${missing.join(", ")}`);
}
