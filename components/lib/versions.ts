/** Versions as they are written here: numbers with dots between them, without a leading v; an ending as `-rc.1` counts nothing. */

/** `1.36` of `1.36.3`. */
export const minorOf = (version: string): string => version.split(".").slice(0, 2).join(".");

/** 36 of `1.36.3`, for parts whose major version never changes. */
export const minorNumber = (version: string): number => Number(version.split(".")[1]);

/** Negative, zero or positive as in a sort. Missing parts count as 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(".").map((part) => Number.parseInt(part, 10)));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a version is another one or later. */
export const atLeast = (version: string, minimum: string): boolean => compareVersions(version, minimum) >= 0;
