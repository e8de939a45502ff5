import { atLeast, minorOf } from "../lib/versions";
import { filled } from "../mesh/exposure-fields";
import type { BlockKind, Level } from "./destination-policy";
import type { Block, Site } from "./destination-site";
import { duration, integer, percent } from "./values";

/** Endpoints that fail are left alone for a while. Each proxy judges by what it sees itself. */
export interface OutlierDetectionArgs {
  /** Answers of 500 and above in a row, refused and broken connections too; 0 for never. Default 5. */
  readonly consecutive5xxErrors?: number;
  /** 502, 503, 504 and broken connections in a row; 0 for never. Works only below `consecutive5xxErrors`. Default 0. */
  readonly consecutiveGatewayErrors?: number;
  /** The name of old for `consecutive5xxErrors`. Istio only warns of it and does nothing; here it is translated. */
  readonly consecutiveErrors?: number;
  /** Count what goes wrong on the way (connections, timeouts) apart from what the endpoint answers. Default false. */
  readonly splitExternalLocalOriginErrors?: boolean;
  /** Failures on the way in a row. Default 5. Only where they are counted apart. Istio 1.11 or later. */
  readonly consecutiveLocalOriginFailures?: number;
  /** How often is looked whether an endpoint may come back. Default `10s`. */
  readonly interval?: string;
  /** How long an endpoint stays out the first time; the n-th time n times as long. Default `30s`. */
  readonly baseEjectionTime?: string;
  /** How many percent of the endpoints can be out, 1 to 100, rounded down: 10 of 9 endpoints is none. Default 10. */
  readonly maxEjectionPercent?: number;
  /** With fewer percent in order, all get requests again, sick ones too. Default 0: sick ones never do. */
  readonly minHealthPercent?: number;
  /** Statuses that count as errors, 100 to 599. Default: 500 and above. */
  readonly outlierDetectionHttpErrorCodes?: readonly number[];
}

/** Istio's own, written out so that a preview shows what holds. */
export const outlierDefaults = {
  consecutive5xxErrors: 5,
  interval: "10s",
  baseEjectionTime: "30s",
  maxEjectionPercent: 10,
} as const;

const MAX = 2 ** 32 - 1;

function renderCounters(args: OutlierDetectionArgs, site: Site): Block {
  const { consecutiveErrors: old, consecutive5xxErrors, consecutiveGatewayErrors } = args;
  const { consecutiveLocalOriginFailures: local } = args;
  const { at } = site;
  for (const field of ["consecutiveErrors", "consecutive5xxErrors", "consecutiveGatewayErrors"] as const) {
    const value = args[field];
    if (value !== undefined) integer(value, at.in(field), { max: MAX });
  }
  if (old !== undefined && consecutive5xxErrors !== undefined) {
    at.in("consecutiveErrors").fault(old, "consecutive5xxErrors alone", "leave out the old name");
  } else if (old !== undefined) {
    site
      .in("consecutiveErrors")
      .note(
        "MP0581",
        "consecutiveErrors, which Istio only warns of, is written as consecutive5xxErrors",
        "say consecutive5xxErrors; or consecutiveGatewayErrors where 500 shall not count",
      );
  }
  if (local !== undefined) {
    integer(local, at.in("consecutiveLocalOriginFailures"), { min: 1, max: MAX });
    site.in("consecutiveLocalOriginFailures").since("1.11", local);
  }
  return {
    consecutive5xxErrors: consecutive5xxErrors ?? old,
    consecutiveGatewayErrors,
    consecutiveLocalOriginFailures: local,
  };
}

function renderCodes(codes: readonly number[] | undefined, { at }: Site): readonly number[] | undefined {
  if (codes === undefined) return undefined;
  if (codes.length === 0) at.fault([], "one status or more", "leave it out for 500 and above");
  codes.forEach((code, place) => {
    integer(code, at.in(place), { min: 100, max: 599 });
    if (codes.indexOf(code) < place) at.in(place).fault(code, "each status once", "remove one");
  });
  return codes;
}

/** The block `outlierDetection` without defaults, as they must not stand against another wish. */
export function renderOutlier(args: OutlierDetectionArgs, site: Site): Block {
  const { interval, baseEjectionTime, maxEjectionPercent: most, minHealthPercent: least } = args;
  const { at } = site;
  if (most === 0)
    at.in("maxEjectionPercent").fault(
      0,
      "1 to 100",
      "set consecutive5xxErrors: 0, as Istio takes 0 here for 10",
    );
  else if (most !== undefined) percent(most, at.in("maxEjectionPercent"), { whole: true, min: 1 });
  if (least !== undefined) percent(least, at.in("minHealthPercent"), { whole: true });
  return filled({
    ...renderCounters(args, site),
    splitExternalLocalOriginErrors: args.splitExternalLocalOriginErrors,
    interval: interval === undefined ? undefined : duration(interval, at.in("interval")),
    baseEjectionTime:
      baseEjectionTime === undefined ? undefined : duration(baseEjectionTime, at.in("baseEjectionTime")),
    maxEjectionPercent: most,
    minHealthPercent: least,
    outlierDetectionHttpErrorCodes: renderCodes(
      args.outlierDetectionHttpErrorCodes,
      site.in("outlierDetectionHttpErrorCodes"),
    ),
  });
}

function check(block: OutlierDetectionArgs, site: Site): void {
  const { consecutive5xxErrors: errors = 5, consecutiveGatewayErrors: gateway = 0 } = block;
  const { splitExternalLocalOriginErrors: split = false, consecutiveLocalOriginFailures: local } = block;
  if (local !== undefined && !split) {
    site.at
      .in("consecutiveLocalOriginFailures")
      .fault(local, "only with splitExternalLocalOriginErrors", "set that to true, or leave this out");
  }
  if (errors === 0 && gateway === 0 && !split) {
    site.at.fault(
      "all counters 0",
      "one that counts",
      "raise consecutive5xxErrors, or leave outlierDetection out",
    );
  }
  if (gateway > 0 && errors > 0 && gateway >= errors) {
    const message = `errors of gateways are counted among the ${errors} in a row of consecutive5xxErrors, which come first`;
    site
      .field("consecutiveGatewayErrors")
      .note("MP0586", message, `set it below ${errors}, or consecutive5xxErrors: 0`);
  }
}

/** From here on (Envoy 1.28) the limit holds for the first endpoint too; before, one could always go. */
const STRICT_PERCENT = "1.20";

function checkLevel(
  { maxEjectionPercent: most }: OutlierDetectionArgs,
  { endpoints }: Level,
  { at, context }: Site,
): void {
  if (endpoints === undefined || most === undefined || endpoints < 1) return;
  const needed = Math.ceil(100 / endpoints);
  if (most >= needed || !atLeast(minorOf(context.version), STRICT_PERCENT)) return;
  at.in("maxEjectionPercent").fault(
    `${most} with ${endpoints} ${endpoints === 1 ? "endpoint" : "endpoints"}`,
    `${needed} to 100`,
    "raise it: not even one endpoint could be put out",
  );
}

export const outlierDetectionKind: BlockKind = {
  name: "outlierDetection",
  complete: (block) => ({ ...outlierDefaults, ...block }),
  check,
  checkLevel,
};
