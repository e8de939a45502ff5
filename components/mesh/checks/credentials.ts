import { isUnknown, textAt, Undecided } from "../../lib/fields";
import { isExternal, type ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { kindCheck, type MeshDraft } from "./define";
import { type GatewayServer, gatewayKind, seatOf, serversOf } from "./gateway-parts";

const certificateKind = "cert-manager.io/Certificate";

/** Names of the keys in a Secret; their values are secret and not looked at. */
function keysOf(secret: KubeObject): string[] {
  return ["data", "stringData"].flatMap((part) => {
    const value = secret[part];
    if (isUnknown(value)) throw new Undecided(secret, part);
    return Object.keys(value ?? {});
  });
}

const hasAll = (keys: readonly string[], wanted: readonly string[]) =>
  wanted.every((key) => keys.includes(key));
const hasPair = (keys: readonly string[]) =>
  hasAll(keys, ["tls.crt", "tls.key"]) || hasAll(keys, ["cert", "key"]);
const hasAuthority = (keys: readonly string[]) => keys.includes("ca.crt") || keys.includes("cacert");

/** Secrets of a name that cert-manager will make. */
const isIssued = (index: ObjectIndex, namespace: string, name: string) =>
  index.inNamespace(certificateKind, namespace).some((one) => textAt(one, "spec.secretName") === name);

interface Use {
  readonly path: string;
  readonly name: string;
  readonly namespace: string;
}

function missing({ path, name, namespace }: Use, index: ObjectIndex): MeshDraft[] {
  const elsewhere = index
    .ofKind("Secret")
    .filter((secret) => secret.metadata.name === name)
    .map(namespaceOf)
    .sort();
  const certain = index.owns(namespace) || elsewhere.length > 0;
  return [
    {
      code: "IST0101",
      severity: certain ? "error" : "info",
      path,
      message:
        elsewhere.length > 0
          ? `the Secret ${name} is in ${elsewhere.join(", ")}, and the gateway's pods are in ${namespace} and read Secrets of their own namespace only: TLS handshakes fail`
          : `there is no Secret ${namespace}/${name}${certain ? ": TLS handshakes fail" : " here; whether others make it is not known"}`,
      change:
        elsewhere.length > 0
          ? `put the Secret into ${namespace}`
          : `declare the Secret ${name} in ${namespace}, or one that is there already as external`,
    },
  ];
}

function faulty(
  { path, name, namespace }: Use,
  secret: KubeObject,
  mutual: boolean,
  index: ObjectIndex,
): MeshDraft[] {
  const keys = keysOf(secret);
  const wrong = (message: string, change: string): MeshDraft => ({ code: "IST0161", path, message, change });
  const place = `${namespace}/${name}`;
  if (!hasPair(keys)) {
    const given = keys.length === 0 ? "nothing" : keys.sort().join(", ");
    return [
      wrong(
        `the Secret ${place} has ${given}: the gateway needs a certificate and its key`,
        "give it tls.crt and tls.key",
      ),
    ];
  }
  const apart = mutual ? index.find("Secret", namespace, `${name}-cacert`) : undefined;
  if (!mutual || hasAuthority(keys) || (apart !== undefined && hasAuthority(keysOf(apart)))) return [];
  return [
    wrong(
      `mutual TLS, and the Secret ${place} has no authority to check clients by: every client is refused`,
      `give it ca.crt, or make a Secret ${name}-cacert with it`,
    ),
  ];
}

const reads = ({ protocol, tlsMode, credentialName }: GatewayServer) =>
  credentialName !== undefined &&
  !credentialName.includes("://") &&
  tlsMode !== "PASSTHROUGH" &&
  ["HTTPS", "TLS"].includes(protocol);

/** The certificate has to be where the gateway's pods are, not where the Gateway is. */
export const credentials = kindCheck(["IST0101", "IST0161"], [gatewayKind], (gateway, index) => {
  const { namespaces } = seatOf(gateway, index);
  return serversOf(gateway)
    .filter(reads)
    .flatMap(({ path, credentialName: name = "", tlsMode = "" }) =>
      namespaces.flatMap((namespace): MeshDraft[] => {
        const use = { path: `${path}.tls.credentialName`, name, namespace };
        const secret = index.find("Secret", namespace, name);
        if (secret === undefined) return isIssued(index, namespace, name) ? [] : missing(use, index);
        if (isExternal(secret)) return [];
        return faulty(use, secret, tlsMode.endsWith("MUTUAL"), index);
      }),
    );
});
