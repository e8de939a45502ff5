import { z } from "zod";
import { canary, chaos, egress } from "./traffic-delivery-schema";
import * as f from "./traffic-fields";
import { rateLimits } from "./traffic-limits-schema";
import { policy } from "./traffic-policies-schema";
import { route } from "./traffic-routes-schema";
import { security } from "./traffic-security-schema";

const host = z.strictObject({
  namespace: f
    .text("Where the objects stand; has to be said of a host that is no Service, and only there")
    .optional(),
  ports: z
    .record(z.string(), z.number())
    .optional()
    .meta({ description: "Number by name. Default: those of the Service, where an application makes it" }),
  alsoHosts: f.texts("More names of the host, as the one under which clients come to a gateway").default([]),
  gateways: z
    .array(z.string())
    .min(1, { error: "one place at least\nname one, or leave it out for the mesh" })
    .default(["mesh"])
    .meta({
      description:
        "Where the routes hold: mesh, or Gateways of applications and of gateways.routes, namespace/name",
    }),
  routes: z.array(route).default([]).meta({ description: "Requests by what they are, in this order" }),
  unmatched: z.enum(["refuse", "notFound"]).default("refuse").meta({
    description: "What becomes of requests that no route takes: a fault of the config, or 404",
  }),
  subsets: z
    .record(z.string(), z.record(z.string(), z.string()))
    .default({})
    .meta({ description: "Labels of the pods of each, such as { v1: { version: v1 } }" }),
  policy: policy.optional().meta({ description: "What holds for the whole host" }),
  subsetPolicies: z.record(z.string(), policy).default({}).meta({ description: "As policy, by subset" }),
  portPolicies: z
    .record(z.string(), policy)
    .default({})
    .meta({ description: "As policy, by name or number of the port" }),
  endpoints: f.number("How many there are, for checks that depend on it. Default: not known").optional(),
  exportTo: f.texts("Namespaces that see it all: names, . or *. Default: all").optional(),
  annotations: f
    .textMap("Of the VirtualService: mesh-platform/suppress with a reason, where a finding is meant")
    .optional(),
});

export type HostConfig = z.infer<typeof host>;

export const traffic = z
  .strictObject({
    scenarios: f.texts("Experiments of the source documents, by name; docs/scenarios.md").default([]),
    canaryWeight: z.number().int().min(0).max(100).default(10).meta({
      description: "Percent of the requests that the new version gets in the scenario reviews-canary",
    }),
    hosts: z.record(z.string(), host).default({}).meta({
      description: "Routes and policies by host: name.namespace of a Service, or any other name in full",
    }),
    rateLimits,
    security,
    egress: z.array(egress).default([]).meta({
      description: "Hosts outside that a namespace reaches, and perhaps nothing else",
    }),
    canaries: z.array(canary).default([]).meta({
      description: "Releases by Flagger, which has to be there; docs/progressive-delivery.md",
    }),
    chaos: z.array(chaos).default([]).meta({
      description: "Disturbances by ChaosBlade, which has to be there; tier dev or lab",
    }),
  })
  .prefault({})
  .meta({ description: "Where requests go, and how; docs/traffic.md" });

export type TrafficConfig = z.infer<typeof traffic>;
