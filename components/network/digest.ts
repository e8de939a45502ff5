import { createHash } from "node:crypto";

/** A short text that differs where the value does: as an annotation it makes a changed config change the pods. */
export function digestOf(value: object): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}
