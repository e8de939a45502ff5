/** What holds from a version on; newest first. */
export type VersionTable<T> = readonly (readonly [from: string, value: T])[];

/** Whether a version is a given one or later, number by number. Missing numbers count as 0. */
export function isAtLeast(version: string, minimum: string): boolean {
  const [given, wanted] = [version, minimum].map((text) => text.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (given?.[index] ?? 0) - (wanted?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** The value for a version: that of the first row which is not newer. */
export function rowFor<T>(what: string, table: VersionTable<T>, version: string): T {
  const row = table.find(([from]) => isAtLeast(version, from));
  if (row === undefined) {
    throw new Error(
      `${what} ${version} is not known; ${table.at(-1)?.[0]} is the oldest; choose a newer one`,
    );
  }
  return row[1];
}
