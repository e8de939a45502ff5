/** Values of one chart, as Helm takes them. */
type Values = Readonly<Record<string, unknown>>;

/** A value that a mesh on sandbox hosts needs, and why. */
export interface MeshSetting {
  readonly chart: "istiod" | "gateway" | "cni";
  /** Place of the value in the chart's values, outermost key first. */
  readonly path: readonly string[];
  readonly value: unknown;
  readonly reason: string;
}

const env = ["pilot", "env"] as const;

/**
 * What the sandbox lays over the values of Istio's charts. Its proxies are a stock Envoy, whose makers leave out the
 * filters that Istio adds when it builds its own; and its hosts share a small computer.
 */
export const meshProfile: readonly MeshSetting[] = [
  {
    chart: "istiod",
    path: ["telemetry", "enabled"],
    value: false,
    reason: "needs the filter istio.stats: proxies would reject every listener and never become ready",
  },
  {
    chart: "istiod",
    path: [...env, "PILOT_ENABLE_METADATA_EXCHANGE"],
    value: "false",
    reason: "needs the filter istio.metadata_exchange, with the same end",
  },
  {
    chart: "istiod",
    path: [...env, "PILOT_ENABLE_ALPN_FILTER"],
    value: "false",
    reason: "needs the filter istio.alpn, with the same end",
  },
  {
    chart: "istiod",
    path: ["meshConfig", "defaultConfig", "proxyStatsMatcher", "inclusionRegexps"],
    value: [".*"],
    reason:
      "without istio.stats there is no istio_requests_total; Envoy's own counters stand in for it at :15020",
  },
  {
    chart: "istiod",
    path: ["global", "imagePullPolicy"],
    value: "IfNotPresent",
    reason: "a pod must start while the mirror is down, as after a restart of the computer",
  },
  {
    chart: "istiod",
    path: ["autoscaleEnabled"],
    value: false,
    reason: "nothing measures pods here, and an autoscaler without measurements only complains",
  },
  {
    chart: "istiod",
    path: ["resources", "requests"],
    value: { cpu: "50m", memory: "128Mi" },
    reason: "the chart asks for 2 GiB, and all hosts share one computer; 140 MiB were seen in use",
  },
  {
    chart: "istiod",
    path: ["global", "proxy", "resources", "requests"],
    value: { cpu: "10m", memory: "40Mi" },
    reason: "the chart asks for 100m and 128 MiB in every pod; a handful would fill two cores",
  },
  {
    chart: "gateway",
    path: ["imagePullPolicy"],
    value: "IfNotPresent",
    reason: "as for istiod",
  },
  {
    chart: "gateway",
    path: ["autoscaling", "enabled"],
    value: false,
    reason: "as for istiod",
  },
  {
    chart: "gateway",
    path: ["resources", "requests"],
    value: { cpu: "10m", memory: "40Mi" },
    reason: "as for the proxies in pods",
  },
  {
    chart: "cni",
    path: ["global", "imagePullPolicy"],
    value: "IfNotPresent",
    reason: "as for istiod",
  },
];

/** The profile's values of one chart, nested as the chart has them. */
export function meshProfileValues(chart: MeshSetting["chart"]): Values {
  return meshProfile
    .filter((setting) => setting.chart === chart)
    .reduce<Values>((values, { path, value }) => withValue(values, path, value), {});
}

function withValue(values: Values, [key = "", ...rest]: readonly string[], value: unknown): Values {
  const below = (values[key] ?? {}) as Values;
  return { ...values, [key]: rest.length === 0 ? value : withValue(below, rest, value) };
}
