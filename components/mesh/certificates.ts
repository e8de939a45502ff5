import * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority, type KeyAlgorithm, type KeyPair } from "../pki/authority";
import type { CertificatePems } from "./gateway-modes";

export interface GatewayAuthorityArgs {
  /** CN of the authority. Default `gateway-ca`. */
  readonly commonName?: string;
  /** Default ECDSA-P256. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** Life of the authority in hours, counted from the first `up`; it never renews itself. Default 87600, ten years. */
  readonly authorityValidityHours?: number;
  /** Life of the certificates under it in hours. Default 2160, ninety days. */
  readonly validityHours?: number;
  /** The first `up` within so many hours of the end issues a certificate anew. Default 720, thirty days. */
  readonly renewBeforeHours?: number;
  /** Keep Pulumi from deleting it: clients that trust it would trust nothing of what follows. Default false. */
  readonly protect?: boolean;
}

/** Whether a host name is an address, which stands in another field of a certificate. */
const isAddress = (host: string) => /^\d+(\.\d+){3}$/.test(host);

/**
 * An authority of one's own for what gateways show to clients, for applications behind them, and for clients. Keys are
 * made here and are in the encrypted state and in Secrets, nowhere else. Browsers do not know it: give them
 * certificates of a public authority, by `givenCertificate`.
 */
export class GatewayAuthority extends pulumi.ComponentResource {
  /** Certificate of the authority, for clients and for `clientAuthority`. */
  readonly certificate: pulumi.Output<string>;
  private readonly authority: CertificateAuthority;
  private readonly life: { readonly validityHours: number; readonly renewBeforeHours: number };
  private readonly name: string;

  constructor(name: string, args: GatewayAuthorityArgs = {}, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:mesh:GatewayAuthority", name, {}, options);
    const settings = {
      commonName: args.commonName ?? "gateway-ca",
      keyAlgorithm: args.keyAlgorithm ?? "ECDSA-P256",
      validityHours: args.authorityValidityHours ?? 87600,
      protect: args.protect ?? false,
    };
    this.name = name;
    this.authority = new CertificateAuthority(`${name}-authority`, settings, { parent: this });
    this.life = { validityHours: args.validityHours ?? 2160, renewBeforeHours: args.renewBeforeHours ?? 720 };
    refuseLife(name, settings.validityHours, this.life);
    this.certificate = this.authority.certificate;
    this.registerOutputs({});
  }

  /** A certificate for host names or addresses. */
  server(id: string, hosts: readonly string[]): CertificatePems {
    const [commonName] = hosts;
    if (commonName === undefined || hosts.includes("*")) {
      throw new Error(
        `certificate ${this.name}-${id}: hosts is ${hosts.join(", ") || "empty"}; ` +
          "allowed: names such as shop.example.com or *.example.com; name them",
      );
    }
    const names = {
      dnsNames: hosts.filter((host) => !isAddress(host)),
      ipAddresses: hosts.filter(isAddress),
    };
    return this.issue(id, { subject: { commonName }, usages: ["server_auth"], ...names });
  }

  /** A certificate by which a client shows who it is. */
  client(id: string, commonName: string): CertificatePems {
    return this.issue(id, { subject: { commonName }, usages: ["client_auth"] });
  }

  private issue(
    id: string,
    args: Pick<
      Parameters<CertificateAuthority["issue"]>[1],
      "subject" | "usages" | "dnsNames" | "ipAddresses"
    >,
  ): CertificatePems {
    return pemsOf(this.authority.issue(`${this.name}-${id}`, { ...args, ...this.life }));
  }
}

const pemsOf = ({ certificate, privateKey }: KeyPair): CertificatePems => ({
  certificate,
  privateKey: pulumi.secret(privateKey),
});

/** A certificate that exists: its key becomes a secret, whatever it was. */
export const givenCertificate = (pems: {
  readonly certificate: pulumi.Input<string>;
  readonly privateKey: pulumi.Input<string>;
}): CertificatePems => ({ certificate: pems.certificate, privateKey: pulumi.secret(pems.privateKey) });

function refuseLife(
  name: string,
  authority: number,
  { validityHours, renewBeforeHours }: { readonly validityHours: number; readonly renewBeforeHours: number },
): void {
  if (renewBeforeHours < validityHours && validityHours < authority) return;
  throw new Error(
    `authority ${name}: validityHours is ${validityHours}, renewBeforeHours ${renewBeforeHours}, ` +
      `authorityValidityHours ${authority}; allowed: each greater than the one before it in the order ` +
      "renewBeforeHours, validityHours, authorityValidityHours; correct them",
  );
}
