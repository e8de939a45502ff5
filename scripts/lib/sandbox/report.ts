import type { FoundSandbox } from "./look";

/** A sandbox with what it takes on the disk, in MiB; undefined where nobody looked. */
export type Told = FoundSandbox & { readonly diskMiB: number | undefined };

export const renderJson = (sandboxes: readonly Told[]): string => JSON.stringify({ sandboxes }, undefined, 2);

/** For people: a block for each. */
export const renderText = (sandboxes: readonly Told[], now: Date): string =>
  sandboxes.length === 0
    ? "There is no sandbox on this computer."
    : sandboxes.map((each) => block(each, now).join("\n")).join("\n\n");

function block(sandbox: Told, now: Date): string[] {
  const { id, made, diskMiB, hosts, bridge, cidr, rules, processes } = sandbox;
  const mirror = processes.find(({ what }) => what === "mirror server");
  const facts = [
    ["owner", ownerOf(sandbox)],
    ["made", made === undefined ? "unknown" : `${ageOf(now.getTime() - made.getTime())} ago`],
    [
      "hosts",
      hosts
        .map(({ name, address, running }) => [name, address, running ? "running" : "stopped"])
        .map((words) => words.filter(Boolean).join(" "))
        .join(", ") || "none",
    ],
    ["network", `${bridge ?? "no bridge"}, ${cidr ?? "addresses unknown"}, ${rules} iptables rules`],
    ["mirror", mirror === undefined ? "none" : `process ${mirror.pid}`],
    ["disk", diskMiB === undefined ? "unknown" : `${diskMiB} MiB`],
  ] as const;
  return [id, ...facts.map(([name, value]) => `  ${name.padEnd(8)} ${value}`)];
}

/** Whose it is, whether that is still there, and how it goes. */
export function ownerOf({ id, owner, known }: FoundSandbox): string {
  const remove = `\`npm run sandbox -- remove ${id}\``;
  if (owner === undefined) return `unknown; ${remove} removes it`;
  const whose = `stack ${owner.stack} of ${owner.checkout}`;
  // A bench has a folder of its own for its state; without it the command would look where the others are.
  const destroy = `\`MESH_PLATFORM_STATE=${owner.state} npm run destroy -- --stack ${owner.stack}\``;
  if (known === "unknown") return `${whose}, with its state in another backend`;
  return known === "yes"
    ? `${whose}, whose state has it: ${destroy} there removes it`
    : `${whose}, whose state does not have it any more; ${remove} removes it`;
}

const UNITS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

export function ageOf(milliseconds: number): string {
  for (const [unit, length] of UNITS) {
    const count = Math.floor(milliseconds / length);
    if (count > 0) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return "less than a minute";
}
