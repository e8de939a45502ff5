import { parseYamlMap, readYamlText, YamlError } from "../../components/lib/yaml-text";
import { isSecret, NAMESPACE } from "../../stacks/config/secret-keys";

/**
 * The project's own keys in a stack's file, without the secret ones: those are encrypted, and no part of the schema.
 * Throws a YamlError where the file cannot be read.
 */
export function plainSettings(file: string): Record<string, unknown> {
  const { config } = parseYamlMap(readYamlText(file), file, "a stack's file");
  if (config !== undefined && (typeof config !== "object" || Array.isArray(config))) {
    const message = `config is not a map: write config:, and the keys below it as ${NAMESPACE}:hosts`;
    throw new YamlError([{ file, line: 0, column: 0, text: "", message }]);
  }
  const own = Object.entries(config ?? {})
    .filter(([key]) => key.startsWith(`${NAMESPACE}:`))
    .map(([key, value]) => [key.slice(NAMESPACE.length + 1), value] as const);
  return Object.fromEntries(own.filter(([key]) => !isSecret(key)));
}
