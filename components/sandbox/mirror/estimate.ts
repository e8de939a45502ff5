/** How long a fill will take. */

/**
 * Seconds that an item took on two cores with empty caches, after those before it in the list, with whose packages it
 * has much in common; items that are not here take a second or two. Measured in December 2026.
 */
const measured: Readonly<Record<string, number>> = {
  kubernetes: 277,
  containerd: 44,
  etcd: 22,
  flannel: 59,
  coredns: 114,
  fortio: 17,
  istio: 213,
  "istio-tools": 31,
  prometheus: 189,
  ratelimit: 21,
  jaeger: 182,
};
const REFERENCE_CORES = 2;
const OTHERS_SECONDS = 1;

/** What to expect of so many items on so many cores, for people; undefined where it is over in a moment. */
export function expectation(names: readonly string[], cores: number): string | undefined {
  const compiling = names.reduce((sum, name) => sum + (measured[name] ?? 0), 0) * (REFERENCE_CORES / cores);
  if (compiling < 60) return undefined;
  const minutes = Math.ceil((compiling + names.length * OTHERS_SECONDS) / 60);
  return (
    `${names.length} parts to make, most of them compiled from source: about ${minutes} min on the ${cores} cores of this ` +
    "computer, once. They are needed since the official downloads are out of reach, or the config says so. " +
    "Quicker, where you have it: a way to them (HTTPS_PROXY), or a mirror of your own (docs/artifacts.md)."
  );
}
