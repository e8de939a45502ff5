import { balancing } from "./balancing";
import { billDemo } from "./bill-demo";
import { bookinfo } from "./bookinfo";
import { bookinfoDelays } from "./bookinfo-delays";
import { bookinfoFaults } from "./bookinfo-faults";
import { bookinfoPaths } from "./bookinfo-paths";
import { httpbin } from "./httpbin";
import { httpbinErrors } from "./httpbin-errors";
import { labPools } from "./lab-pools";
import { labTimeouts } from "./lab-timeouts";
import { limits } from "./limits";
import type { Scenario } from "./types";
import { webDemo } from "./web-demo";

export { defaultNamespaces } from "./places";
export type * from "./types";

const list: readonly Scenario[] = [
  ...[...bookinfo, ...bookinfoFaults, ...bookinfoDelays, ...bookinfoPaths],
  ...[...webDemo, ...billDemo, ...httpbin, ...httpbinErrors],
  ...[...balancing, ...labPools, ...labTimeouts, ...limits],
];

/** All experiments by name. */
export const scenarios: Readonly<Record<string, Scenario>> = Object.fromEntries(
  list.map((scenario) => [scenario.name, scenario]),
);
