import { z } from "zod";
import { labServices } from "../../components/apps/images";
import { persistence } from "./addons-schema";
import { exposure } from "./exposure-schema";
import * as p from "./primitives";

/** An application that is left out unless the config has it; `{}` takes all its defaults. */
const optional = <T extends z.ZodType>(settings: T, description: string) =>
  z
    .union([z.literal(false), settings])
    .default(false)
    .meta({ description });

const namespace = (name: string) =>
  p.hostName.default(name).meta({
    description:
      "Namespace; several applications may share one, and one that the cluster has is taken as it is",
  });

const hostError = {
  error: "a host name, perhaps with *. in front, or * alone\nwrite it like bookinfo.example.com",
};

const hosts = (...names: string[]) =>
  z.array(z.string().regex(p.gatewayHost, hostError)).default(names).meta({
    description:
      "Names under which clients come to the ingress gateway; * is any other, an empty list no Gateway at all",
  });

const objectName = (name: string, description: string) => p.hostName.default(name).meta({ description });

const bookinfo = z.strictObject({
  namespace: namespace("bookinfo"),
  hosts: hosts("*"),
  gateway: objectName("bookinfo-gateway", "Name of the Gateway"),
  virtualService: objectName("bookinfo", "Name of the VirtualService"),
  routes: z.enum(["pages", "everything"]).default("pages").meta({
    description: "Whether the gateway lets in only the page and what it needs, or every path",
  }),
  reviews: z
    .array(z.enum(["v1", "v2", "v3"]))
    .min(1)
    .default(["v1", "v2", "v3"])
    .meta({ description: "Versions of reviews that run" }),
  subsets: z.boolean().default(false).meta({
    description: "A DestinationRule per service with its versions as subsets",
  }),
});

const drone = z.strictObject({
  clientId: z.string().min(1).meta({
    description:
      "Id of the OAuth2 application made for Drone in Gitea; its secret is the key droneGiteaClientSecret",
  }),
  admin: z
    .string()
    .regex(/^[\w.-]+$/)
    .meta({ description: "Gitea's user who may do everything in Drone" }),
  host: p.dnsDomain
    .or(p.hostPort)
    .optional()
    .meta({ description: "Where browsers and Gitea's hooks reach Drone. Default: its Service" }),
  proto: z.enum(["http", "https"]).default("http").meta({ description: "As browsers see it" }),
  giteaUrl: p.url
    .optional()
    .meta({ description: "Where Drone and browsers find Gitea. Default: its Service" }),
  runner: z.enum(["kubernetes", "docker"]).default("kubernetes").meta({
    description: "Where steps run: as pods, or in the Docker of the node",
  }),
  capacity: z.number().int().min(1).max(64).default(2).meta({ description: "Steps that run at once" }),
  expose: exposure.prefault({ kind: "clusterIP" }),
  persistence,
});

const delivery = z.strictObject({
  namespace: namespace("delivery"),
  domain: p.dnsDomain
    .optional()
    .meta({ description: "Name by which browsers and git reach Gitea. Default: its Service" }),
  url: p.url.optional().meta({ description: "Where browsers find Gitea. Default: port 10000 of the domain" }),
  expose: exposure.prefault({ kind: "clusterIP" }),
  persistence,
  databasePersistence: persistence,
  drone: optional(drone, "Drone, once its application was made in Gitea"),
});

const injection = z.union([
  z.enum(["enabled", "disabled", "ambient"]),
  z.strictObject({ revision: p.hostName.meta({ description: "Revision or tag of a control plane" }) }),
]);

export const apps = z
  .strictObject({
    bookinfo: optional(bookinfo, "Istio's book shop with its gateway"),
    httpbin: optional(
      z.strictObject({
        namespace: namespace("httpbin"),
        versions: z
          .array(p.hostName)
          .min(1)
          .default(["v1"])
          .meta({ description: "Each is a Deployment behind the one Service" }),
      }),
      "A server that answers as it is asked to",
    ),
    fortio: optional(z.strictObject({ namespace: namespace("fortio") }), "A generator of load"),
    clients: z
      .array(z.strictObject({ name: p.hostName.default("curl"), namespace: namespace("curl") }))
      .default([])
      .meta({ description: "Pods with curl from which others are called" }),
    istioLab: optional(
      z.strictObject({
        namespace: namespace("istio-lab"),
        services: z
          .array(z.enum(labServices))
          .min(1)
          .default([...labServices])
          .meta({ description: "Which run, each in two versions. node asks go; python asks lua and node" }),
      }),
      "The services of the resilience exercises",
    ),
    webDemo: optional(
      z.strictObject({ namespace: namespace("web-demo") }),
      "httpd and tomcat behind one name",
    ),
    billDemo: optional(
      z.strictObject({ namespace: namespace("istio-demo"), hosts: hosts("tomcat.istio-demo.com") }),
      "A tomcat that calls a bill service, both in two versions",
    ),
    proxyCom: optional(
      z.strictObject({ namespace: namespace("proxy-com"), hosts: hosts("nginx.bbotte.com") }),
      "An nginx behind a host name of its own",
    ),
    delivery: optional(delivery, "Gitea with MariaDB, and Drone"),
    injection: z.record(p.hostName, injection).default({}).meta({
      description: "How the pods of a namespace get into the mesh. Default: by the default revision",
    }),
  })
  .prefault({})
  .meta({ description: "Applications in the mesh; docs/apps.md" });

export type AppsConfig = z.infer<typeof apps>;
