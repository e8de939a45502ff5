import type { Check } from "../../../lib/findings";
import { sidecarKind } from "../kinds";
import { oneOfAKind } from "../selection";
import { validServers } from "./gateways";
import { oneEntryPerPort, validServiceEntry } from "./service-entries";
import { existingEgress, meshDefault, sidecarExists, validSidecar } from "./sidecars";
import { telemetryChecks } from "./telemetry";
import { existingAccount, ownLabels, validWorkload } from "./workloads";

/** Checks of ServiceEntry, WorkloadEntry, WorkloadGroup, Sidecar, Gateway and Telemetry. */
export const entryChecks: readonly Check[] = [
  ...[validServiceEntry, oneEntryPerPort, validWorkload, existingAccount, ownLabels],
  ...[validSidecar, existingEgress, meshDefault, sidecarExists],
  oneOfAKind(sidecarKind, "IST0111", "IST0110"),
  validServers,
  ...telemetryChecks,
];
