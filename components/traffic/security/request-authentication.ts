import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import { apiOf, type TrafficContext } from "../context";
import { DeclaredPolicy } from "../declared-policy";
import { checked, type Place } from "../faults";
import { dnsLabel, duration, filledText, headerName, port } from "../values";
import { type Jwks, jwksText } from "./jwks";
import { namespaceOfScope, type Scope, scopeFields } from "./scope";

/** Where the keys of an issuer come from: fetched by istiod, or written down. */
export type JwtKeys =
  | { /** `https://…`. istiod fetches it, so it has to be reachable from there. */ readonly jwksUri: string }
  | { readonly jwks: Jwks };

export interface JwtRule {
  /** The token's `iss`, character by character. */
  readonly issuer: string;
  readonly keys: JwtKeys;
  /** Tokens for others are refused. Default: for anybody. */
  readonly audiences?: readonly string[];
  /** Headers that carry the token, with what stands before it. Default: `Authorization` after `Bearer `. */
  readonly fromHeaders?: readonly { readonly name: string; readonly prefix?: string }[];
  /** Query parameters that carry it. Default `access_token`, while no other place is given. */
  readonly fromParams?: readonly string[];
  /** Cookies that carry it. Default none. */
  readonly fromCookies?: readonly string[];
  /** A header that takes the token's payload, for the application. Default none. */
  readonly outputPayloadToHeader?: string;
  /** Headers that take single claims. Default none. */
  readonly outputClaimToHeaders?: readonly { readonly header: string; readonly claim: string }[];
  /** Whether the application gets the token too. Default false. */
  readonly forwardOriginalToken?: boolean;
  /** How long fetching the keys may take. Default `5s`. */
  readonly timeout?: string;
}

export interface RequestAuthenticationArgs {
  readonly name: string;
  readonly scope: Scope;
  /** One per issuer. */
  readonly jwtRules: readonly JwtRule[];
  /**
   * What becomes of requests without any token: this kind alone lets them pass. `refused` adds an AuthorizationPolicy
   * of the same name; `allowed` says that it is meant, or that another policy decides.
   */
  readonly anonymous: "refused" | "allowed";
  /**
   * With `refused`: ports of the pods that speak HTTP. Tokens exist only there, and without this all connections to
   * other ports are refused too. Default: all ports.
   */
  readonly httpPorts?: readonly number[];
}

/** The RequestAuthentication, and where no anonymous requests are wanted the policy that refuses them. */
export function renderRequestAuthentication(
  args: RequestAuthenticationArgs,
  context: TrafficContext,
): KubeObject[] {
  const { name, scope, jwtRules, anonymous, httpPorts } = args;
  return checked(`RequestAuthentication ${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    const fields = scopeFields(scope, context, at.in("scope"));
    httpPorts?.forEach((number, index) => void port(number, at.in("httpPorts", index)));
    const metadata = { name, namespace: namespaceOfScope(scope) };
    if (jwtRules.length === 0)
      at.in("jwtRules").fault([], "one or more: none refuses nothing", "name an issuer");
    const apiVersion = apiOf(context).authorization;
    const rules = jwtRules.map((rule, index) => renderRule(rule, at.in("jwtRules", index)));
    const own = { apiVersion, kind: "RequestAuthentication", metadata, spec: { ...fields, jwtRules: rules } };
    return anonymous === "allowed"
      ? [own]
      : [own, { ...refuseAnonymous(fields, httpPorts), apiVersion, metadata }];
  });
}

/** DENY and not ALLOW: the first policy that allows something makes everything else refused. */
const refuseAnonymous = (fields: object, ports: readonly number[] = []) => ({
  kind: "AuthorizationPolicy",
  spec: {
    ...fields,
    action: "DENY",
    rules: [
      {
        from: [{ source: { notRequestPrincipals: ["*"] } }],
        ...(ports.length === 0 ? {} : { to: [{ operation: { ports: ports.map(String) } }] }),
      },
    ],
  },
});

function renderRule(rule: JwtRule, at: Place): object {
  const { issuer, keys, forwardOriginalToken, timeout } = rule;
  filledText(issuer, at.in("issuer"));
  return {
    issuer,
    ...keyFields(keys, at.in("keys")),
    ...texts("audiences", rule.audiences, at),
    ...headers(rule, at),
    ...texts("fromParams", rule.fromParams, at),
    ...texts("fromCookies", rule.fromCookies, at),
    ...outputs(rule, at),
    ...(forwardOriginalToken === undefined ? {} : { forwardOriginalToken }),
    ...(timeout === undefined ? {} : { timeout: duration(timeout, at.in("timeout")) }),
  };
}

function keyFields(keys: JwtKeys, at: Place): object {
  const given = keys as Partial<{ jwksUri: string; jwks: Jwks }>;
  // The compiler refuses both; a stack's config and plain JavaScript do not.
  if (given.jwksUri !== undefined && given.jwks !== undefined) {
    at.fault(Object.keys(given), "jwksUri or jwks", "remove one: Istio would take jwks and say nothing");
  }
  if (given.jwks !== undefined) return { jwks: jwksText(given.jwks, at.in("jwks")) };
  const uri = given.jwksUri ?? "";
  if (!/^https?:\/\/[^/\s]+/.test(uri) || !URL.canParse(uri)) {
    at.in("jwksUri").fault(uri, "https://HOST/PATH, or http", "write where the issuer publishes its keys");
  }
  return { jwksUri: uri };
}

function texts(field: string, values: readonly string[] | undefined, at: Place): object {
  if (values === undefined) return {};
  values.forEach((value, index) => void filledText(value, at.in(field, index)));
  return { [field]: values };
}

function headers({ fromHeaders }: JwtRule, at: Place): object {
  if (fromHeaders === undefined) return {};
  fromHeaders.forEach(
    ({ name }, index) => void headerName(name, at.in("fromHeaders", index, "name"), "cors"),
  );
  return { fromHeaders };
}

function outputs({ outputPayloadToHeader, outputClaimToHeaders }: JwtRule, at: Place): object {
  if (outputPayloadToHeader !== undefined) {
    headerName(outputPayloadToHeader, at.in("outputPayloadToHeader"), "cors");
  }
  outputClaimToHeaders?.forEach(({ header, claim }, index) => {
    const here = at.in("outputClaimToHeaders", index);
    headerName(header, here.in("header"), "cors");
    filledText(claim, here.in("claim"));
  });
  return {
    ...(outputPayloadToHeader === undefined ? {} : { outputPayloadToHeader }),
    ...(outputClaimToHeaders === undefined ? {} : { outputClaimToHeaders }),
  };
}

/** Tokens of requests, and whose they have to be. */
export class RequestAuthentication extends DeclaredPolicy {
  constructor(
    name: string,
    args: RequestAuthenticationArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("RequestAuthentication", name, renderRequestAuthentication(args, args), options);
  }
}
