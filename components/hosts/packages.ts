import { families, type HostPackages } from "./families";

export type { HostPackages } from "./families";

/** Needed packages and those of the config, sorted, each once. */
export function neededPackages(own: HostPackages): HostPackages {
  const merge = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])].sort();
  return {
    debian: merge(families.debian.packages, own.debian),
    redhat: merge(families.redhat.packages, own.redhat),
  };
}
