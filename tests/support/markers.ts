import { runtime } from "@pulumi/pulumi";

/** How the SDK marks a secret on its way to the engine (`specialSigKey`, `specialSecretSig` in its `runtime/rpc.ts`). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** What stands in inputs for a value that only `up` knows. */
export const UNKNOWN = runtime.unknownValue;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

interface Marker {
  readonly value: Json;
}

export function isMarked(value: Json): value is Json & Marker {
  return typeof value === "object" && value !== null && SIGNATURE in value && value[SIGNATURE] === SECRET;
}

export const mark = (value: Json): Json => ({ [SIGNATURE]: SECRET, value });

function rebuild(value: Json, secret: (inner: Json) => Json): Json {
  if (isMarked(value)) return secret(value.value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => rebuild(item, secret));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rebuild(item, secret)]));
}

/** The value as Pulumi would print it: every secret is `[secret]`. */
export const hideSecrets = (value: Json): Json => rebuild(value, () => "[secret]");

/** The value as the provider gets it. */
export const openSecrets = (value: Json): Json => rebuild(value, openSecrets);

/** The value at a path of keys and whether it, or anything around it, is marked secret. */
export function valueAt(
  root: Json,
  path: readonly string[],
): { readonly value: Json | undefined; readonly secret: boolean } {
  let secret = isMarked(root);
  let value: Json | undefined = secret ? openSecrets(root) : root;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return { value: undefined, secret };
    value = (value as { readonly [key: string]: Json })[key];
    if (value !== undefined && isMarked(value)) {
      secret = true;
      value = value.value;
    }
  }
  return { value, secret };
}
