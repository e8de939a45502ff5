import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import type { CertificatePems, Credential, GatewayMode, InsideTls } from "./gateway-modes";

interface Places {
  /** Namespace of the application's pods. */
  readonly application: string;
  /** Namespace of the gateway's pods: istiod gives them Secrets of their own namespace only. */
  readonly gateway: string;
}

/** The Secrets that a mode needs and whose content is given, each where it is read. */
export function renderGatewaySecrets(mode: GatewayMode, places: Places): KubeObject[] {
  switch (mode.kind) {
    case "http":
      return [];
    case "passthrough":
      return mode.application === undefined ? [] : credential(mode.application, places.application);
    case "terminate":
      return credential(mode.credential, places.gateway);
    case "mutual":
      return credential(mode.credential, places.gateway, clientAuthority(mode));
    case "reencrypt":
      return [
        ...credential(mode.credential, places.gateway),
        ...insideSecret(mode.inside, places.gateway),
        ...(mode.inside.application ? credential(mode.inside.application, places.application) : []),
      ];
  }
}

/** One Secret holds both: half of it made here and half by others would be two owners of one object. */
function clientAuthority({
  credential: { secretName, pems },
  clientAuthority: { certificate },
}: Extract<GatewayMode, { kind: "mutual" }>): pulumi.Input<string> | undefined {
  if ((pems === undefined) === (certificate === undefined)) return certificate;
  const [given, missing] = pems === undefined ? ["the authority", "the key"] : ["the key", "the authority"];
  throw new Error(
    `Secret ${secretName}: ${given} is given without ${missing} of the mutual mode; ` +
      "allowed: both, or neither where others make the Secret; give the other, or remove this",
  );
}

function credential(
  { secretName, pems }: Credential,
  namespace: string,
  authority?: pulumi.Input<string>,
): KubeObject[] {
  return pems === undefined ? [] : [tlsSecret(secretName, namespace, pems, authority)];
}

function insideSecret({ secretName, authority, client }: InsideTls, namespace: string): KubeObject[] {
  if (authority === undefined && typeof client !== "object") return [];
  if (authority === undefined || client === "inSecret") {
    throw new Error(
      `Secret ${secretName}: only one of authority and client is given in PEM; ` +
        "allowed: both, the authority alone, or neither where others make the Secret; give or remove the other",
    );
  }
  if (client !== undefined) return [tlsSecret(secretName, namespace, client, authority)];
  const metadata = { name: secretName, namespace };
  return [
    { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", stringData: { "ca.crt": authority } },
  ];
}

/** A Secret of type kubernetes.io/tls; with `authority` it has that certificate as ca.crt. */
export const tlsSecret = (
  name: string,
  namespace: string,
  { certificate, privateKey }: CertificatePems,
  authority?: pulumi.Input<string>,
): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  type: "kubernetes.io/tls",
  stringData: {
    "tls.crt": certificate,
    "tls.key": privateKey,
    ...(authority === undefined ? {} : { "ca.crt": authority }),
  },
});
