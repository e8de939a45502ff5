import type { Check } from "../../lib/findings";
import { namespaceWaypoint, oneDataPlane, podWaypoint } from "./ambient";
import { annotations } from "./annotations";
import { credentials } from "./credentials";
import { sameCertificateTwice, sameHostTwice } from "./gateway-conflicts";
import { gatewayReferences } from "./gateway-hosts";
import { gatewayPorts, gatewayWorkload, validGateway } from "./gateways";
import {
  doubleInjection,
  hostNetworkPod,
  injectOnOwner,
  oneVoice,
  overruledRevision,
  unmetWish,
} from "./injection";
import {
  knownRevision,
  meaningfulLabel,
  oneInjectionLabel,
  podLabelOnNamespace,
  undecidedNamespace,
} from "./namespaces";
import { autoImageInjected, endlessJob, proxyUserTaken, sidecarPortTaken } from "./pods";
import { agreeingServices, routedWithoutProxy } from "./service-workloads";
import { leadsSomewhere, offeredPorts, portNames } from "./services";

export { catalogue, type MeshCode } from "./catalogue";

/** All checks of injection and exposure; each at work on its own kinds only. */
export const meshChecks: readonly Check[] = [
  ...[oneInjectionLabel, meaningfulLabel, podLabelOnNamespace, knownRevision, undecidedNamespace],
  ...[doubleInjection, injectOnOwner, oneVoice, unmetWish, hostNetworkPod, overruledRevision],
  ...[proxyUserTaken, autoImageInjected, sidecarPortTaken, endlessJob],
  ...[oneDataPlane, podWaypoint, namespaceWaypoint],
  annotations,
  ...[portNames, leadsSomewhere, offeredPorts, agreeingServices, routedWithoutProxy],
  ...[gatewayWorkload, gatewayPorts, validGateway, sameHostTwice, sameCertificateTwice],
  ...[credentials, gatewayReferences],
];
