import { generateKeyPairSync, sign } from "node:crypto";
import { expect } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { renderGlobalRateLimit } from "../../../components/traffic/limits/global-rate-limit";
import { renderLocalRateLimit } from "../../../components/traffic/limits/local-rate-limit";
import { renderMixerQuota } from "../../../components/traffic/limits/mixer-objects";
import {
  rateLimitService,
  renderRateLimitService,
} from "../../../components/traffic/limits/rate-limit-service";
import type { LimitDomain } from "../../../components/traffic/limits/rules";
import { allowFrom, denyAll } from "../../../components/traffic/security/authorization-intents";
import { renderAuthorizationPolicy } from "../../../components/traffic/security/authorization-policy";
import type { Jwk } from "../../../components/traffic/security/jwks";
import {
  renderMtlsMigration,
  renderPeerAuthentication,
} from "../../../components/traffic/security/peer-authentication";
import { renderRequestAuthentication } from "../../../components/traffic/security/request-authentication";
import type { RealMesh } from "../harness/mesh";
import { send, type WebRequest } from "../harness/web";
import { ask, context, type Row } from "./world";

const scope = { kind: "workload", namespace: "shop", labels: { app: "guarded" } } as const;
const port = 8088;
type Asked = Omit<Partial<WebRequest>, "headers"> & { readonly headers?: Readonly<Record<string, string>> };

/** From the client's sidecar, by mutual TLS. */
export const byMesh = (mesh: RealMesh, request: Asked = {}) => ask(mesh, { to: "guarded", port, ...request });

/** From someone without a sidecar, in plain text; `reset` where the connection is cut. */
export const byStranger = (mesh: RealMesh, request: Asked = {}) =>
  send(mesh.proxies.get("shop/guarded")?.address ?? "", port, {
    ...request,
    headers: { host: `guarded:${port}`, ...request.headers },
  }).then(
    ({ status }): number | "reset" => status,
    () => "reset" as const,
  );

async function statuses(mesh: RealMesh, count: number, request: Asked = {}): Promise<number[]> {
  const found = [];
  for (let turn = 0; turn < count; turn += 1) found.push((await byMesh(mesh, request)).status);
  return found;
}

const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const jwk = { ...keys.publicKey.export({ format: "jwk" }), kid: "one", alg: "RS256", use: "sig" } as Jwk;
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token of the issuer. */
function token(claims: object): string {
  const text = `${encoded({ alg: "RS256", kid: "one", typ: "JWT" })}.${encoded({ exp: 4_000_000_000, ...claims })}`;
  return `${text}.${sign("sha256", Buffer.from(text), keys.privateKey).toString("base64url")}`;
}
const bearing = (text: string) => ({ headers: { authorization: `Bearer ${text}` } });
const good = () => token({ iss: "issuer.test", sub: "somebody" });

const perTenant: LimitDomain = {
  name: "shop",
  rules: [
    {
      entries: [{ by: "header", key: "tenant", header: "x-tenant" }],
      limit: { requestsPerUnit: 2, unit: "day" },
      overrides: [{ values: { tenant: "gold" }, limit: "unlimited" }],
    },
  ],
};
const service = { namespace: "limits", domains: [perTenant] };
export const rateLimits = (): KubeObject[] => renderRateLimitService(service);

export const serverRows = (limits: () => readonly KubeObject[]): readonly Row[] => [
  {
    policy: "security/peer-authentication",
    does: "takes mutual TLS alone",
    objects: () => [renderPeerAuthentication({ name: "guarded", scope, mode: "STRICT" }, context)],
    check: async (mesh) => {
      const { status, seen } = await byMesh(mesh);
      expect([status, seen?.headers["x-forwarded-client-cert"]]).toEqual([
        200,
        expect.stringContaining("spiffe://cluster.local/ns/shop/sa/client"),
      ]);
      expect(await byStranger(mesh)).toBe("reset");
    },
  },
  {
    policy: "security/peer-authentication",
    does: "lets strangers in until a namespace has moved",
    objects: () => renderMtlsMigration({ namespaces: ["shop"] }, context),
    check: async (mesh) => expect([await byStranger(mesh), (await byMesh(mesh)).status]).toEqual([200, 200]),
  },
  {
    policy: "security/peer-authentication",
    does: "keeps strangers out once a namespace has moved",
    objects: () => renderMtlsMigration({ namespaces: ["shop"], strict: ["shop"] }, context),
    check: async (mesh) =>
      expect([await byStranger(mesh), (await byMesh(mesh)).status]).toEqual(["reset", 200]),
  },
  {
    policy: "security/request-authentication",
    does: "wants a token of the issuer",
    objects: () =>
      renderRequestAuthentication(
        {
          name: "tokens",
          scope,
          anonymous: "refused",
          jwtRules: [{ issuer: "issuer.test", keys: { jwks: { keys: [jwk] } } }],
        },
        context,
      ),
    check: async (mesh) => {
      const asked = [{}, bearing(good()), bearing(token({ iss: "other.test" })), bearing(`${good()}x`)];
      const found = [];
      for (const request of asked) found.push((await byMesh(mesh, request)).status);
      expect(found).toEqual([403, 200, 401, 401]);
    },
  },
  {
    policy: "security/authorization-policy",
    does: "lets callers in by their identity",
    objects: () => [
      renderAuthorizationPolicy(
        allowFrom({ name: "clients", scope, from: [{ principals: ["cluster.local/ns/shop/sa/client"] }] }),
        context,
      ),
    ],
    check: async (mesh) => expect([(await byMesh(mesh)).status, await byStranger(mesh)]).toEqual([200, 403]),
  },
  {
    policy: "security/authorization-policy",
    does: "refuses by path, method and header together",
    objects: () => [
      renderAuthorizationPolicy(
        {
          name: "paths",
          scope,
          action: "DENY",
          rules: [
            {
              to: [{ paths: ["/admin*"], notMethods: ["GET"] }],
              when: [{ key: "request.headers[x-a]", values: ["1"] }],
            },
          ],
        },
        context,
      ),
    ],
    check: async (mesh) => {
      const headers = { "x-a": "1" };
      const asked = [
        { path: "/admin/x", method: "POST", headers },
        { path: "/admin/x", headers },
        { path: "/admin/x", method: "POST" },
        { path: "/", method: "POST", headers },
      ];
      const found = [];
      for (const request of asked) found.push((await byMesh(mesh, request)).status);
      expect(found).toEqual([403, 200, 200, 200]);
    },
  },
  {
    policy: "security/authorization-policy",
    does: "refuses all",
    objects: () => [renderAuthorizationPolicy(denyAll({ name: "closed", scope }), context)],
    check: async (mesh) => expect(await statuses(mesh, 2)).toEqual([403, 403]),
  },
  {
    policy: "limits/local-rate-limit",
    does: "lets a bucket's worth through",
    objects: () => [
      renderLocalRateLimit({ name: "local", scope, bucket: { maxTokens: 2, fillInterval: "600s" } }, context),
    ],
    check: async (mesh) => expect(await statuses(mesh, 4)).toEqual([200, 200, 429, 429]),
  },
  {
    policy: "limits/mixer-objects",
    does: "counts memquota in a proxy, with an override for one caller",
    objects: () =>
      renderMixerQuota(
        {
          quota: {
            name: "quota",
            adapter: "memquota",
            dimensions: { source: { from: "header", header: "x-user", default: "unknown" } },
            maxAmount: 100,
            validDuration: "600s",
            overrides: [{ dimensions: { source: "slow" }, maxAmount: 1 }],
            services: [{ name: "guarded", namespace: "shop", labels: { app: "guarded" } }],
          },
        },
        context,
      ),
    check: async (mesh) => {
      expect(await statuses(mesh, 3, { headers: { "x-user": "slow" } })).toEqual([200, 429, 429]);
      expect(await statuses(mesh, 3)).toEqual([200, 200, 200]);
    },
  },
  {
    policy: "limits/global-rate-limit",
    does: "counts by tenant, in a store that proxies share",
    objects: () => [
      ...limits(),
      renderGlobalRateLimit(
        { name: "global", scope, domain: perTenant, service: rateLimitService(service), timeout: "2s" },
        context,
      ),
    ],
    check: async (mesh) => {
      expect(await statuses(mesh, 4, { headers: { "x-tenant": "one" } })).toEqual([200, 200, 429, 429]);
      expect(await statuses(mesh, 4, { headers: { "x-tenant": "gold" } })).toEqual([200, 200, 200, 200]);
      expect(await statuses(mesh, 1, { headers: { "x-tenant": "two" } })).toEqual([200]);
    },
  },
];
