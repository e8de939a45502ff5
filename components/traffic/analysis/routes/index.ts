import type { Check } from "../../../lib/findings";
import { existingDelegate, matchOnOwnGateways, noOldFields, soundRewrite } from "./details";
import { claimsAreChecked, splitAtGateway } from "./gateway-rules";
import { hostOfThisNamespace, noClashOnGateway, oneOwnerInMesh } from "./hosts";
import { lastCatchAll, reachableRules } from "./reach";
import { existingDestinations, exportedSomewhere } from "./references";
import { retriesDoNotMultiply } from "./retry-chain";
import { retriesAllowed, soundTiming } from "./timing";
import { validVirtualService } from "./valid";
import { mirrorElsewhere, soundWeights } from "./weights";

/** Checks of VirtualServices. */
export const routeChecks: readonly Check[] = [
  ...[validVirtualService, oneOwnerInMesh, noClashOnGateway, hostOfThisNamespace],
  ...[reachableRules, lastCatchAll, existingDestinations, exportedSomewhere],
  ...[soundWeights, mirrorElsewhere, soundTiming, retriesAllowed, retriesDoNotMultiply],
  ...[soundRewrite, existingDelegate, matchOnOwnGateways, noOldFields, splitAtGateway, claimsAreChecked],
];
