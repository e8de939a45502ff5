import type * as pulumi from "@pulumi/pulumi";
import type { ClusterPki } from "../pki/cluster-pki";
import type { SecretFile } from "../remote/file";

const pkiDirectory = "/etc/kubernetes/pki";

/** Files by which the API server reaches etcd, for kubeadm's `etcd.external`. */
export const etcdClientFiles = {
  caFile: `${pkiDirectory}/etcd/ca.crt`,
  certFile: `${pkiDirectory}/apiserver-etcd-client.crt`,
  keyFile: `${pkiDirectory}/apiserver-etcd-client.key`,
} as const;

type Pair = { readonly certificate: pulumi.Input<string>; readonly privateKey: pulumi.Input<string> };

/**
 * What must lie in /etc/kubernetes/pki before kubeadm runs; it keeps what it finds and issues the rest. With an etcd of
 * its own that is etcd's authority with its key; else the certificate of a client, and no more.
 */
export function controlPlaneFiles(pki: ClusterPki, etcd: "external" | "kubeadm" = "external"): SecretFile[] {
  const file = (path: string, content: pulumi.Input<string>, mode = "0600") => ({
    path: `${pkiDirectory}/${path}`,
    mode,
    owner: "root:root",
    content,
  });
  const pair = (path: string, keys: Pair) => [
    file(`${path}.crt`, keys.certificate, "0644"),
    file(`${path}.key`, keys.privateKey),
  ];
  return [
    ...pair("ca", pki.kubernetes),
    ...pair("front-proxy-ca", pki.frontProxy),
    ...(etcd === "kubeadm"
      ? pair("etcd/ca", pki.etcd)
      : [
          ...pair("apiserver-etcd-client", pki.apiserverEtcdClient),
          file("etcd/ca.crt", pki.etcdBundle, "0644"),
        ]),
    file("sa.key", pki.serviceAccount.privateKey),
    file("sa.pub", pki.serviceAccount.publicKey, "0644"),
  ];
}
