import { z } from "zod";
import { slbAnnotationsIn } from "../../components/mesh/aliyun-slb";
import * as p from "./primitives";

const nodePort = z.number().int().min(1).max(65535).meta({
  description: "Port of every node; within kubernetes.extraArgs.apiServer's service-node-port-range",
});

const nodePorts = z.record(p.hostName, nodePort).optional().meta({
  description: "Ports of the nodes by the name of the Service's port. Default: chosen by the cluster",
});

const externalTrafficPolicy = z
  .enum(["Cluster", "Local"])
  .optional()
  .meta({ description: "`Local` keeps the client's address, and only nodes with a pod answer" });

const sourceRanges = z
  .array(p.cidr)
  .min(1)
  .optional()
  .meta({ description: "Networks of clients that may come in. Default: everyone" });

const annotations = (description: string) =>
  z.record(p.labelKey, z.string()).optional().meta({ description });

const loadBalancer = z.strictObject({
  kind: z.literal("loadBalancer"),
  nodePorts,
  externalTrafficPolicy,
  annotations: annotations("Settings for the implementation").refine(
    (given) => slbAnnotationsIn(given ?? {}).length === 0,
    {
      error:
        "annotations other than Aliyun's\nwrite kind: aliyunSlb, which asks whether listeners of that instance may be replaced",
    },
  ),
  healthCheckNodePort: nodePort.optional(),
  loadBalancerSourceRanges: sourceRanges,
  loadBalancerClass: p.labelKey
    .optional()
    .meta({ description: "Which implementation, where there are several; can never be changed" }),
  awaitAddress: z.boolean().optional().meta({
    description: "Hold the run until there is an address. Default: unless loadBalancerImplementation is none",
  }),
});

const overrideQuestion =
  "true or false, said outright: with true the listeners that the instance has on these ports are replaced, and what they served (backends, certificates, rules) is lost for good; with false they stay, and only those made for this Service bring traffic\n" +
  "write forceOverrideListeners: true if nobody else uses these ports of the instance";

const aliyunSlb = z.strictObject({
  kind: z.literal("aliyunSlb"),
  id: z
    .string({ error: "the id of an instance\nwrite it like lb-uf6abc; it has to exist already" })
    .regex(/^lb-[a-z0-9]+$/, {
      error: "the id of an instance\nwrite it like lb-uf6abc; it has to exist already",
    })
    .meta({ description: "Id of the load balancer; never deleted with the Service" }),
  addressType: z.enum(["intranet", "internet"]).meta({ description: "As the instance is" }),
  forceOverrideListeners: z.boolean({ error: overrideQuestion }).meta({
    description: "Whether listeners that the instance has on the Service's ports are replaced; no default",
  }),
  nodePorts,
  externalTrafficPolicy,
  loadBalancerSourceRanges: sourceRanges,
  scheduler: z.enum(["wrr", "rr"]).optional().meta({ description: "How clients are spread over nodes" }),
  settings: z
    .record(
      z.string().regex(/^(?!(address-type|force-override-listeners|id|scheduler)$)[a-z0-9-]+$/, {
        error: "a setting that has no field of its own\nsay it by the field of that meaning",
      }),
      z.string(),
    )
    .optional()
    .meta({
      description: "Further settings by the name behind the annotation's prefix, as health-check-type",
    }),
  annotations: z.enum(["alibaba-cloud", "alicloud"]).optional().meta({
    description:
      "Spelling of the annotations. Default: alibaba-cloud; alicloud is that of source document 000",
  }),
});

/** How something in the cluster can be reached. */
export const exposure = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("clusterIP") }),
    z.strictObject({ kind: z.literal("nodePort"), nodePorts, externalTrafficPolicy }),
    loadBalancer,
    aliyunSlb,
    z.strictObject({
      kind: z.literal("hostNetwork"),
      nodeSelector: z
        .record(p.labelKey, p.labelValue)
        .optional()
        .meta({ description: "Labels of the nodes it may run on. Default: any node" }),
    }),
    z.strictObject({
      kind: z.literal("ingress"),
      host: p.dnsDomain,
      ingressClassName: p.dnsDomain.optional().meta({ description: "Default: the cluster's default class" }),
      tlsSecretName: p.dnsDomain
        .optional()
        .meta({ description: "Secret with a certificate. Default: plain HTTP" }),
      annotations: annotations("Settings for the controller"),
      port: p.hostName.optional().meta({ description: "Name of the Service's port. Default: the first" }),
      name: p.dnsDomain.optional().meta({ description: "Name of the Ingress. Default: the Service's" }),
    }),
  ])
  .meta({ description: "How it can be reached; docs/gateways.md" });

export const loadBalancerImplementation = z
  .enum(["none", "aliyun", "metallb", "external"])
  .default("none")
  .meta({
    description:
      "What gives Services of type LoadBalancer an address. With none, as on bare hosts, they stay pending",
  });

const certificatePem = z
  .string()
  .regex(/^-----BEGIN CERTIFICATE-----\n[\s\S]+\n-----END CERTIFICATE-----\s*$/, {
    error:
      "a certificate in PEM\npaste it from BEGIN CERTIFICATE to END CERTIFICATE, with a bar (|) after the key",
  })
  .meta({ description: "Certificate in PEM" });

const secretName = p.dnsDomain.meta({ description: "Name of a Secret" });

/** Where a certificate comes from. Keys themselves are no part of the config's plain keys. */
export const certificateSource = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("generated") }),
    z.strictObject({ kind: z.literal("secret"), secretName }),
    z.strictObject({
      kind: z.literal("given"),
      entry: p.hostName.meta({ description: "Name of an entry of the secret key gatewayCertificates" }),
    }),
  ])
  .meta({
    description:
      "generated: by the platform's own authority. secret: a Secret that others make. given: PEMs of the secret key gatewayCertificates",
  });

const terminating = {
  certificate: certificateSource.prefault({ kind: "generated" }),
  minProtocolVersion: z
    .enum(["TLSV1_2", "TLSV1_3"])
    .default("TLSV1_2")
    .meta({ description: "Oldest version of TLS that clients may speak" }),
  httpsRedirect: z
    .boolean()
    .default(false)
    .meta({ description: "Answer plain HTTP by sending the client to HTTPS" }),
};

/** How requests get from clients through the gateway to the application. */
export const gatewayMode = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("http") }),
    z.strictObject({
      kind: z.literal("passthrough"),
      application: certificateSource
        .optional()
        .meta({ description: "Certificate for the application, in its namespace. Default: it has one" }),
    }),
    z.strictObject({ kind: z.literal("terminate"), ...terminating }),
    z.strictObject({
      kind: z.literal("mutual"),
      ...terminating,
      clients: z
        .discriminatedUnion("kind", [
          z.strictObject({
            kind: z.literal("generated"),
            names: z.array(p.hostName).min(1).meta({ description: "Clients that get a certificate" }),
          }),
          z.strictObject({ kind: z.literal("secret") }),
          z.strictObject({ kind: z.literal("given"), certificate: certificatePem }),
        ])
        .meta({
          description:
            "Whose certificates clients must have. generated: the platform's own authority. secret: ca.crt is in the certificate's Secret. given: an authority in PEM",
        }),
    }),
    z.strictObject({
      kind: z.literal("reencrypt"),
      ...terminating,
      inside: z.strictObject({
        kind: z.enum(["generated", "secret"]).default("generated"),
        mutual: z
          .boolean()
          .default(false)
          .meta({ description: "The gateway shows a certificate to the application too" }),
        secretName: secretName.optional().meta({
          description: "Secret in the gateway's namespace with ca.crt; with kind secret others make it",
        }),
        sni: p.dnsDomain
          .optional()
          .meta({ description: "Name that is asked for. Default: the Service's full name" }),
      }),
    }),
  ])
  .meta({ description: "How it is served; docs/gateways.md" });
