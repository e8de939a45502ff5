import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ScenarioRun } from "../../components/traffic/scenarios";
import { type FortioResult, readFortio } from "../../scripts/lib/traffic/fortio";
import type { Pod, Snapshot, Watched } from "../../scripts/lib/traffic/snapshots";

/** What real programs have printed: fortio and Envoy, on one computer. Nothing where there is no file. */
export const fixture = (name: string): string => {
  const file = join(__dirname, "fixtures", name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

const snapshot = (name: string): Snapshot => ({
  stats: fixture(`${name}-stats.txt`),
  clusters: fixture(`${name}-clusters.txt`),
  prometheus: "",
});

/** The proxy beside fortio before and after a load. */
export const watched = (name: string): Watched[] => [
  { proxy: "fortio/fortio-1", before: snapshot(`${name}-before`), after: snapshot(`${name}-after`) },
];

/** A client's figures. */
export const result = (statuses: Record<number, number>): FortioResult => ({
  ...readFortio(fixture("fortio.json")),
  statuses,
  requests: Object.values(statuses).reduce((sum, count) => sum + count, 0),
});

/** Pods by address. */
export const pods = (list: Record<string, Pod>): ReadonlyMap<string, Pod> => new Map(Object.entries(list));

export const reviews = "reviews.bookinfo";

/** A run of fortio to reviews. */
export const runOf = (more: Partial<ScenarioRun> = {}): ScenarioRun => ({
  name: "everybody",
  via: "mesh",
  client: "fortio/fortio",
  request: { host: reviews, port: 9080, path: "/reviews/0", method: "GET", headers: {} },
  loads: [{ requests: 1000, connections: 4 }],
  expect: { kind: "shares", shares: [{ to: { service: reviews, version: "v1" }, status: 200, share: 1 }] },
  ...more,
});
