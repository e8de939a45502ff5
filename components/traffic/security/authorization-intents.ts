import { filled } from "../../mesh/exposure-fields";
import type { AuthorizationPolicyArgs } from "./authorization-policy";
import type { Condition, Operation, Source, WorkloadPorts } from "./authorization-types";
import type { Scope } from "./scope";

/** Wishes in words, as arguments of an AuthorizationPolicy. */

export interface Wish {
  readonly name: string;
  readonly scope: Scope;
  /** Only reports what it would do. Default false. */
  readonly dryRun?: boolean;
  /** What the workload's ports speak. Default: not known. */
  readonly ports?: WorkloadPorts;
}

const common = ({ name, scope, dryRun, ports }: Wish) => ({ name, scope, ...filled({ dryRun, ports }) });

/** Lets these callers in, and thereby nobody else. */
export const allowFrom = (wish: Wish & { readonly from: readonly Source[] }): AuthorizationPolicyArgs => ({
  ...common(wish),
  action: "ALLOW",
  rules: [{ from: wish.from }],
});

/** Allows these operations, from these callers or from everybody, and thereby nothing else. */
export const allowTo = (
  wish: Wish & { readonly to: readonly Operation[]; readonly from?: readonly Source[] },
): AuthorizationPolicyArgs => ({
  ...common(wish),
  action: "ALLOW",
  rules: [{ ...filled({ from: wish.from }), to: wish.to }],
});

/** Refuses everything, whatever other policies allow. */
export const denyAll = (wish: Wish): AuthorizationPolicyArgs => ({
  ...common(wish),
  action: "DENY",
  rules: [{}],
});

/** Refuses what no other policy allows: where a namespace starts from, before it is opened bit by bit. */
export const allowNothing = (wish: Omit<Wish, "dryRun">): AuthorizationPolicyArgs => ({
  ...common(wish),
  action: "ALLOW",
  rules: [],
  allowNothing: true,
});

/** Callers to whom something does not apply, in the fields of `Source`. */
export type Exception = Pick<
  Source,
  "principals" | "requestPrincipals" | "namespaces" | "serviceAccounts" | "ipBlocks" | "remoteIpBlocks"
>;

const negated: Readonly<Record<keyof Exception, keyof Source>> = {
  principals: "notPrincipals",
  requestPrincipals: "notRequestPrincipals",
  namespaces: "notNamespaces",
  serviceAccounts: "notServiceAccounts",
  ipBlocks: "notIpBlocks",
  remoteIpBlocks: "notRemoteIpBlocks",
};

const others = (except: Exception): Source =>
  Object.fromEntries(
    (Object.keys(negated) as (keyof Exception)[]).flatMap((field) =>
      except[field] === undefined ? [] : [[negated[field], except[field]]],
    ),
  );

/**
 * Refuses these operations, or all, to everybody but these callers. What it lets through, other policies still decide
 * about. With several fields of `except` a caller has to be in each of them.
 */
export const denyExcept = (
  wish: Wish & { readonly except: Exception; readonly to?: readonly Operation[] },
): AuthorizationPolicyArgs => ({
  ...common(wish),
  action: "DENY",
  // One source each: the first that does not fit refuses.
  rules: [
    {
      from: Object.entries(others(wish.except)).map(([field, values]) => ({ [field]: values })),
      ...filled({ to: wish.to }),
    },
  ],
});

/** Allows requests with a token of this issuer whose claims have one of these values each. */
export const jwtClaims = (
  wish: Wish & {
    readonly issuer: string;
    /** Values by claim; inner claims as `realm.roles`. Default: any token of the issuer will do. */
    readonly claims?: Readonly<Record<string, readonly string[]>>;
    readonly to?: readonly Operation[];
  },
): AuthorizationPolicyArgs => {
  const when: Condition[] = Object.entries(wish.claims ?? {}).map(([claim, values]) => ({
    key: `request.auth.claims${claim
      .split(".")
      .map((part) => `[${part}]`)
      .join("")}`,
    values,
  }));
  const rule = { from: [{ requestPrincipals: [`${wish.issuer}/*`] }], ...filled({ to: wish.to, when }) };
  return { ...common(wish), action: "ALLOW", rules: [rule] };
};

/** Asks a service of the mesh's config about requests; to it goes every request, unless `to` says which. */
export const askProvider = (
  wish: Omit<Wish, "dryRun"> & {
    readonly provider: string;
    readonly to?: readonly Operation[];
    /** Providers in the mesh's config. Default: not known. */
    readonly knownProviders?: readonly string[];
  },
): AuthorizationPolicyArgs => ({
  ...common(wish),
  action: "CUSTOM",
  rules: [{ ...filled({ to: wish.to }) }],
  provider: wish.provider,
  ...filled({ knownProviders: wish.knownProviders }),
});

/** The ingress gateway's pods. */
const ingressGateway: Scope = {
  kind: "workload",
  namespace: "istio-system",
  labels: { istio: "ingressgateway" },
};

/** Refuses clients at the ingress gateway whose address is not among these. */
export const ingressIpAllow = (
  wish: Omit<Wish, "scope"> & {
    /** Default: the ingress gateway. */
    readonly scope?: Scope;
    readonly addresses: readonly string[];
    /**
     * `client`: from X-Forwarded-For or the PROXY protocol; the mesh has to know how many proxies stand before it.
     * `connection`: as the connection has it; needs a Service with `externalTrafficPolicy: Local`. Default `connection`.
     */
    readonly by?: "client" | "connection";
    /** Default: all hosts. */
    readonly hosts?: readonly string[];
    /** With `hosts`: ports of the gateway's pods that speak HTTP; others know no hosts. Default: all ports. */
    readonly httpPorts?: readonly number[];
  },
): AuthorizationPolicyArgs => {
  const { scope = ingressGateway, addresses, by = "connection", hosts, httpPorts } = wish;
  const except = by === "client" ? { remoteIpBlocks: addresses } : { ipBlocks: addresses };
  // A client that writes the port after the host's name would pass by otherwise.
  const spelled = hosts?.flatMap((host) => [host, `${host}:*`]);
  const to = spelled === undefined ? undefined : [{ hosts: spelled, ...filled({ ports: httpPorts }) }];
  return denyExcept({ ...wish, scope, except, ...filled({ to }) });
};
