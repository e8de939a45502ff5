import type { Check } from "../../lib/findings";
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

export { catalogue, type TrafficCode } from "./catalogue";
export { chaosCheck } from "./delivery/chaos";

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

/** All checks of traffic, for a cluster whose nodes have these names. */
export const trafficChecksFor = ({
  nodes = [],
}: {
  readonly nodes?: readonly string[];
} = {}): readonly Check[] => [...settled, chaosCheck(nodes)];

/** All checks of traffic, where nothing is known of the nodes but what is declared. */
export const trafficChecks: readonly Check[] = trafficChecksFor();
