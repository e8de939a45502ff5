/** Who asks. Values of one field are alternatives; all fields given have to fit. */
export interface Source {
  /** Identities of callers, `cluster.local/ns/NAMESPACE/sa/ACCOUNT`. Needs mutual TLS. */
  readonly principals?: readonly string[];
  readonly notPrincipals?: readonly string[];
  /** Identities in tokens, `ISSUER/SUBJECT`. Needs a RequestAuthentication. */
  readonly requestPrincipals?: readonly string[];
  readonly notRequestPrincipals?: readonly string[];
  /** Namespaces of callers. Needs mutual TLS. */
  readonly namespaces?: readonly string[];
  readonly notNamespaces?: readonly string[];
  /** Accounts of callers, `ACCOUNT` of the policy's namespace or `NAMESPACE/ACCOUNT`; at most 16, no `*`. */
  readonly serviceAccounts?: readonly string[];
  readonly notServiceAccounts?: readonly string[];
  /** Address of the connection: at a gateway perhaps that of a load balancer. */
  readonly ipBlocks?: readonly string[];
  readonly notIpBlocks?: readonly string[];
  /** Address of the client, from X-Forwarded-For or the PROXY protocol, as the mesh trusts them. */
  readonly remoteIpBlocks?: readonly string[];
  readonly notRemoteIpBlocks?: readonly string[];
}

/** What is asked for. */
export interface Operation {
  /** Hosts as the request names them, perhaps with a port: `a.example.com`, `*.example.com`, `a.example.com:*`. */
  readonly hosts?: readonly string[];
  readonly notHosts?: readonly string[];
  /** Ports of the pods, not of the Service. */
  readonly ports?: readonly number[];
  readonly notPorts?: readonly number[];
  /** HTTP methods. gRPC calls are all POST: name the call by its path, `/package.Service/Method`. */
  readonly methods?: readonly string[];
  readonly notMethods?: readonly string[];
  /** Paths without the query: `/info`, `/info*`, `*.html`, `/a/{*}/b`, `/a/{**}`. */
  readonly paths?: readonly string[];
  readonly notPaths?: readonly string[];
}

/** A condition on anything else: `request.headers[x-id]`, `request.auth.claims[groups]`, `source.ip`, … */
export interface Condition {
  readonly key: string;
  readonly values?: readonly string[];
  readonly notValues?: readonly string[];
}

/** A rule fits when one of `from`, one of `to` and all of `when` fit. What is left out fits always; `{}` fits all. */
export interface AuthorizationRule {
  readonly from?: readonly Source[];
  readonly to?: readonly Operation[];
  readonly when?: readonly Condition[];
}

/**
 * Order of a decision: CUSTOM may refuse, then DENY may refuse, then, if there is any ALLOW for the workload, one of
 * them has to allow. AUDIT only marks.
 */
export type Action = "ALLOW" | "DENY" | "AUDIT" | "CUSTOM";

/** What each port of the pods speaks, by number: `{ 8080: "HTTP", 3306: "TCP" }`. gRPC counts as HTTP. */
export type WorkloadPorts = Readonly<Record<number, "HTTP" | "TCP">>;
