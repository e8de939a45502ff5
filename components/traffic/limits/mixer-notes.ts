import type { MappedQuota, MappingNote, MixerQuota } from "./mixer-types";

/** Everything in which the limits differ from the quota they came from. */
export function notesOf(
  quota: MixerQuota,
  onto: "local" | "global",
  services: MappedQuota["services"],
): MappingNote[] {
  return [
    ...algorithm(quota, onto),
    ...windowsOf(quota, onto, services),
    ...pods(onto, services),
    ...unreached(quota, services),
  ];
}

function algorithm(
  { adapter, rateLimitAlgorithm, bucketDuration }: MixerQuota,
  onto: "local" | "global",
): MappingNote[] {
  const rolling = adapter === "memquota" || rateLimitAlgorithm === "ROLLING_WINDOW";
  const now =
    onto === "local"
      ? "a bucket that may be full: at most twice the amount within one duration"
      : "windows that begin with the clock's unit: at most twice the amount around the turn of two";
  return [
    ...(rolling
      ? [
          {
            path: adapter === "memquota" ? "adapter" : "rateLimitAlgorithm",
            difference: `a rolling window becomes ${now}`,
          },
        ]
      : []),
    ...(bucketDuration === undefined
      ? []
      : [{ path: "bucketDuration", difference: "dropped: there are no parts of a window" }]),
  ];
}

/** Lines whose duration the rate limit service has no window for: proxies count them. */
function windowsOf(
  { overrides }: MixerQuota,
  onto: "local" | "global",
  services: MappedQuota["services"],
): MappingNote[] {
  if (onto === "local") return [];
  const lines = services.flatMap(({ rules }) => rules.filter(({ limit }) => limit === undefined));
  return [...new Map(lines.map((rule) => [rule.line, rule])).values()].map(
    ({ line, maxAmount, validDuration }) => {
      const index = Number(line.replace(/\D/g, ""));
      const own = line !== "default" && overrides[index]?.validDuration !== undefined;
      return {
        path: own ? `${line}.validDuration` : "validDuration",
        difference: `${maxAmount} per ${validDuration} is no window of the rate limit service: each proxy counts it by itself`,
      };
    },
  );
}

function pods(onto: "local" | "global", services: MappedQuota["services"]): MappingNote[] {
  return services.flatMap(({ service, rules }) => {
    const { pods: count = 1, name } = service;
    if (count === 1) return [];
    const local = rules.filter(({ limit }) => onto === "local" || limit === undefined);
    return local.flatMap(({ line, maxAmount }) =>
      maxAmount % count === 0
        ? [
            {
              path: line,
              difference: `${name}: shared out to ${count} pods, ${maxAmount / count} each; even load is assumed`,
            },
          ]
        : [
            {
              path: line,
              difference: `${name}: ${maxAmount} cannot be shared out to ${count} pods; each gets ${Math.ceil(maxAmount / count)}`,
            },
          ],
    );
  });
}

/** Lines that no bound service comes to, as where a wider one stands before a narrower one. */
function unreached({ overrides }: MixerQuota, services: MappedQuota["services"]): MappingNote[] {
  const reached = new Set(services.flatMap(({ rules }) => rules.map(({ line }) => line)));
  const lines = [...overrides.map((_, index) => `overrides[${index}]`), "default"];
  return lines
    .filter((line) => !reached.has(line))
    .map((path) => ({ path, difference: "dropped: earlier lines take every request of the bound services" }));
}
