import type * as pulumi from "@pulumi/pulumi";

/** A certificate and its key, in PEM. The key is always a secret output. */
export interface CertificatePems {
  /** The certificate, perhaps with those between it and the authority. */
  readonly certificate: pulumi.Input<string>;
  readonly privateKey: pulumi.Output<string>;
}

/** A Secret with a certificate, by its name; where it has to stand follows from the mode. */
export interface Credential {
  readonly secretName: string;
  /** What is in it. Default: others make the Secret. */
  readonly pems?: CertificatePems | undefined;
}

/** Who may come in with a certificate of his own. */
export interface ClientAuthority {
  /** Certificates of authorities, in PEM. Default: `ca.crt` is in the Secret that others make. */
  readonly certificate?: pulumi.Input<string> | undefined;
}

/** Oldest version of TLS that clients may speak. */
export type TlsVersion = "TLSV1_2" | "TLSV1_3";

interface Terminating {
  /** The gateway shows it to clients. */
  readonly credential: Credential;
  /** Default TLSV1_2. */
  readonly minProtocolVersion?: TlsVersion | undefined;
  /** Answer plain HTTP by sending the client to HTTPS. Default false: the gateway has no plain HTTP for these hosts. */
  readonly httpsRedirect?: boolean | undefined;
}

/** Plain HTTP outside and inside. */
export interface HttpMode {
  readonly kind: "http";
}

/** HTTPS goes through as it is, by the name that the client asks for; the application shows its own certificate. */
export interface PassthroughMode {
  readonly kind: "passthrough";
  /** A Secret for the application, in its namespace; the gateway never sees it. Default: the application has one. */
  readonly application?: Credential | undefined;
}

/** HTTPS outside, HTTP inside (SIMPLE). */
export interface TerminateMode extends Terminating {
  readonly kind: "terminate";
}

/** HTTPS outside, for clients with a certificate alone (MUTUAL); HTTP inside. */
export interface MutualMode extends Terminating {
  readonly kind: "mutual";
  readonly clientAuthority: ClientAuthority;
}

/** HTTPS outside, and HTTPS of its own inside, from the gateway to the application. */
export interface ReencryptMode extends Terminating {
  readonly kind: "reencrypt";
  readonly inside: InsideTls;
}

/** What the gateway does as a client of the application. */
export interface InsideTls {
  /** Secret in the gateway's namespace with `ca.crt`, and with a certificate of the gateway for MUTUAL. */
  readonly secretName: string;
  /** Authority of the application's certificate, in PEM. Default: others make the Secret. */
  readonly authority?: pulumi.Input<string> | undefined;
  /** The gateway's own certificate: then the application may ask for one (MUTUAL). Default: none (SIMPLE). */
  readonly client?: CertificatePems | "inSecret" | undefined;
  /** A Secret for the application, in its namespace. Default: the application has one. */
  readonly application?: Credential | undefined;
  /** Name that the gateway asks for. Default: the Service's full name. */
  readonly sni?: string | undefined;
  /** Names of which the application's certificate must have one. Default: that of `sni`. */
  readonly subjectAltNames?: readonly string[] | undefined;
}

/** How requests get from clients through the gateway to the application. */
export type GatewayMode = HttpMode | PassthroughMode | TerminateMode | MutualMode | ReencryptMode;

/** What is reached. */
export interface GatewayBackend {
  /** Name of the Service. */
  readonly service: string;
  /** Port of the Service. */
  readonly port: number;
  /** Default: the namespace of the route. */
  readonly namespace?: string | undefined;
  /** The Service is made by others, so that nobody here can say whether it is there. Default false. */
  readonly elsewhere?: boolean | undefined;
}

/** Host names, and how the gateway serves them. */
export interface GatewayRouteArgs {
  /** Name of the Gateway and of what goes with it. */
  readonly name: string;
  /** Namespace of the Gateway and the VirtualService: the application's. */
  readonly namespace: string;
  /** `shop.example.com`, `*.example.com`; `*` with the modes that do not go by the name. */
  readonly hosts: readonly string[];
  readonly backend: GatewayBackend;
  readonly mode: GatewayMode;
  /** Version of Istio: it decides on the API version. */
  readonly version: string;
  /** Pods of the gateway, and the namespace in which it looks for Secrets. Default: the ingress gateway of source documents. */
  readonly gateway?: { readonly namespace: string; readonly selector: Readonly<Record<string, string>> };
  /** Domain of the cluster's Services. Default `cluster.local`. */
  readonly dnsDomain?: string;
  /** Ports of the gateway's Service. Default 80 and 443. */
  readonly ports?: { readonly http: number; readonly https: number };
}
