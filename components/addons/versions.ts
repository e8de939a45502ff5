import { atLeast } from "../lib/versions";

/** Programs of this folder; each has an image and a version of its own. */
export type AddonProgram =
  | "prometheus"
  | "grafana"
  | "jaeger"
  | "kiali"
  | "elasticsearch"
  | "kibana"
  | "fluentBit"
  | "fluentd";

type Versions = Readonly<Record<AddonProgram, string>>;

/** Logging has nothing to do with Istio: one set for all. */
const logging = {
  elasticsearch: "8.19.16",
  kibana: "8.19.16",
  fluentBit: "4.2.3",
  fluentd: "1.19.3",
} as const;

/**
 * What each line of Istio ships as its samples, newest first; Kiali speaks to Istio's own APIs and has to go with it.
 * Patch numbers are written out: an image's tag that moves would change the pods without a word in the preview.
 */
const table: readonly (readonly [istio: string, versions: Omit<Versions, keyof typeof logging>])[] = [
  // Jaeger knows nothing of Istio; this version is the one that the sandbox's mirror builds.
  ["1.31", { prometheus: "3.10.0", grafana: "12.0.1", jaeger: "2.13.0", kiali: "2.27.0" }],
  ["1.30", { prometheus: "3.10.0", grafana: "12.0.1", jaeger: "2.14.0", kiali: "2.26.0" }],
  ["1.28", { prometheus: "3.5.0", grafana: "12.0.1", jaeger: "1.70.0", kiali: "2.17.0" }],
  ["1.24", { prometheus: "2.54.1", grafana: "11.2.2", jaeger: "1.58.0", kiali: "2.0.0" }],
  ["1.20", { prometheus: "2.41.0", grafana: "9.5.5", jaeger: "1.46.0", kiali: "1.76.0" }],
  ["1.13", { prometheus: "2.31.1", grafana: "8.3.1", jaeger: "1.29.0", kiali: "1.45.1" }],
  ["1.10", { prometheus: "2.24.0", grafana: "7.4.3", jaeger: "1.20.0", kiali: "1.34.1" }],
  ["1.7", { prometheus: "2.19.0", grafana: "7.0.5", jaeger: "1.18.0", kiali: "1.22.1" }],
];

/** Versions that go with a version of Istio: those of the newest line that is not newer than it. */
export function addonVersions(istio: string): Versions {
  const row = table.find(([from]) => atLeast(istio, from)) ?? table.at(-1);
  if (row === undefined) throw new Error("the table of add-ons is empty");
  return { ...logging, ...row[1] };
}

/** Lines of Istio that the table has a row of its own for, newest first. */
export const knownIstioLines: readonly string[] = table.map(([istio]) => istio);
