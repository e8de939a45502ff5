import { z } from "zod";
import type { AuthorizationPolicyArgs } from "../../components/traffic/security/authorization-policy";
import type {
  AuthorizationRule,
  Condition,
  Operation,
  Source,
} from "../../components/traffic/security/authorization-types";
import type { MtlsMode, PeerAuthenticationArgs } from "../../components/traffic/security/peer-authentication";
import type {
  JwtKeys,
  JwtRule,
  RequestAuthenticationArgs,
} from "../../components/traffic/security/request-authentication";
import type { Scope } from "../../components/traffic/security/scope";
import * as f from "./traffic-fields";

const namespace = f.text("Of the policy and of the pods");
const target = z.strictObject({
  kind: z.enum(["Service", "ServiceEntry", "Gateway", "GatewayClass"]),
  name: z.string(),
});

const scopes = {
  mesh: f.of<Extract<Scope, { kind: "mesh" }>>()(
    { kind: z.literal("mesh") },
    { rootNamespace: f.text("Default istio-system") },
  ),
  namespace: z.strictObject({ kind: z.literal("namespace"), namespace }),
  workload: z.strictObject({ kind: z.literal("workload"), namespace, labels: f.textMap("Of the pods") }),
  attached: z.strictObject({ kind: z.literal("attached"), namespace, targetRefs: z.array(target) }),
};

const kinds = (names: string) => ({
  error: `a scope of kind ${names}\nwrite it like { kind: namespace, namespace: shop }`,
});
const description =
  "Where it holds: { kind: mesh }, namespace, workload with labels, or attached with targetRefs";

/** Where a policy holds. */
export const scope: z.ZodType<Scope> = z
  .union(
    [scopes.mesh, scopes.namespace, scopes.workload, scopes.attached],
    kinds("mesh, namespace, workload or attached"),
  )
  .meta({ description });

const peerScope: z.ZodType<PeerAuthenticationArgs["scope"]> = z
  .union([scopes.namespace, scopes.workload], kinds("namespace or workload; for the mesh there is mesh.mtls"))
  .meta({
    description: "Where it holds: { kind: namespace }, or workload with labels; the mesh has mesh.mtls",
  });

const mode = z.enum(["UNSET", "DISABLE", "PERMISSIVE", "STRICT"]);

export type PeerAuthenticationConfig = Omit<PeerAuthenticationArgs, "containerPorts">;

const peerAuthentication = f.of<PeerAuthenticationConfig>()(
  { scope: peerScope, mode: mode.meta({ description: "What proxies take from callers" }) },
  {
    name: f.text("Default, and only choice, for a mesh or a namespace: default"),
    portLevelMtls: z.record(z.string(), mode) as unknown as z.ZodType<Readonly<Record<number, MtlsMode>>>,
  },
);

const lists = <K extends string>(...names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, z.array(z.string())])) as unknown as Readonly<
    Record<K, z.ZodType<readonly string[]>>
  >;

const source = f.of<Source>()(
  {},
  {
    ...lists("principals", "notPrincipals", "requestPrincipals", "notRequestPrincipals"),
    ...lists("namespaces", "notNamespaces", "serviceAccounts", "notServiceAccounts"),
    ...lists("ipBlocks", "notIpBlocks", "remoteIpBlocks", "notRemoteIpBlocks"),
  },
);

const operation = f.of<Operation>()(
  {},
  {
    ...lists("hosts", "notHosts", "methods", "notMethods", "paths", "notPaths"),
    ports: z.array(z.number()),
    notPorts: z.array(z.number()),
  },
);

const rule = f.of<AuthorizationRule>()(
  {},
  {
    from: z.array(source).meta({ description: "Who asks; one of these" }),
    to: z.array(operation).meta({ description: "What is asked for; one of these" }),
    when: z.array(f.of<Condition>()({ key: z.string() }, lists("values", "notValues"))),
  },
);

export type AuthorizationPolicyConfig = Omit<AuthorizationPolicyArgs, "knownProviders" | "ports">;

const authorizationPolicy = f.of<AuthorizationPolicyConfig>()(
  {
    name: f.text("Name of the object"),
    scope,
    action: z.enum(["ALLOW", "DENY", "AUDIT", "CUSTOM"]),
    rules: z.array(rule).meta({ description: "Which requests; {} is any" }),
  },
  {
    allowNothing: f.flag("Says that ALLOW without rules is meant. Default false"),
    provider: f.text("Whom CUSTOM asks: an entry of mesh.extensionProviders"),
    dryRun: f.flag("Only reports what it would decide. Default false"),
  },
);

const keys = f.anyOf<JwtKeys>()(
  {},
  {
    jwksUri: f.text("Where istiod fetches them"),
    jwks: z.strictObject({ keys: z.array(z.looseObject({ kty: z.string() })) }),
  },
);

const jwtRule = f.of<JwtRule>()(
  { issuer: f.text("The token's iss"), keys: keys.meta({ description: "jwksUri, or jwks: public keys" }) },
  {
    ...lists("audiences", "fromParams", "fromCookies"),
    fromHeaders: z.array(
      f.of<{ name: string; prefix?: string }>()({ name: z.string() }, { prefix: z.string() }),
    ),
    outputPayloadToHeader: f.text("Header that takes the payload"),
    outputClaimToHeaders: z.array(z.strictObject({ header: z.string(), claim: z.string() })),
    forwardOriginalToken: f.flag("Default false"),
    timeout: f.text("For fetching keys. Default 5s"),
  },
);

const requestAuthentication = f.of<RequestAuthenticationArgs>()(
  {
    name: f.text("Name of the object"),
    scope,
    jwtRules: z.array(jwtRule).meta({ description: "One per issuer" }),
    anonymous: z.enum(["refused", "allowed"]).meta({ description: "What becomes of requests without token" }),
  },
  { httpPorts: f.numbers("With refused: ports of the pods that speak HTTP. Default: all ports") },
);

export const security = z
  .strictObject({
    peerAuthentications: z.array(peerAuthentication).default([]).meta({ description: "Mutual TLS" }),
    authorizationPolicies: z.array(authorizationPolicy).default([]).meta({ description: "Who may do what" }),
    requestAuthentications: z.array(requestAuthentication).default([]).meta({ description: "Tokens" }),
  })
  .prefault({})
  .meta({ description: "Who may speak to whom, and how; docs/traffic-security.md" });
