import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type Machine, stepOptions } from "../hosts/machine";
import type { ClusterPki } from "../pki/cluster-pki";
import { fingerprint, renderKubeconfig } from "../pki/kubeconfig";
import type { SecretFile } from "../remote/file";
import { RemoteScript } from "../remote/script";
import { type KubeadmModel, renderInitConfig } from "./kubeadm-config";

export interface ControlPlaneArgs {
  readonly machine: Machine;
  readonly model: KubeadmModel;
  readonly pki: ClusterPki;
  /** Steps after which etcd is healthy and this host has its packages and keys. */
  readonly after: readonly pulumi.Resource[];
}

const pkiDirectory = "/etc/kubernetes/pki";

/** Files by which the API server reaches etcd, for kubeadm's `etcd.external`. */
export const etcdClientFiles = {
  caFile: `${pkiDirectory}/etcd/ca.crt`,
  certFile: `${pkiDirectory}/apiserver-etcd-client.crt`,
  keyFile: `${pkiDirectory}/apiserver-etcd-client.key`,
} as const;

/**
 * The first control plane, by `kubeadm init` on authorities that are already in place. Afterwards the API server
 * answers at the endpoint, and the kubeconfig, computed here, opens it.
 */
export class ControlPlane extends pulumi.ComponentResource {
  /** `https://ADDRESS:PORT` */
  readonly endpoint: string;
  /** The operator's kubeconfig; secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The step after which the API server answers. */
  readonly done: RemoteScript;

  constructor(name: string, args: ControlPlaneArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:control-plane:ControlPlane", name, {}, options);
    const { machine, model, pki } = args;
    this.endpoint = `https://${model.controlPlaneEndpoint}`;
    this.done = new RemoteScript(
      `${machine.name}-init`,
      {
        connection: machine.connection,
        script: join(__dirname, "scripts", "init.sh"),
        parameters: {
          NODE_NAME: machine.name,
          KUBEADM_CONFIG: renderInitConfig(model, machine),
          AUTHORITY_DIGEST: pki.kubernetes.certificate.apply(fingerprint),
          ETCD_CLIENT_DIGEST: pki.apiserverEtcdClient.certificate.apply(fingerprint),
        },
        timeoutSeconds: 1200,
      },
      stepOptions(machine, this, args.after),
    );
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([pki.kubernetes.certificate, pki.admin.certificate, pki.admin.privateKey])
        .apply(([authority, certificate, privateKey]) =>
          renderKubeconfig({
            clusterName: model.clusterName,
            server: this.endpoint,
            authority,
            userName: "kubernetes-admin",
            credential: { certificate, privateKey },
          }),
        ),
    );
    this.registerOutputs({ endpoint: this.endpoint });
  }
}

/** What must lie in /etc/kubernetes/pki before kubeadm runs; it keeps what it finds and issues the rest. */
export function controlPlaneFiles(pki: ClusterPki): SecretFile[] {
  const file = (path: string, content: pulumi.Input<string>, mode = "0600") => ({
    path: `${pkiDirectory}/${path}`,
    mode,
    owner: "root:root",
    content,
  });
  const pair = (
    path: string,
    keys: { certificate: pulumi.Input<string>; privateKey: pulumi.Input<string> },
  ) => [file(`${path}.crt`, keys.certificate, "0644"), file(`${path}.key`, keys.privateKey)];
  return [
    ...pair("ca", pki.kubernetes),
    ...pair("front-proxy-ca", pki.frontProxy),
    ...pair("apiserver-etcd-client", pki.apiserverEtcdClient),
    file("etcd/ca.crt", pki.etcd.certificate, "0644"),
    file("sa.key", pki.serviceAccount.privateKey),
    file("sa.pub", pki.serviceAccount.publicKey, "0644"),
  ];
}
