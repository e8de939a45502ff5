/** What a run of drift tells: a table and how to repair for people, one object for programs. */
import { type ExitCode, exitCodes } from "../command-line";
import type { Difference } from "./compare";
import type { Step } from "./state";

export interface HostReport {
  readonly name: string;
  readonly address: string;
  /** How many things were compared; nothing where nobody could look. */
  readonly compared: number;
  readonly differences: readonly Difference[];
  /** Why nobody could look. */
  readonly problem?: string;
  readonly steps: readonly Step[];
  readonly generation: number;
}

/** Failed where the answer is not complete since a host could not be looked at, whatever was found on others. */
export function exitCode(hosts: readonly HostReport[]): ExitCode {
  if (hosts.some(({ problem }) => problem !== undefined)) return exitCodes.failed;
  return hosts.some(({ differences }) => differences.length > 0) ? exitCodes.found : exitCodes.done;
}

export function renderJson(stack: string, hosts: readonly HostReport[], gone: readonly string[]): string {
  const told = hosts.map(({ name, address, compared, differences, problem }) => ({
    name,
    address,
    compared,
    differences,
    ...(problem === undefined ? {} : { problem }),
  }));
  return JSON.stringify(
    { stack, drift: hosts.some((host) => host.differences.length > 0), hosts: told, gone },
    null,
    2,
  );
}

export function renderText(stack: string, hosts: readonly HostReport[], gone: readonly string[]): string {
  const drifted = hosts.filter(({ differences }) => differences.length > 0);
  const count = drifted.reduce((sum, { differences }) => sum + differences.length, 0);
  const seen = hosts.filter(({ problem }) => problem === undefined);
  const compared = seen.reduce((sum, host) => sum + host.compared, 0);
  return [
    ...(count === 0 ? [] : [...table(drifted), ""]),
    ...hosts.flatMap(({ name, problem }) =>
      problem === undefined ? [] : [`could not look at ${name}: ${problem}`],
    ),
    ...gone.map((name) => `not looked at: ${name}, which the config says is gone`),
    count === 0
      ? `no drift: ${compared} things on ${seen.length} of ${hosts.length} hosts of the stack ${stack} are as declared`
      : `${count} difference${count === 1 ? "" : "s"} on ${drifted.length} of ${hosts.length} hosts of the stack ${stack}, ${compared} things compared`,
    ...(count === 0 ? [] : ["", ...repair(stack, drifted)]),
  ].join("\n");
}

function table(hosts: readonly HostReport[]): string[] {
  const rows = hosts.flatMap(({ name, differences }) =>
    differences.map((difference) => [
      name,
      [difference.kind, difference.subject, difference.field].filter(Boolean).join(" "),
      shorten(difference.declared),
      shorten(difference.found),
    ]),
  );
  const all = [["HOST", "FIELD", "DECLARED", "FOUND"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** A digest is told apart by its beginning. */
const shorten = (value: string) => (/^[0-9a-f]{64}$/.test(value) ? `sha256:${value.slice(0, 12)}` : value);

/** A step of which Pulumi sees no change does not run. Where it can be made to without undoing it, by name; else by host. */
function repair(stack: string, hosts: readonly HostReport[]): string[] {
  const steps = hosts.flatMap((host) => {
    const names = new Set(host.differences.map(({ step }) => step));
    return host.steps.filter(({ name }) => names.has(name)).map((step) => ({ host, step }));
  });
  const simple = steps.filter(({ step }) => !step.undoes).map(({ step }) => step.name);
  const whole = [...new Set(steps.filter(({ step }) => step.undoes).map(({ host }) => host))];
  const flags = [...new Set(simple)].map((name) => `--replace '**::${name}'`);
  return [
    ...(flags.length === 0
      ? []
      : ["To put it back, run these steps again:", `  npm run up -- --stack ${stack} ${flags.join(" ")}`]),
    ...whole.map(
      ({ name, generation }) =>
        `To put back the rest of ${name}, set its generation to ${generation + 1} in hosts.members, then npm run up -- --stack ${stack}: every step of it runs again, in place.`,
    ),
    ...(hosts.some(({ differences }) => differences.some(({ kind }) => kind === "adopted"))
      ? [
          "What is adopted was made by kubeadm: a step that runs again may take the present file for the declared one.",
        ]
      : []),
  ];
}
