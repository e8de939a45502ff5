import { createHash, X509Certificate } from "node:crypto";
import { stringify } from "yaml";

/** How a user proves who it is. */
export type Credential =
  | { readonly certificate: string; readonly privateKey: string }
  | { readonly token: string };

export interface KubeconfigArgs {
  readonly clusterName: string;
  /** `https://ADDRESS:PORT` */
  readonly server: string;
  /** PEM of the cluster's authority. */
  readonly authority: string;
  readonly userName: string;
  readonly credential: Credential;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A kubeconfig computed here, so that the in-cluster half can be planned before the cluster exists. */
export function renderKubeconfig(args: KubeconfigArgs): string {
  const context = `${args.userName}@${args.clusterName}`;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: args.clusterName,
        cluster: { server: args.server, "certificate-authority-data": base64(args.authority) },
      },
    ],
    users: [
      {
        name: args.userName,
        user:
          "token" in args.credential
            ? { token: args.credential.token }
            : {
                "client-certificate-data": base64(args.credential.certificate),
                "client-key-data": base64(args.credential.privateKey),
              },
      },
    ],
    contexts: [{ name: context, context: { cluster: args.clusterName, user: args.userName } }],
    "current-context": context,
  });
}

/** kubeadm's --discovery-token-ca-cert-hash: the sha256 of the authority's public key, as `sha256:<hex>`. */
export function discoveryHash(authority: string): string {
  const key = new X509Certificate(authority).publicKey.export({ type: "spki", format: "der" });
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/** 16 hex digits of a certificate's sha256, as a step's parameter: a renewed certificate then restarts what reads it. */
export function fingerprint(certificate: string): string {
  return createHash("sha256").update(certificate).digest("hex").slice(0, 16);
}
