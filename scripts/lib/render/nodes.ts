/** The node half, for review: what runs on each host, in its order. */
import { type Planned, SECRET, UNKNOWN } from "./plan";
import type { Files } from "./tree";

const FACTS = "-facts";

/** Files below `nodes/`: for each host a list of steps and the text of each that is known and not secret. */
export function renderNodes(plan: readonly Planned[]): Files {
  const steps = inOrder(plan).filter(({ type }) => type === "command:remote:Command");
  const hosts = steps.flatMap(({ name }) => (name.endsWith(FACTS) ? [name.slice(0, -FACTS.length)] : []));
  const names = new Map(steps.map(({ urn, name }) => [urn, name]));
  const groups = group(steps, hosts);
  const files: Record<string, string> = {};
  for (const [host, own] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const rows = own.map((step, index) => {
      const file = `${String(index + 1).padStart(2, "0")}-${shortName(step.name, host)}.sh`;
      const text = step.inputs.stdin;
      const known = typeof text === "string" && text !== UNKNOWN && text !== SECRET;
      if (known) files[`nodes/${host}/${file}`] = text;
      const needs = step.dependencies.flatMap((urn) => names.get(urn) ?? []).sort();
      const where = known
        ? `[${file}](${file})`
        : "its text has keys, or digests of keys, that the first `up` makes";
      return `| ${index + 1} | ${step.name} | ${step.inputs.delete === undefined ? "no" : "yes"} | ${needs.join(", ")} | ${where} |`;
    });
    files[`nodes/${host}/README.md`] = [
      `# Steps of ${host}`,
      "",
      "Each text goes to `bash -s -- create`, as root, by SSH. Keys travel in steps of their own.",
      "",
      "| | step | can be undone | after | text |",
      "|---|---|---|---|---|",
      ...rows,
      "",
    ].join("\n");
  }
  return files;
}

/** Steps by host; those of no single host are under `all`. */
function group(steps: readonly Planned[], hosts: readonly string[]): Map<string, Planned[]> {
  const groups = new Map<string, Planned[]>();
  for (const step of steps) {
    const fitting = hosts.filter((host) => step.name.startsWith(`${host}-`));
    const host = fitting.sort((a, b) => b.length - a.length)[0] ?? "all";
    groups.set(host, [...(groups.get(host) ?? []), step]);
  }
  return groups;
}

const shortName = (name: string, host: string) =>
  name.startsWith(`${host}-`) ? name.slice(host.length + 1) : name;

/**
 * Resources after those that they wait for, else by name. The plan itself lists them as the engine came upon them, which
 * is another order each time.
 */
export function inOrder(plan: readonly Planned[]): Planned[] {
  const byUrn = new Map(plan.map((each) => [each.urn, each]));
  const done = new Set<string>();
  const sorted: Planned[] = [];
  const visit = (each: Planned): void => {
    if (done.has(each.urn)) return;
    done.add(each.urn);
    const before = [...each.dependencies].sort().flatMap((urn) => byUrn.get(urn) ?? []);
    for (const other of before) visit(other);
    sorted.push(each);
  };
  for (const each of [...plan].sort((a, b) => (a.urn < b.urn ? -1 : 1))) visit(each);
  return sorted;
}
