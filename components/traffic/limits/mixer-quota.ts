import type { TrafficContext } from "../context";
import { checked, type Place } from "../faults";
import { duration, integer, milliseconds } from "../values";
import type { Entry, HeaderCondition } from "./entries";
import { notesOf } from "./mixer-notes";
import type { MappedQuota, MappedRule, MixerQuota, QuotaOverride, QuotaService } from "./mixer-types";
import type { Limit } from "./rules";

export interface MappingChoice {
  /** Who counts. Default: proxies by themselves for memquota, the rate limit service for redisquota. */
  readonly onto?: "local" | "global";
  /**
   * `override`: one counter per line of the table, as the documents describe it. `dimensions`: one for each combination
   * of values, as Mixer's code did. Default `override`.
   */
  readonly countPer?: "override" | "dimensions";
}

/** Durations that are windows of the rate limit service. */
const windows: Readonly<Record<number, Limit["unit"]>> = {
  1000: "second",
  60000: "minute",
  3600000: "hour",
  86400000: "day",
};

/** A line that may fit a service: what is still to be seen in requests. */
interface Candidate {
  readonly line: string;
  readonly conditions: readonly {
    readonly key: string;
    readonly value: string;
    readonly header: HeaderCondition;
  }[];
  readonly maxAmount: number;
  readonly validDuration: string;
}

/** A quota's table line by line, as descriptors. What cannot come over stands in `notes`. */
export function mapMixerQuota(
  quota: MixerQuota,
  choice: MappingChoice,
  _context: TrafficContext,
): MappedQuota {
  return checked(`Mixer quota ${quota.name}`, (at) => {
    checkQuota(quota, at);
    const { onto = quota.adapter === "memquota" ? "local" : "global" } = choice;
    const services = quota.services.map((service) => ({ service, rules: rulesOf(quota, service, choice) }));
    return { services, notes: notesOf(quota, onto, services) };
  });
}

function checkQuota(
  { dimensions, overrides, maxAmount, validDuration, services, charge = 1 }: MixerQuota,
  at: Place,
): void {
  integer(maxAmount, at.in("maxAmount"), { min: 1 });
  duration(validDuration, at.in("validDuration"), { min: "50ms" });
  if (charge !== 1) at.in("charge").fault(charge, "1: a request counts once", "divide the amounts by it");
  if (services.length === 0) at.in("services").fault([], "one or more; for * all there are", "name them");
  overrides.forEach((override, index) => {
    const here = at.in("overrides", index);
    integer(override.maxAmount, here.in("maxAmount"), { min: 1 });
    if (override.validDuration !== undefined)
      duration(override.validDuration, here.in("validDuration"), { min: "50ms" });
    for (const name of Object.keys(override.dimensions).filter((key) => dimensions[key] === undefined)) {
      here
        .in("dimensions", name)
        .fault(name, Object.keys(dimensions).join(", "), "name a dimension of the quota");
    }
  });
}

/** The lines for a service, each with conditions that leave out those that earlier lines take. */
function rulesOf(quota: MixerQuota, service: QuotaService, choice: MappingChoice): MappedRule[] {
  const rules: MappedRule[] = [];
  const earlier: Candidate[] = [];
  for (const candidate of candidatesOf(quota, service)) {
    const { line, maxAmount, validDuration } = candidate;
    const unit = windows[milliseconds(validDuration) ?? 0];
    rules.push({
      line,
      entries: entriesOf(quota, service, candidate, earlier, choice),
      maxAmount,
      validDuration,
      ...(unit === undefined ? {} : { limit: { requestsPerUnit: maxAmount, unit } }),
    });
    // It takes all that is left; Mixer never looked further either.
    if (candidate.conditions.length === 0) break;
    earlier.push(candidate);
  }
  return rules;
}

function candidatesOf(quota: MixerQuota, service: QuotaService): Candidate[] {
  const { maxAmount, validDuration, overrides } = quota;
  const lines = overrides.flatMap((override, index) => {
    const conditions = conditionsOf(quota, service, override);
    if (conditions === undefined) return [];
    const amounts = { maxAmount: override.maxAmount, validDuration: override.validDuration ?? validDuration };
    return [{ line: `overrides[${index}]`, conditions, ...amounts }];
  });
  return [...lines, { line: "default", conditions: [], maxAmount, validDuration }];
}

/** What requests have to show for an override to fit. Undefined where the service alone decides that it does not. */
function conditionsOf(
  quota: MixerQuota,
  service: QuotaService,
  override: QuotaOverride,
): Candidate["conditions"] | undefined {
  const conditions: Candidate["conditions"][number][] = [];
  for (const [key, value] of Object.entries(override.dimensions)) {
    const dimension = quota.dimensions[key];
    if (dimension?.from === "service" && value !== service.name) return undefined;
    if (dimension?.from === "version" && value !== (service.version ?? "unknown")) return undefined;
    if (dimension?.from === "header") {
      const { header: name } = dimension;
      const header = value === dimension.default ? { name, present: false } : { name, exact: value };
      conditions.push({ key, value, header });
    }
  }
  return conditions;
}

function entriesOf(
  quota: MixerQuota,
  service: QuotaService,
  { conditions }: Candidate,
  earlier: readonly Candidate[],
  { countPer = "override" }: MappingChoice,
): Entry[] {
  const { match, dimensions } = quota;
  const matched = conditions.map(({ key }) => key);
  const counted = Object.entries(dimensions).flatMap(([key, dimension]): Entry[] =>
    countPer === "dimensions" && dimension.from === "header" && !matched.includes(key)
      ? [{ by: "header", key, header: dimension.header, ifAbsent: "leaveOut" }]
      : [],
  );
  return [
    ...Object.entries(dimensions).flatMap(([key, { from }]) => constantsOf(key, from, service)),
    ...(match === undefined
      ? []
      : [conditionEntry("condition", "holds", [match.header], match.fits ?? true)]),
    ...conditions.map(({ key, value, header }) => conditionEntry(key, value, [header], true)),
    // Not one condition of an earlier line, but all of them together must not fit.
    ...earlier.map(({ line, conditions: others }) =>
      conditionEntry(
        `except-${line.replace(/\D/g, "")}`,
        "true",
        others.map(({ header }) => header),
        false,
      ),
    ),
    ...counted,
  ];
}

const constantsOf = (key: string, from: string, service: QuotaService): Entry[] => {
  if (from === "service") return [{ by: "constant", key, value: service.name }];
  return from === "version" && service.version !== undefined
    ? [{ by: "constant", key, value: service.version }]
    : [];
};

const conditionEntry = (
  key: string,
  value: string,
  headers: readonly HeaderCondition[],
  fits: boolean,
): Entry => ({
  by: "match",
  key,
  value,
  headers,
  fits,
});
