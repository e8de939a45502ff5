import { showLabels, titleFor, Undecided } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { kindCheck, type MeshDraft } from "./define";
import { type GatewayServer, gatewayKind, seatOf, serversOf } from "./gateway-parts";

/** Titles of Gateways, sorted, by what they claim. */
type Claims = ReadonlyMap<string, readonly string[]>;

/** Where a Gateway is carried out; by its selector where no pods are declared. */
function seatsOf(gateway: KubeObject, index: ObjectIndex): string[] {
  const { selector, workloads } = seatOf(gateway, index);
  return workloads.length > 0 ? workloads.map(({ object }) => titleFor(object)) : [showLabels(selector)];
}

/** Gateways by what only one of them can have on a workload. */
function claimsOf(index: ObjectIndex, keysOf: (gateway: KubeObject) => readonly string[]): Claims {
  const all = new Map<string, Set<string>>();
  const add = (gateway: KubeObject) => {
    for (const seat of seatsOf(gateway, index)) {
      for (const claim of keysOf(gateway)) {
        const key = `${seat}\n${claim}`;
        const list = all.get(key) ?? new Set<string>();
        all.set(key, list.add(titleFor(gateway)));
      }
    }
  };
  for (const gateway of index.ofKind(gatewayKind)) {
    try {
      add(gateway);
    } catch (error) {
      // What is unknown of one Gateway is its own matter, and said of it alone.
      if (!(error instanceof Undecided)) throw error;
    }
  }
  return new Map([...all].map(([key, titles]) => [key, [...titles].sort()]));
}

/** How many Gateways a message names. Where all claim the same, naming all in each would take forever to read and to write. */
const named = 3;

/** Some other Gateways that claim the same on the same workload. */
function rivals(gateway: KubeObject, index: ObjectIndex, claims: Claims, keys: readonly string[]): string[] {
  const found = seatsOf(gateway, index).flatMap((seat) =>
    keys.flatMap((key) => (claims.get(`${seat}\n${key}`) ?? []).slice(0, named + 1)),
  );
  const others = [...new Set(found)].filter((title) => title !== titleFor(gateway)).sort();
  return others.slice(0, named);
}

const hostKeys = ({ port, bind, hosts }: GatewayServer) => hosts.map((host) => `${port} ${bind} ${host}`);

/** Istio takes the older of the two, and the other one's settings are without effect. */
export const sameHostTwice = kindCheck(["IST0145"], [gatewayKind], (gateway, index) => {
  const claims = index.once("gateway hosts", () =>
    claimsOf(index, (one) => serversOf(one).flatMap(hostKeys)),
  );
  return serversOf(gateway).flatMap((server): MeshDraft[] => {
    const others = rivals(gateway, index, claims, hostKeys(server));
    if (others.length === 0) return [];
    return [
      {
        code: "IST0145",
        path: `${server.path}.hosts`,
        message: `${others.join(", ")} also takes port ${server.port} for ${server.hosts.join(", ")} on the same workload: only one of them is served`,
        change: "give each its own hosts, or put the servers into one Gateway",
      },
    ];
  });
});

const certificates = (gateway: KubeObject) =>
  serversOf(gateway).flatMap(({ credentialName, tlsMode }) =>
    credentialName === undefined || tlsMode === "PASSTHROUGH" ? [] : [credentialName],
  );

/** Browsers use one connection for all names of a certificate, and the Gateway of the first name knows nothing of the second. */
export const sameCertificateTwice = kindCheck(["IST0138"], [gatewayKind], (gateway, index) => {
  const claims = index.once("gateway certificates", () => claimsOf(index, certificates));
  return serversOf(gateway).flatMap(({ path, credentialName }): MeshDraft[] => {
    if (credentialName === undefined || !certificates(gateway).includes(credentialName)) return [];
    const others = rivals(gateway, index, claims, [credentialName]);
    if (others.length === 0) return [];
    return [
      {
        code: "IST0138",
        path: `${path}.tls.credentialName`,
        message: `${others.join(", ")} also serves the certificate ${credentialName}: a client that reuses its HTTP/2 connection gets 404`,
        change: "put the hosts of one certificate into one Gateway, or give each its own certificate",
      },
    ];
  });
});
