import type { Check } from "../../lib/findings";
import type { Tier } from "../tiers";
import { ambientChecks } from "./ambient";
import { controlPlaneChecks } from "./control-plane";
import { existingTarget, existingTraffic, onlyFlagger, soundSteps } from "./delivery/canaries";
import { chaosCheck } from "./delivery/chaos";
import { destinationChecks } from "./destinations";
import { entryChecks } from "./entries";
import { filterChecks } from "./filters";
import { distinctListeners, existingClass, grantedNamespaces, ownAddresses } from "./gateway-api/gateways";
import { currentDefinitions, namesItsGateway } from "./gateway-api/policies";
import { existingBackends, existingParents } from "./gateway-api/routes";
import { routeChecks } from "./routes";
import { fitsItsKind, wholeSpecKnown } from "./schema/check";
import { securityChecks } from "./security";
import { selectorsHit } from "./selection";
import { tierCheck } from "./tier";

export { catalogue, type TrafficCode } from "./catalogue";
export { renderingCodes } from "./catalogue-rendering";
export { chaosCheck } from "./delivery/chaos";
export { tierCodes } from "./tier";

const settled: readonly Check[] = [
  ...[fitsItsKind, wholeSpecKnown],
  ...routeChecks,
  ...destinationChecks,
  ...entryChecks,
  ...securityChecks,
  ...selectorsHit,
  ...filterChecks,
  ...[distinctListeners, ownAddresses, existingClass, grantedNamespaces],
  ...[existingParents, existingBackends, namesItsGateway, currentDefinitions],
  ...ambientChecks,
  ...[onlyFlagger, existingTarget, soundSteps, existingTraffic],
  ...controlPlaneChecks,
];

export interface StackFacts {
  /** Names of the cluster's nodes. Default: those that are declared. */
  readonly nodes?: readonly string[];
  /** What the stack is for. Default: not known, and nothing is refused for it. */
  readonly tier?: Tier;
}

/** All checks of traffic, with what is known of the stack. */
export const trafficChecksFor = ({ nodes = [], tier }: StackFacts = {}): readonly Check[] => [
  ...settled,
  chaosCheck(nodes),
  ...(tier === undefined ? [] : [tierCheck(tier)]),
];

/** All checks of traffic, where nothing is known of the nodes but what is declared. */
export const trafficChecks: readonly Check[] = trafficChecksFor();
