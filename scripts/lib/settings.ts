import { parse } from "yaml";
import { isSecret, NAMESPACE } from "../../stacks/config/secret-keys";

/** The project's own keys in the text of a stack's file, without the secret ones: those are encrypted, and no part of the schema. */
export function plainSettings(text: string): Record<string, unknown> {
  const { config = {} } = (parse(text) ?? {}) as { config?: Record<string, unknown> };
  const own = Object.entries(config)
    .filter(([key]) => key.startsWith(`${NAMESPACE}:`))
    .map(([key, value]) => [key.slice(NAMESPACE.length + 1), value] as const);
  return Object.fromEntries(own.filter(([key]) => !isSecret(key)));
}
