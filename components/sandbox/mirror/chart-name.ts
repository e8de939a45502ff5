/** Where packed charts lie below the mirror's `files/`. */
export const chartsDir = "charts";

/** The file name of a packed chart. */
export function chartName(chart: string, version: string): string {
  return `${chart}-${version}.tgz`;
}
