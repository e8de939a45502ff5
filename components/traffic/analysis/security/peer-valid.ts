import { kindCheck } from "../define";
import { specOf } from "../field";
import { peerAuthenticationKind, proxyConfigKind } from "../kinds";
import { Notes } from "../notes";

/** What Istio's webhook refuses or warns of in a PeerAuthentication, and of a ProxyConfig. */
export const validPeerAuthentication = kindCheck(
  ["IST0106", "IST0133"],
  [peerAuthenticationKind, proxyConfigKind],
  (object) => {
    const notes = new Notes();
    const spec = specOf(object);
    const selector = spec.at("selector");
    if (selector.given && selector.at("matchLabels").keys().length === 0)
      notes.warn(
        selector,
        "a selector without labels is for everything here",
        "add matchLabels, or take it away",
      );
    const ports = spec.at("portLevelMtls");
    if (ports.given && ports.keys().length === 0)
      notes.refuse(ports, "no port in it", "add a port, or take it away");
    return notes.drafts;
  },
);
