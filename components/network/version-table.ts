import { atLeast } from "../lib/versions";

/** What holds from a version on; newest first. */
export type VersionTable<T> = readonly (readonly [from: string, value: T])[];

/** The value for a version: that of the first row which is not newer. */
export function rowFor<T>(what: string, table: VersionTable<T>, version: string): T {
  const row = table.find(([from]) => atLeast(version, from));
  if (row === undefined) {
    throw new Error(
      `${what} ${version} is not known; ${table.at(-1)?.[0]} is the oldest; choose a newer one`,
    );
  }
  return row[1];
}
