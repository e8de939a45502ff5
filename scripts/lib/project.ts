/** The Pulumi project that a command works on: this repository, or a test's program. */
import path from "node:path";
import { parseYamlMap, readYamlText, YamlError } from "../../components/lib/yaml-text";

export interface Project {
  readonly name: string;
  /** The folder that holds Pulumi.yaml. */
  readonly folder: string;
}

/** Throws a YamlError where Pulumi.yaml cannot be read. */
export function readProject(folder: string): Project {
  const file = path.join(folder, "Pulumi.yaml");
  const { name } = parseYamlMap(readYamlText(file), file, "a project's file");
  if (typeof name !== "string")
    throw new YamlError([
      { file, line: 0, column: 0, text: "", message: "name is missing: write name: and a text" },
    ]);
  return { name, folder };
}
