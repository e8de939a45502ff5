import { serviceOf, target } from "./places";
import { meshRun } from "./runs";
import type { Measured, ScenarioContext, ScenarioRun, ShapeProperty } from "./types";

type LabService = "service-go" | "service-node" | "service-lua" | "service-python";

interface Row {
  readonly qps: number;
  /** Default 10 s. */
  readonly requests?: number;
  readonly document?: Measured;
}

/** Loads of a service by requests per second, on four connections as fortio has them by default. */
export function byRate(
  name: string,
  service: LabService,
  rows: readonly Row[],
  holds: readonly ShapeProperty[],
  context: ScenarioContext,
  headers: Readonly<Record<string, string>> = {},
): ScenarioRun {
  const host = serviceOf("istioLab", service, context);
  const loads = rows.map(({ qps, requests = 10 * qps }) => ({ requests, connections: 4, qps }));
  const document = rows.map((row) => row.document);
  const { service: called } = target(host);
  // It asks service-go, and fails where that has reached its own limit.
  const statuses = service === "service-node" ? [200, 429, 500] : [200, 429];
  const shape = {
    kind: "shape",
    service: called,
    status: 429,
    statuses,
    document,
    holds,
  } as const;
  return meshRun(name, host, { path: "/env", loads, headers }, shape, context);
}

export const between = (row: number, min: number, max: number) =>
  ({ kind: "between", row, min, max }) as const;
const forwarded = { "x-forwarded-for": "10.28.11.20" };
const none = { 200: 100 } as const;

/** A bucket of 50 lets 50 pass at once and 50 a second: of 600 in ten seconds 50 too many. */
export const goRuns = (refused: readonly [number, number], context: ScenarioContext) =>
  byRate(
    "service-go",
    "service-go",
    [
      { qps: 30, document: none },
      { qps: 50, document: none },
      { qps: 60, document: { 200: 96.7, 429: 3.3 } },
    ],
    [between(0, 0, 1), between(1, 0, 5), between(2, ...refused)],
    context,
  );

export const nodeRuns = (context: ScenarioContext) => [
  byRate(
    "service-node",
    "service-node",
    [{ qps: 20 }, { qps: 30 }],
    [between(0, 0, 8), between(1, 15, 45)],
    context,
  ),
  byRate(
    "service-node-forwarded",
    "service-node",
    [{ qps: 30 }, { qps: 50 }, { qps: 60, document: { 200: 97.5, 429: 2.5 } }],
    [between(0, 0, 1), between(1, 0, 5), { kind: "some", row: 2 }],
    context,
    forwarded,
  ),
];
