/** `1.36` of `1.36.3`. */
export const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");

/** Whether a version is another one or later. Missing parts count as 0. */
export function atLeast(version: string, minimum: string): boolean {
  const [left, right] = [version, minimum].map((text) => text.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
