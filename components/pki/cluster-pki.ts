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
  /** Raised to issue every leaf anew at once, keys too; authorities never. Default 1. */
  readonly leafGeneration?: number;
  /** Authorities of etcd by number, for changing from one to the next. Default: number 1 alone. */
  readonly etcdAuthorities?: {
    /** Those whose certificates members and clients accept. */
    readonly trusted: readonly number[];
    /** The one that signs; one of the trusted. */
    readonly issuing: number;
  };
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
  /** The authority of etcd that signs. */
  readonly etcd: CertificateAuthority;
  /** PEMs of all authorities of etcd that are trusted, one after the other. */
  readonly etcdBundle: pulumi.Output<string>;
  readonly admin: KeyPair;
  readonly apiserverEtcdClient: KeyPair;
  readonly serviceAccount: {
    readonly privateKey: pulumi.Output<string>;
    readonly publicKey: pulumi.Output<string>;
  };
  /** When each authority and the operator's and the API server's leaf end, as RFC 3339. */
  readonly expires: Readonly<Record<string, pulumi.Output<string>>>;
  private readonly leaf: Pick<LeafArgs, "validityHours" | "renewBeforeHours" | "generation">;

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
    const { trusted, issuing } = args.etcdAuthorities ?? { trusted: [1], issuing: 1 };
    this.leaf = {
      validityHours: args.leafValidityHours,
      renewBeforeHours: args.renewBeforeHours,
      generation: args.leafGeneration ?? 1,
    };
    this.kubernetes = authority("kubernetes", "kubernetes");
    this.frontProxy = authority("front-proxy", "front-proxy-ca");
    const numbered = etcdAuthorities(Math.max(issuing, ...trusted), authority);
    this.etcd = numbered(issuing);
    this.etcdBundle = pulumi
      .all(trusted.map((number) => numbered(number).certificate))
      .apply((certificates) => certificates.map((pem) => `${pem.trimEnd()}\n`).join(""));
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
    this.expires = {
      kubernetesAuthority: this.kubernetes.expires,
      frontProxyAuthority: this.frontProxy.expires,
      etcdAuthority: this.etcd.expires,
      ...Object.fromEntries(trusted.map((number) => [`etcdAuthority${number}`, numbered(number).expires])),
      admin: this.admin.expires,
      apiserverEtcdClient: this.apiserverEtcdClient.expires,
    };
    this.registerOutputs({});
  }

  /** The certificate with which an etcd member serves clients and talks to its peers, called `<host>-etcd`. */
  etcdMember(host: { readonly name: string; readonly address: string }): KeyPair {
    return this.etcd.issue(`${host.name}-etcd`, {
      ...this.leaf,
      subject: { commonName: "etcd" },
      usages: ["server_auth", "client_auth"],
      dnsNames: ["localhost", host.name],
      ipAddresses: ["127.0.0.1", host.address],
    });
  }
}

/**
 * As many authorities of etcd, each by its number. Those that are trusted no more stay: they are protected, and one can
 * go back to them. They prove nothing then.
 */
function etcdAuthorities(
  count: number,
  authority: (id: string, commonName: string) => CertificateAuthority,
): (number: number) => CertificateAuthority {
  const all = Array.from({ length: count }, (_, index) =>
    index === 0 ? authority("etcd", "etcd-ca") : authority(`etcd-${index + 1}`, `etcd-ca-${index + 1}`),
  );
  return (number) => {
    const found = all[number - 1];
    if (found === undefined) throw new Error(`the authorities of etcd are counted from 1, not ${number}`);
    return found;
  };
}
