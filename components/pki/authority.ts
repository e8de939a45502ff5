import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

export type KeyAlgorithm = "RSA-2048" | "RSA-3072" | "RSA-4096" | "ECDSA-P256";

/** Who a certificate names. */
export interface Subject {
  readonly commonName: string;
  /** O of the certificate; Kubernetes reads it as the user's group. Default: none. */
  readonly organization?: string;
}

export interface AuthorityArgs {
  /** CN of the certificate, such as `kubernetes`. */
  readonly commonName: string;
  /** Of its own key and of those of its leaves. */
  readonly keyAlgorithm: KeyAlgorithm;
  /** Life in hours, counted from the first `up`. */
  readonly validityHours: number;
  /** Keep Pulumi from deleting it: everything it has signed would have to be issued anew. */
  readonly protect: boolean;
}

export interface LeafArgs {
  readonly subject: Subject;
  /** Extended key usages: what the holder may prove with it. */
  readonly usages: readonly ("server_auth" | "client_auth")[];
  /** Subject alternative names. Default: none. */
  readonly dnsNames?: readonly string[];
  /** Further alternative names, as IPv4 addresses. Default: none. */
  readonly ipAddresses?: readonly string[];
  /** Life in hours; must end before the authority's. */
  readonly validityHours: number;
  /** The first `up` within so many hours of the end issues it anew. */
  readonly renewBeforeHours: number;
  /** Raised to have key and certificate made anew at once. Default 1. */
  readonly generation?: number;
}

/** A private key and the certificate for it, in PEM. */
export interface KeyPair {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
  /** When the certificate ends, as RFC 3339. */
  readonly expires: pulumi.Output<string>;
}

/** The key of an algorithm's name in the words of @pulumi/tls. */
export function keyInputs(algorithm: KeyAlgorithm): {
  algorithm: string;
  rsaBits?: number;
  ecdsaCurve?: string;
} {
  return algorithm === "ECDSA-P256"
    ? { algorithm: "ECDSA", ecdsaCurve: "P256" }
    : { algorithm: "RSA", rsaBits: Number(algorithm.slice(4)) };
}

function subjectInputs(subject: Subject) {
  return {
    commonName: subject.commonName,
    ...(subject.organization === undefined ? {} : { organization: subject.organization }),
  };
}

/**
 * A certificate authority whose key lives in Pulumi's encrypted state, so that everything signed by it can be
 * previewed and no certificate has to be read back from a host.
 *
 * It never renews itself: a new authority makes every certificate under it worthless at once.
 */
export class CertificateAuthority extends pulumi.ComponentResource implements KeyPair {
  readonly certificate: pulumi.Output<string>;
  readonly privateKey: pulumi.Output<string>;
  readonly expires: pulumi.Output<string>;
  private readonly keyAlgorithm: KeyAlgorithm;

  constructor(name: string, args: AuthorityArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:pki:CertificateAuthority", name, {}, options);
    const child = { parent: this, protect: args.protect };
    const key = new tls.PrivateKey(`${name}-key`, keyInputs(args.keyAlgorithm), child);
    const certificate = new tls.SelfSignedCert(
      `${name}-cert`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: { commonName: args.commonName },
        isCaCertificate: true,
        setSubjectKeyId: true,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature", "key_encipherment"],
        validityPeriodHours: args.validityHours,
        earlyRenewalHours: 0,
      },
      child,
    );
    this.keyAlgorithm = args.keyAlgorithm;
    this.privateKey = key.privateKeyPem;
    this.certificate = certificate.certPem;
    this.expires = certificate.validityEndTime;
    this.registerOutputs({ certificate: this.certificate });
  }

  /** Signs a leaf. Its key is made here too: whoever can read the state can sign anyway. */
  issue(name: string, args: LeafArgs): KeyPair {
    // From the first on: the engine takes a trigger that was not there before for no change.
    const child = { parent: this, replacementTrigger: args.generation ?? 1 };
    const key = new tls.PrivateKey(`${name}-key`, keyInputs(this.keyAlgorithm), child);
    const request = new tls.CertRequest(
      `${name}-request`,
      {
        privateKeyPem: key.privateKeyPem,
        subject: subjectInputs(args.subject),
        dnsNames: [...(args.dnsNames ?? [])],
        ipAddresses: [...(args.ipAddresses ?? [])],
      },
      child,
    );
    const certificate = new tls.LocallySignedCert(
      `${name}-cert`,
      {
        certRequestPem: request.certRequestPem,
        caPrivateKeyPem: this.privateKey,
        caCertPem: this.certificate,
        allowedUses: ["digital_signature", "key_encipherment", ...args.usages],
        validityPeriodHours: args.validityHours,
        earlyRenewalHours: args.renewBeforeHours,
      },
      child,
    );
    return {
      certificate: certificate.certPem,
      privateKey: key.privateKeyPem,
      expires: certificate.validityEndTime,
    };
  }
}
