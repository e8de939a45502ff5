import type { Check } from "../../../lib/findings";
import { checkedServers, ejectsSomeone, hashHasChoice, plainBeforeTls, portsRepeat } from "./policies";
import { existingHost, existingPorts, livingSubsets, oneRulePerHost, usedPolicies } from "./references";
import { validDestinationRule } from "./valid";

/** Checks of DestinationRules. */
export const destinationChecks: readonly Check[] = [
  ...[validDestinationRule, existingHost, oneRulePerHost, livingSubsets, usedPolicies, existingPorts],
  ...[checkedServers, hashHasChoice, ejectsSomeone, portsRepeat, plainBeforeTls],
];
