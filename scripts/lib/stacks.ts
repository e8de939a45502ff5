/** Which stacks there are: one for each file `Pulumi.<name>.yaml`, and those that a backend still knows without one. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { didYouMean } from "../../components/lib/nearest";
import type { Project } from "./project";
import { UsageError } from "./usage";

/** The file of a stack, which need not exist. */
export const stackFile = (project: Project, stack: string) =>
  path.join(project.folder, `Pulumi.${stack}.yaml`);

/** The names of the stacks that have a file, in order. */
export function stacksWithFile(project: Project): string[] {
  return readdirSync(project.folder)
    .flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1] ?? [])
    .sort();
}

export const hasStackFile = (project: Project, stack: string) => existsSync(stackFile(project, stack));

/** That a stack has no file, which ones have, and which of these was meant most likely. */
export function unknownStack(project: Project, stack: string): string {
  const names = stacksWithFile(project);
  const known = names.length === 0 ? "none" : names.join(", ");
  const file = path.basename(stackFile(project, stack));
  return `There is no stack ${stack}: ${file} is missing. Stacks here: ${known}.${didYouMean(stack, names)}`;
}

/** @throws UsageError for a stack without a file. */
export function requireStackFile(project: Project, stack: string): void {
  if (!hasStackFile(project, stack)) throw new UsageError(unknownStack(project, stack));
}
