/** The Pulumi project that a command works on: this repository, or a test's program. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

export interface Project {
  readonly name: string;
  /** The folder that holds Pulumi.yaml. */
  readonly folder: string;
}

export function readProject(folder: string): Project {
  const { name } = parse(readFileSync(path.join(folder, "Pulumi.yaml"), "utf8")) as { name: string };
  return { name, folder };
}
