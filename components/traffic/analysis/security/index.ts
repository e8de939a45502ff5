import type { Check } from "../../../lib/findings";
import { peerAuthenticationKind, proxyConfigKind } from "../kinds";
import { oneOfAKind } from "../selection";
import * as authorization from "./authorization";
import { validAuthorization } from "./authorization-valid";
import { everyoneIsCovered } from "./coverage";
import * as mtls from "./mtls";
import { validPeerAuthentication } from "./peer-valid";
import * as requests from "./requests";

/** Checks of PeerAuthentication, RequestAuthentication and AuthorizationPolicy. */
export const securityChecks: readonly Check[] = [
  validPeerAuthentication,
  oneOfAKind(peerAuthenticationKind, "KIA0002", "KIA0003"),
  oneOfAKind(proxyConfigKind, "KIA0002", "KIA0003"),
  ...[mtls.bothEndsAgree, mtls.keepsWiderTls, mtls.strictNeedsRules, mtls.everyoneSpeaksTls],
  ...[mtls.portsOfPods, mtls.outsideCanCall],
  ...[requests.validRequestAuthentication, requests.tokenIsAskedFor, requests.oneRulePerIssuer],
  ...[validAuthorization, authorization.hitsSomeone, authorization.existingNamespaces],
  ...[authorization.knownMethods, authorization.existingHosts, authorization.identityNeedsTls],
  ...[authorization.existingIdentities, authorization.allowsSomething, authorization.httpAtHttpPorts],
  ...[authorization.existingProvider, everyoneIsCovered],
];
