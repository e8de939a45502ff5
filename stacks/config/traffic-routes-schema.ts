import { z } from "zod";
import { grpcStatuses, httpMethods, retryConditions } from "../../components/traffic/routes/modifier-types";
import type {
  CorsModifier,
  DirectResponseAction,
  FaultModifier,
  HeaderChanges,
  HeaderOperations,
  HttpMatch,
  RedirectAction,
  RetryModifier,
  RewriteModifier,
} from "../../components/traffic/routes/types";
import * as f from "./traffic-fields";

const labels = (whose: string) => f.textMap(`Labels of the pods that ${whose}`);

const match = f.of<HttpMatch>()(
  {},
  {
    uri: f.pathMatch.meta({
      description: "Path without query; prefix goes by characters, segments by names between slashes",
    }),
    ignoreUriCase: f.flag("Default false. Not for regex"),
    scheme: f.textMatch,
    method: f.textMatch.meta({ description: "GET, POST, …" }),
    authority: f.textMatch.meta({
      description: "Host that the client asks for, with its port if it names one",
    }),
    headers: z.record(z.string(), f.valueMatch).meta({ description: "By header" }),
    withoutHeaders: z.record(z.string(), f.valueMatch).meta({ description: "What headers must not be" }),
    queryParams: z.record(z.string(), f.valueMatch).meta({ description: "By parameter" }),
    port: f.number("Port that the request was sent to"),
    sourceLabels: labels("send; in the mesh alone"),
    sourceNamespace: f.text("Namespace of the pods that send; in the mesh alone"),
    statPrefix: f.text("Where the proxy counts what this took"),
  },
);

const operations = f.of<HeaderOperations>()(
  {},
  {
    set: f.textMap("In place of what is there"),
    add: f.textMap("One more"),
    remove: f.texts("All of the name"),
  },
);

const headers = f
  .of<HeaderChanges>()({}, { request: operations, response: operations })
  .meta({ description: "Changes of headers: set, add, remove" });

/** Where requests go: a subset of the same host by its name, or another host. */
const place = {
  host: f.text("Default: the host that the route is for"),
  subset: f.text("Default: all of the host"),
  port: z
    .union([z.string(), z.number()])
    .meta({ description: "Name or number. Default: that of the request" }),
};

const target = f.anyOf<TargetConfig>()({}, place);
const weighted = f.anyOf<WeightedConfig>()(
  {},
  { ...place, weight: f.number("Per cent; all sum to 100, or relativeWeights"), headers },
);

export interface TargetConfig {
  readonly host?: string;
  readonly subset?: string;
  readonly port?: string | number;
}

export interface WeightedConfig extends TargetConfig {
  readonly weight?: number;
  readonly headers?: HeaderChanges;
}

const percentage = f.number("Per cent of the requests. Default 100");

const fault = f.of<FaultModifier>()(
  {},
  {
    delay: f.of<NonNullable<FaultModifier["delay"]>>()({ fixedDelay: f.text("Such as 7s") }, { percentage }),
    abort: f.anyOf<NonNullable<FaultModifier["abort"]>>()(
      {},
      { httpStatus: f.number("200 to 599"), grpcStatus: z.enum(grpcStatuses), percentage },
    ),
  },
);

const retries = f.of<RetryModifier>()(
  { attempts: f.number("How often again; 0 for never") },
  {
    perTryTimeout: f.text("Default: that of the request"),
    retryOn: z
      .array(z.union([z.enum(retryConditions), z.number()]))
      .meta({ description: "Envoy's conditions, and statuses. Default: Istio's" }),
    retryRemoteLocalities: f.flag("Try other places too. Default false"),
    retryIgnorePreviousHosts: f.flag("Not again where it just failed. Default true"),
    backoff: f.text("Pause before the first; Istio 1.27. Default 25ms"),
  },
);

const rewrite = f.of<RewriteModifier>()(
  {},
  {
    uri: f.text("In place of what the path matched"),
    uriRegexRewrite: z.strictObject({ match: z.string(), rewrite: z.string() }),
    authority: f.text("New host"),
  },
);

const redirect = f.of<Omit<RedirectAction, "kind">>()(
  {},
  {
    uri: f.text("The whole new path"),
    prefixRewrite: f.text("Instead of uri: in place of the prefix that matched"),
    authority: f.text("New host"),
    scheme: z.enum(["http", "https"]),
    port: z.union([z.number(), z.enum(["FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"])]),
    redirectCode: z.literal([301, 302, 303, 307, 308]),
  },
);

const directResponse = f.of<Omit<DirectResponseAction, "kind">>()(
  { status: f.number("200 to 599") },
  { body: z.union([z.strictObject({ string: z.string() }), z.strictObject({ bytes: z.string() })]) },
);

const corsPolicy = f.of<CorsModifier>()(
  { allowOrigins: z.array(f.textMatch) },
  {
    allowMethods: z.array(z.enum([...httpMethods, "*"])),
    allowHeaders: f.texts("Headers that browsers may send"),
    exposeHeaders: f.texts("Headers that pages may read"),
    maxAge: f.text("Whole seconds"),
    allowCredentials: f.flag("Default false"),
    unmatchedPreflights: z.enum(["FORWARD", "IGNORE"]),
  },
);

const mirror = f.anyOf<TargetConfig & { readonly percentage?: number }>()({}, { ...place, percentage });

export const route = z.strictObject({
  name: f.text("In findings, metrics and logs. Default: route-1 and so on, by its place").optional(),
  match: z
    .union([match, z.array(match)])
    .optional()
    .meta({ description: "Conditions that all hold, or a list of which one does. Default: every request" }),
  to: z
    .union([z.string(), target, z.array(weighted)], {
      error:
        "a subset's name, { host, subset, port }, or a list of them with weights\nwrite it like [{ subset: v1, weight: 90 }, { subset: v2, weight: 10 }]",
    })
    .optional()
    .meta({ description: "A subset of the host, { host, subset, port }, or a list of these with weights" }),
  relativeWeights: f.flag("Weights are parts of their sum, whatever it is").default(false),
  redirect: redirect.optional().meta({ description: "Instead of to: send the client elsewhere" }),
  directResponse: directResponse.optional().meta({ description: "Instead of to: answer at once" }),
  rewrite: rewrite.optional().meta({ description: "Change path or host on the way" }),
  timeout: f.text("For the request with all its tries. Default: none").optional(),
  retries: retries.optional().meta({ description: "Default: Istio's 2 attempts" }),
  fault: fault.optional().meta({ description: "Failures on purpose; tier dev or lab" }),
  mirrors: z.array(mirror).optional().meta({ description: "Where copies go" }),
  corsPolicy: corsPolicy.optional().meta({ description: "What browsers may do from other origins" }),
  headers: headers.optional(),
});

export type RouteConfig = z.infer<typeof route>;
