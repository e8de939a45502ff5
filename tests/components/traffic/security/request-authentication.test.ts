import { describe, expect, it } from "vitest";
import {
  type JwtRule,
  renderRequestAuthentication,
} from "../../../../components/traffic/security/request-authentication";
import { faultsOf, pathsOf } from "../security-faults";

const context = { version: "1.31.0" };
const scope = { kind: "workload", namespace: "shop", labels: { app: "cart" } } as const;
const rule: JwtRule = {
  issuer: "https://issuer.example.com",
  keys: { jwksUri: "https://issuer.example.com/keys" },
};
const render = (rules: readonly JwtRule[], anonymous: "refused" | "allowed" = "allowed") =>
  renderRequestAuthentication({ name: "tokens", scope, jwtRules: rules, anonymous }, context);
const key = { kty: "RSA", n: "AQ", e: "AQAB" };

describe("RequestAuthentication", () => {
  it("comes with the policy that refuses requests without a token", () => {
    const metadata = { name: "tokens", namespace: "shop" };
    const selector = { matchLabels: { app: "cart" } };
    expect(render([rule], "refused")).toEqual([
      {
        apiVersion: "security.istio.io/v1",
        kind: "RequestAuthentication",
        metadata,
        spec: { selector, jwtRules: [{ issuer: rule.issuer, jwksUri: "https://issuer.example.com/keys" }] },
      },
      {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata,
        spec: { selector, action: "DENY", rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }] },
      },
    ]);
    expect(render([rule])).toHaveLength(1);
  });

  it("leaves ports alone that have no tokens, where it is told of them", () => {
    const args = {
      name: "tokens",
      scope,
      jwtRules: [rule],
      anonymous: "refused",
      httpPorts: [8080],
    } as const;
    expect(renderRequestAuthentication(args, context)[1]?.spec).toMatchObject({
      rules: [
        { from: [{ source: { notRequestPrincipals: ["*"] } }], to: [{ operation: { ports: ["8080"] } }] },
      ],
    });
  });

  it("takes keys that are written down, and tokens from several places", () => {
    const [object] = render([
      {
        issuer: "me",
        keys: { jwks: { keys: [key] } },
        audiences: ["shop"],
        fromHeaders: [{ name: "x-token", prefix: "JWT " }],
        fromParams: ["token"],
        fromCookies: ["session"],
        outputClaimToHeaders: [{ header: "x-group", claim: "group" }],
        forwardOriginalToken: true,
        timeout: "2s",
      },
    ]);
    expect(object?.spec).toMatchObject({
      jwtRules: [
        {
          issuer: "me",
          jwks: '{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}',
          audiences: ["shop"],
          fromHeaders: [{ name: "x-token", prefix: "JWT " }],
          fromParams: ["token"],
          fromCookies: ["session"],
          outputClaimToHeaders: [{ header: "x-group", claim: "group" }],
          forwardOriginalToken: true,
          timeout: "2s",
        },
      ],
    });
  });

  it("tells all faults at once", () => {
    const both = { jwksUri: "ftp://keys", jwks: { keys: [{ kty: "EC", crv: "P-256", x: "AQ" }] } };
    const wrong: JwtRule = { issuer: "", keys: both, audiences: [""], timeout: "soon" };
    expect(pathsOf(() => render([wrong, { ...rule, keys: { jwksUri: "keys" } }]))).toEqual([
      "jwtRules[0].issuer",
      "jwtRules[0].keys",
      "jwtRules[0].keys.jwks.keys[0]",
      "jwtRules[0].audiences[0]",
      "jwtRules[0].timeout",
      "jwtRules[1].keys.jwksUri",
    ]);
    expect(pathsOf(() => render([]))).toEqual(["jwtRules"]);
  });

  it.each([
    ["RSA", { ...key, d: "secret-number" }],
    ["symmetric", { kty: "oct", k: "secret-number" }],
  ])("refuses a private %s key and does not show it", (_, secret) => {
    const attempt = () => render([{ issuer: "me", keys: { jwks: { keys: [secret] } } }]);
    expect(faultsOf(attempt)).toEqual([
      "jwtRules[0].keys.jwks.keys[0]: remove the private parts, and renew the key",
    ]);
    expect(attempt).toThrow(/^(?![\s\S]*secret-number)/);
  });
});
