import { type ParseArgsConfig, parseArgs } from "node:util";

/** A mistake of whoever typed the command, or something that has to be there first. */
export class UsageError extends Error {}

/** What a command understands, as Node reads it. */
export type Flags = NonNullable<ParseArgsConfig["options"]>;

/** Reads the words of a command line; one that it does not know is told together with those that there are. */
export function parseWords<T extends Flags>(args: readonly string[], options: T, usage: string) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}
