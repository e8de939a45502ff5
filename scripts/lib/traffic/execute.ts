import type { KubeObject } from "../../../components/lib/objects";
import type { Load, ScenarioRun } from "../../../components/traffic/scenarios";
import type { Simulator } from "../../../components/traffic/simulate";
import type { PodCount } from "./answers";
import type { LivePod } from "./cluster";
import type { FortioResult } from "./fortio";
import { type Observation, observe } from "./observe";
import { type Prediction, predict, type VersionOf } from "./predict";
import { type Way, wayOf } from "./route";
import { type Sending, sendLoad } from "./send";
import { shapeHolds, shapeRows } from "./shape";
import { compareShares } from "./shares";
import { stickyHolds, stickyRow } from "./sticky";
import type { RunReport } from "./table";

/** Where runs happen. */
export interface Stage extends Sending {
  readonly objects: readonly KubeObject[];
  readonly pods: readonly LivePod[];
  readonly simulator: Simulator;
  readonly versionOf: VersionOf;
  /** Instead of the run's own number. */
  readonly requests?: number | undefined;
}

/** One load that is to be sent. */
interface Planned {
  readonly load: Load;
  readonly way: Way;
  /** For people. */
  readonly what: string;
  /** Of the header that requests stick by. */
  readonly value?: string;
}

interface Sent extends Planned {
  readonly result: FortioResult;
  readonly observation: Observation;
}

const sized = (load: Load, requests: number | undefined): Load =>
  requests === undefined ? load : { ...load, requests, connections: Math.min(load.connections, requests) };

/** The loads of a run: one for shares, one for each row of a table, one for each value that sticks and one without. */
function planLoads(run: ScenarioRun, way: Way, requests: number | undefined): Planned[] {
  const loads = run.loads.map((load) => sized(load, requests));
  const [load] = loads;
  if (load === undefined) throw new Error(`the run ${run.name} has no load`);
  const { expect, name } = run;
  if (expect.kind === "shares") return [{ load, way, what: name }];
  if (expect.kind === "shape")
    return loads.map((row, at) => ({ load: row, way, what: `${name}, row ${at + 1} of ${loads.length}` }));
  const { header } = expect;
  const having = (value: string): Planned => {
    const request = { ...way.request, headers: { ...way.request.headers, [header]: value } };
    return { load, way: { ...way, request }, what: `${name}, ${header}: ${value}`, value };
  };
  return [...expect.values.map(having), { load, way, what: `${name}, without ${header}` }];
}

async function send(planned: Planned, run: ScenarioRun, stage: Stage, scenario: string): Promise<Sent> {
  const { way, load, what } = planned;
  const { result, watched } = await sendLoad(way, load, stage, `${scenario}/${what}`);
  const pods = new Map(stage.pods.map((pod) => [pod.ip, pod]));
  const copied = run.expect.kind === "shares" ? (run.expect.copies ?? []).map(({ to }) => to) : [];
  return { ...planned, result, observation: observe(watched, result, pods, copied) };
}

type Found = Pick<RunReport, "tables" | "holds"> & Partial<Pick<RunReport, "shape" | "sticky">>;

/** What was expected against what came back. */
function judge({ expect, request }: ScenarioRun, prediction: Prediction, sent: readonly Sent[]): Found {
  const [first] = sent;
  if (first === undefined) throw new Error("nothing was sent");
  if (expect.kind === "shares")
    return compareShares(expect, request.path, prediction, first.observation, first.result);
  if (expect.kind === "sticky") {
    const rows = sent.map(({ value, observation }) => stickyRow(expect, value, observation.pods));
    return { tables: [], holds: stickyHolds(expect, rows), sticky: { header: expect.header, rows } };
  }
  const rows = shapeRows(
    expect,
    sent.map(({ load }) => load),
    sent.map(({ result }) => result),
  );
  const counter = (name: string) =>
    sent.reduce((sum, { observation }) => sum + observation.counter(expect.service, name), 0);
  return { tables: [], holds: shapeHolds(expect, rows, counter), shape: { status: expect.status, rows } };
}

/** Adds up what pods got over several loads. */
function together(lists: readonly (readonly PodCount[])[]): PodCount[] {
  const all = new Map<string, PodCount>();
  for (const one of lists.flat()) {
    const key = `${one.service} ${one.pod}`;
    all.set(key, { ...one, count: one.count + (all.get(key)?.count ?? 0) });
  }
  return [...all.values()];
}

/** Sends the loads of a run and says how it went. */
export async function executeRun(run: ScenarioRun, stage: Stage, scenario: string): Promise<RunReport> {
  const way = wayOf(run, stage.objects, stage.pods);
  const prediction = predict(stage.simulator, run, stage.versionOf);
  const sent: Sent[] = [];
  for (const planned of planLoads(run, way, stage.requests))
    sent.push(await send(planned, run, stage, scenario));
  const found = judge(run, prediction, sent);
  const observations = sent.map(({ observation }) => observation);
  // A table is about what the client saw; whom it met does not matter there.
  const problems = run.expect.kind === "shape" ? [] : observations.flatMap((one) => one.problems);
  const inside = found.tables.every(({ rows }) =>
    rows.every(({ expectedInside, predictedInside }) => expectedInside && predictedInside),
  );
  return {
    run: { ...run, loads: sent.map(({ load }) => load) },
    ...found,
    ok: inside && problems.length === 0 && found.holds.every(({ ok }) => ok),
    pods: together(observations.map(({ pods }) => pods)),
    results: sent.map(({ result }) => result),
    source: observations[0]?.source ?? "envoy",
    problems: [...new Set(problems)],
    explained: prediction.explained,
    open: prediction.open,
  };
}
