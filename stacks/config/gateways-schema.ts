import { z } from "zod";
import { certificateSource, gatewayMode } from "./exposure-schema";
import * as p from "./primitives";

const hosts = z
  .array(
    z.string().regex(p.gatewayHost, {
      error: "a host name, perhaps with *. in front, or * alone\nwrite it like shop.example.com",
    }),
    { error: "a list of host names\nname at least one" },
  )
  .min(1, { error: "one host name at least\nname the hosts that clients ask for" });

const route = z.strictObject({
  name: p.hostName.meta({ description: "Name of the Gateway, and in those of its Secrets" }),
  namespace: p.hostName.meta({
    description: "Namespace of the Gateway and its routes: the application's. It has to be there",
  }),
  hosts: hosts.meta({ description: "Names that clients ask for; * is any, where the mode allows it" }),
  backend: z.strictObject({
    service: p.hostName.meta({ description: "Name of the Service" }),
    port: p.port.meta({ description: "Port of the Service" }),
    namespace: p.hostName.optional().meta({ description: "Default: the route's" }),
    elsewhere: z.boolean().default(false).meta({
      description:
        "Others make the Service; without this a Service that no application here makes is a mistake",
    }),
  }),
  mode: gatewayMode,
});

const authority = z.strictObject({
  keyAlgorithm: z
    .enum(["RSA-2048", "RSA-3072", "RSA-4096", "ECDSA-P256"])
    .default("ECDSA-P256")
    .meta({ description: "Of its key and of those under it" }),
  authorityValidityHours: z
    .number()
    .int()
    .min(24)
    .default(87600)
    .meta({ description: "Its life; it never renews itself" }),
  validityHours: z
    .number()
    .int()
    .min(1)
    .default(2160)
    .meta({ description: "Life of the certificates under it" }),
  renewBeforeHours: z
    .number()
    .int()
    .min(0)
    .default(720)
    .meta({ description: "A certificate is renewed by the first `up` within so many hours of its end" }),
});

const fileName = z.string().regex(/^[a-zA-Z0-9-]+$/, {
  error: "letters, digits and hyphens\nwrite it like shop",
});

const edgeServer = z.strictObject({
  name: fileName.meta({ description: "Name of its file, and of the server in messages" }),
  hosts: hosts.meta({ description: "Names that clients ask for" }),
  upstream: z
    .strictObject({
      name: fileName.optional().meta({ description: "Name in nginx's config. Default: the server's" }),
      host: p.dnsDomain.meta({ description: "DNS name or address" }),
      port: p.port,
    })
    .optional()
    .meta({ description: "Where requests go. Default: port 80 of the mesh's first ingress gateway" }),
  protocol: z.enum(["http", "grpc"]).default("http").meta({ description: "grpc needs TLS" }),
  websocket: z.boolean().default(true).meta({ description: "Pass upgrades of a connection on" }),
  readTimeoutSeconds: z
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ description: "Seconds without a byte after which a request ends. Default: nginx's, 60" }),
  tls: z
    .union([
      z.literal(false),
      z.strictObject({
        certificate: certificateSource.prefault({ kind: "generated" }),
        redirect: z.boolean().default(true).meta({ description: "Send clients of plain HTTP to HTTPS" }),
        minVersion: z.enum(["1.2", "1.3"]).default("1.2").meta({ description: "Oldest version of TLS" }),
      }),
    ])
    .default(false)
    .meta({ description: "HTTPS; false for plain HTTP alone" }),
});

const edge = z.strictObject({
  name: p.hostName.default("nginx-istio").meta({ description: "Name of its objects" }),
  namespace: p.hostName.optional().meta({ description: "Default: the mesh's" }),
  image: z.string().default("nginx:1.28-alpine"),
  nodeSelector: z
    .record(p.labelKey, p.labelValue)
    .default({ "istio-nginx": "true" })
    .meta({ description: "Labels of the hosts whose ports 80 and 443 it takes" }),
  replicas: z.number().int().min(1).max(50).default(1).meta({ description: "One per such host at most" }),
  reload: z.enum(["inPlace", "restart"]).default("inPlace").meta({
    description:
      "How a changed config gets in. inPlace: within about a minute, without a broken connection; restart: at once, with a gap",
  }),
  servers: z.array(edgeServer).min(1, { error: "one server at least\nsay which hosts it serves" }),
  fallback: z
    .enum(["notFound", "page"])
    .default("notFound")
    .meta({ description: "What other names get: 404, or nginx's own page" }),
  ipv6: z.boolean().default(true).meta({
    description: "Listen on IPv6 too; false where the kernel has none, as nginx would not start",
  }),
});

export const gateways = z
  .strictObject({
    routes: z
      .array(route)
      .default([])
      .meta({ description: "Hosts at the mesh's first ingress gateway, each in a mode" }),
    edge: z
      .union([z.literal(false), edge])
      .default(false)
      .meta({ description: "nginx on ports 80 and 443 of chosen hosts, in front of the ingress gateway" }),
    authority: authority
      .prefault({})
      .meta({ description: "The platform's own authority, for certificates of kind generated" }),
  })
  .prefault({})
  .meta({ description: "What comes in from outside; docs/gateways.md" });

export type GatewaysConfig = z.infer<typeof gateways>;
export type GatewayRouteConfig = GatewaysConfig["routes"][number];
export type EdgeConfig = Exclude<GatewaysConfig["edge"], false>;

const pem = (what: string, begin: RegExp) =>
  z.string({ error: `${what} in PEM\npaste the whole file` }).regex(begin, {
    error: `${what} in PEM\npaste the whole file`,
  });

/** The secret key gatewayCertificates: by name, a certificate and its key. */
export const gatewayCertificates = z.record(
  p.hostName,
  z.strictObject({
    certificate: pem("a certificate", /^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\s*$/),
    privateKey: pem(
      "a private key",
      /^-----BEGIN ([A-Z]+ )?PRIVATE KEY-----\n[\s\S]+-----END ([A-Z]+ )?PRIVATE KEY-----\s*$/,
    ),
  }),
);
