import type { Check } from "../../../lib/findings";
import { boundToVersion, namesOfToday, soundOperations, validEnvoyFilter } from "./envoy-filters";
import { validExtension } from "./extensions";
import { httpFilterAtHttp, knownDomains, soundBuckets } from "./rate-limits";

/** Checks of EnvoyFilter, WasmPlugin and TrafficExtension. */
export const filterChecks: readonly Check[] = [
  ...[validEnvoyFilter, soundOperations, namesOfToday, boundToVersion],
  ...[soundBuckets, knownDomains, httpFilterAtHttp, validExtension],
];
