import type { Target } from "../../../../components/traffic/scenarios";
import { type RunReport, showStatus } from "../table";

/** Requests with one status at one place, as parts of all requests. */
export interface Part {
  readonly status?: number;
  /** Absent where nothing was said beforehand. */
  readonly expected?: number;
  readonly observed: number;
}

/** A place where requests end. */
export interface Leaf {
  /** Absent where a proxy answers by itself. */
  readonly service?: string;
  readonly name: string;
  readonly parts: readonly Part[];
  /** Of copies nobody waits for the answer. */
  readonly copy: boolean;
}

const place = (to: Target | undefined, status: number | undefined): Pick<Leaf, "service" | "name"> =>
  to === undefined
    ? { name: status === undefined ? "answered by the proxy" : `${showStatus(status)} by the proxy` }
    : { service: to.service, name: to.version ?? "any version" };

function add(leaves: Map<string, Leaf>, leaf: Omit<Leaf, "parts">, part: Part): void {
  const key = JSON.stringify([leaf.service, leaf.name, leaf.copy]);
  leaves.set(key, { ...leaf, parts: [...(leaves.get(key)?.parts ?? []), part] });
}

/** Where the requests of a run have ended, as its figures say it. */
export function leavesOf({ tables, pods, shape, run, sticky }: RunReport): Leaf[] {
  const leaves = new Map<string, Leaf>();
  for (const { title, rows } of tables)
    for (const { to, status, expected, count, of } of rows) {
      if (title === "held back") continue;
      const part = { expected, observed: of === 0 ? 0 : count / of };
      const copy = title === "copies";
      add(leaves, { ...place(to, status), copy }, status === undefined ? part : { ...part, status });
    }
  if (shape === undefined && sticky === undefined) return [...leaves.values()];
  const sent = run.loads.reduce((sum, { requests }) => sum + requests, 0);
  for (const { service, pod, version, count } of pods) {
    const name = sticky === undefined && version !== "" ? version : (pod.split("/").at(-1) ?? pod);
    add(leaves, { service, name, copy: false }, { observed: count / sent });
  }
  if (shape !== undefined) {
    const failed = shape.rows.reduce((sum, { share, of }) => sum + share * of, 0);
    add(
      leaves,
      { ...place(undefined, shape.status), copy: false },
      { status: shape.status, observed: failed / sent },
    );
  }
  return [...leaves.values()].map((leaf) => ({ ...leaf, parts: joined(leaf.parts) }));
}

/** Parts of pods of one version as one. */
const joined = (parts: readonly Part[]): Part[] =>
  parts.some(({ expected, status }) => expected !== undefined || status !== undefined)
    ? [...parts]
    : [{ observed: parts.reduce((sum, { observed }) => sum + observed, 0) }];

export const observedOf = (leaves: readonly Leaf[]): number =>
  leaves.reduce((sum, { parts }) => sum + parts.reduce((all, { observed }) => all + observed, 0), 0);

/** Undefined where nothing was said of any of them. */
export function expectedOf(leaves: readonly Leaf[]): number | undefined {
  const said = leaves.flatMap(({ parts }) => parts.flatMap(({ expected }) => expected ?? []));
  return said.length === 0 ? undefined : said.reduce((sum, share) => sum + share, 0);
}
