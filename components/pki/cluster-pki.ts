import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { CertificateAuthority, type KeyAlgorithm, type KeyPair, keyInputs, type LeafArgs } from "./authority";

export interface ClusterPkiArgs {
  /** Of every key. */
  readonly keyAlgorithm: KeyAlgorithm;
  /** Life of the three authorities, in hours. */
  readonly authorityValidityHours: number;
  /** Life of the certificates under them, in hours. */
  readonly leafValidityHours: number;
  /** The first `up` within so many hours of a leaf's end issues it anew. */
  readonly renewBeforeHours: number;
  /** Keep Pulumi from deleting the authorities and the service-account key. */
  readonly protect: boolean;
  /** Group of the operator's certificate: `kubeadm:cluster-admins` from Kubernetes 1.29 on, else `system:masters`. */
  readonly adminGroup: string;
}

/**
 * The keys of a cluster: authorities for Kubernetes, the front proxy and etcd, the key that signs service-account
 * tokens, the operator's certificate and the API server's client certificate for etcd.
 *
 * kubeadm finds the authorities in place and issues its own leaves (API server, kubelets) from them on the host.
 */
export class ClusterPki extends pulumi.ComponentResource {
  readonly kubernetes: CertificateAuthority;
  readonly frontProxy: CertificateAuthority;
  readonly etcd: CertificateAuthority;
  readonly admin: KeyPair;
  readonly apiserverEtcdClient: KeyPair;
  readonly serviceAccount: {
    readonly privateKey: pulumi.Output<string>;
    readonly publicKey: pulumi.Output<string>;
  };
  private readonly leaf: Pick<LeafArgs, "validityHours" | "renewBeforeHours">;

  constructor(name: string, args: ClusterPkiArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:pki:ClusterPki", name, {}, options);
    const authority = (id: string, commonName: string) =>
      new CertificateAuthority(
        `${name}-${id}`,
        {
          commonName,
          keyAlgorithm: args.keyAlgorithm,
          validityHours: args.authorityValidityHours,
          protect: args.protect,
        },
        { parent: this },
      );
    this.leaf = { validityHours: args.leafValidityHours, renewBeforeHours: args.renewBeforeHours };
    this.kubernetes = authority("kubernetes", "kubernetes");
    this.frontProxy = authority("front-proxy", "front-proxy-ca");
    this.etcd = authority("etcd", "etcd-ca");
    this.admin = this.kubernetes.issue(`${name}-admin`, {
      ...this.leaf,
      subject: { commonName: "kubernetes-admin", organization: args.adminGroup },
      usages: ["client_auth"],
    });
    this.apiserverEtcdClient = this.etcd.issue(`${name}-apiserver-etcd-client`, {
      ...this.leaf,
      subject: { commonName: "kube-apiserver-etcd-client" },
      usages: ["client_auth"],
    });
    // A new key would invalidate every service-account token in the cluster, hence protected like an authority.
    const serviceAccount = new tls.PrivateKey(`${name}-service-account`, keyInputs(args.keyAlgorithm), {
      parent: this,
      protect: args.protect,
    });
    this.serviceAccount = {
      privateKey: serviceAccount.privateKeyPem,
      publicKey: serviceAccount.publicKeyPem,
    };
    this.registerOutputs({});
  }

  /** The certificate with which an etcd member serves clients and talks to its peers. */
  etcdMember(name: string, address: string): KeyPair {
    return this.etcd.issue(name, {
      ...this.leaf,
      subject: { commonName: "etcd" },
      usages: ["server_auth", "client_auth"],
      dnsNames: ["localhost"],
      ipAddresses: ["127.0.0.1", address],
    });
  }
}
