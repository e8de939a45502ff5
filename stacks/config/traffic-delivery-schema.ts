import { z } from "zod";
import type {
  CanaryArgs,
  CanaryMetric,
  CanaryPlan,
  CanaryWebhook,
} from "../../components/traffic/delivery/canary-types";
import type { ChaosArgs, Experiment, Victims } from "../../components/traffic/delivery/chaos";
import { actions, type ChaosAction } from "../../components/traffic/delivery/chaos-table";
import type { EgressArgs, EgressHost, EgressWay } from "../../components/traffic/egress";
import * as f from "./traffic-fields";
import { tls } from "./traffic-policies-schema";

const plan = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("steps"), stepWeight: z.number(), maxWeight: z.number() }),
  z.strictObject({ kind: z.literal("stepList"), stepWeights: z.array(z.number()) }),
  z.strictObject({
    kind: z.literal("users"),
    match: z.array(z.record(z.string(), z.unknown())),
    iterations: z.number(),
  }),
  z.strictObject({ kind: z.literal("blueGreen"), iterations: z.number() }),
]) satisfies z.ZodType<CanaryPlan>;

const interval = z.string().exactOptional();
const bound = z.number().exactOptional();
const metric = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("successRate"), min: z.number(), interval }),
  z.strictObject({ kind: z.literal("duration"), max: z.number(), interval }),
  z.strictObject({
    kind: z.literal("query"),
    name: z.string(),
    query: z.string(),
    min: bound,
    max: bound,
    interval,
  }),
]) satisfies z.ZodType<CanaryMetric>;

const webhook = f.of<CanaryWebhook>()(
  {
    name: z.string(),
    type: z.enum([
      ...(["rollout", "pre-rollout", "post-rollout", "confirm-rollout", "confirm-promotion"] as const),
      ...(["confirm-traffic-increase", "rollback", "event"] as const),
    ]),
    url: z.string(),
  },
  { timeout: f.text("Default 10s"), metadata: z.record(z.string(), z.string()) },
);

const retries = f.of<NonNullable<CanaryArgs["retries"]>>()(
  { attempts: z.number() },
  { perTryTimeout: z.string(), retryOn: z.string() },
);

export const canary = f.of<CanaryArgs>()(
  {
    name: f.text("Also of the Services and the VirtualService that Flagger makes"),
    namespace: f.text("Of the target too"),
    target: z.strictObject({ kind: z.enum(["Deployment", "DaemonSet"]), name: z.string() }),
    port: f.number("Of the Service that Flagger makes"),
    plan: plan.meta({ description: "How far it goes, and by which steps" }),
    threshold: f.number("Failed checks until it is taken back"),
    metrics: z.array(metric).meta({ description: "What has to stay in its range; one at least" }),
  },
  {
    targetPort: z.union([z.number(), z.string()]),
    portName: f.text("Default http"),
    hosts: f.texts("Besides the Service itself"),
    gateways: f.texts("namespace/name or mesh. Default mesh"),
    timeout: f.text("Per request"),
    retries,
    trafficPolicy: z.record(z.string(), z.unknown()),
    interval: f.text("Between two checks. Default 1m"),
    webhooks: z.array(webhook),
    progressDeadlineSeconds: f.number("Default 600"),
    revertOnDeletion: f.flag("Default true"),
  },
);

const victims = f.anyOf<Victims>()(
  { scope: z.enum(["node", "pod", "container"]) },
  {
    names: f.texts("Of nodes"),
    namespace: f.text("Of an application"),
    labels: f.textMap("Of the pods; one"),
    count: f.number("At most so many. Default: all"),
    containers: f.texts("Default: the first that runs"),
  },
);

const experiment = f.of<Experiment>()(
  {
    action: z.enum(Object.keys(actions) as [ChaosAction, ...ChaosAction[]]),
    victims,
    timeout: f.text("When it ends by itself: whole seconds, at most 1h"),
  },
  { with: z.record(z.string(), z.union([z.string(), z.number()])), description: z.string() },
);

export type ChaosConfig = Pick<ChaosArgs, "name" | "experiments">;

export const chaos = f.of<ChaosConfig>()(
  { name: f.text("Name of the ChaosBlade"), experiments: z.array(experiment) },
  {},
);

const port = z.number().exactOptional();
const way = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("https"), port }),
  z.strictObject({ kind: z.literal("http"), port }),
  z.strictObject({
    kind: z.literal("tcp"),
    port: z.number(),
    addresses: z.union([z.literal("auto"), z.array(z.string())]),
  }),
  z.strictObject({
    kind: z.literal("tlsOrigination"),
    port,
    targetPort: port,
    tls: (
      tls as unknown as z.ZodType<NonNullable<Extract<EgressWay, { kind: "tlsOrigination" }>["tls"]>>
    ).exactOptional(),
  }),
]) satisfies z.ZodType<EgressWay>;

export const egress = f.of<EgressArgs>()(
  {
    namespace: f.text("Of the callers"),
    hosts: z
      .array(
        f.of<EgressHost>()(
          { host: f.text("In full; *.example.com with https and http"), way },
          { name: z.string() },
        ),
      )
      .meta({ description: "Hosts outside, and how each is reached" }),
  },
  {
    registryOnly: f.flag("Nothing else outside is reached; makes the namespace's Sidecar. Default false"),
    sidecarName: f.text("Default default"),
    exportTo: f.texts("Default: the namespace alone"),
  },
);
