/** What conformance of official plugins and stand-ins is told by: what each stores of a program. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { PluginChoice } from "../../scripts/lib/plugins";
import { type Shape, shapesOf } from "./shapes";
import { TestStack } from "./support";

const RECORDING = path.join(__dirname, "official-shapes.json");

/**
 * Fields that the official plugins alone write: bookkeeping of their bridge, the id once more, one unused output. Of the
 * API server's own bookkeeping it is enough that it is there.
 */
const OWN_FIELDS =
  /^outputs\.((__meta|__pulumi_raw_state_delta|id|bcryptHash)\b|metadata\.managedFields\[\])/;

export type Kind = "official" | "stand-in";
export type Shapes = Readonly<Record<string, Shape>>;

interface Recording {
  readonly recorded: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly programs: Readonly<Record<string, Shapes>>;
}

/** What the official plugins stored once. */
export const recording = JSON.parse(readFileSync(RECORDING, "utf8")) as Recording;

export const versionsOf = (plugins: readonly PluginChoice[]) =>
  Object.fromEntries(
    plugins.filter(({ name }) => name !== "nodejs").map(({ name, version }) => [name, version]),
  );

export const stackOf = (program: string, env: NodeJS.ProcessEnv) =>
  new TestStack(program, { ...env, CANARY: "canary-in-conformance" });

/** Writes what official plugins stored into the recording, where `RECORD_OFFICIAL=1` asks for it. */
export function record(program: string, found: Shapes, plugins: readonly PluginChoice[]): void {
  const now = JSON.parse(readFileSync(RECORDING, "utf8")) as Recording;
  const next = {
    recorded: new Date().toISOString().slice(0, 10),
    versions: versionsOf(plugins),
    programs: { ...now.programs, [program]: found },
  };
  writeFileSync(RECORDING, `${JSON.stringify(next, undefined, 2)}\n`);
}

/** What plugins of one kind store of a program. */
export async function storedAs(kind: Kind, program: string, env: NodeJS.ProcessEnv): Promise<Shapes> {
  const stack = stackOf(program, env);
  const shapes = await runAs(kind, stack, async () => {
    await stack.up();
    return storedBy(stack);
  });
  stack.dispose();
  return shapes;
}

/** What plugins of one kind plan for a stack that those of the other have made, and what these had stored. */
export async function takenOver(before: Kind, after: Kind, program: string, env: NodeJS.ProcessEnv) {
  const stack = stackOf(program, env);
  const stored = await runAs(before, stack, async () => {
    await stack.up();
    return storedBy(stack);
  });
  const plan = await runAs(after, stack, () => stack.plan());
  stack.dispose();
  return { stored, plan };
}

/** Runs with one kind of plugins; a stack that a failure leaves behind is of no use to anybody. */
export async function runAs<T>(kind: Kind, stack: TestStack, work: () => Promise<T>): Promise<T> {
  process.env.MESH_PLATFORM_PLUGINS = kind;
  try {
    return await work();
  } catch (error) {
    stack.dispose();
    throw error;
  } finally {
    delete process.env.MESH_PLATFORM_PLUGINS;
  }
}

export async function storedBy(stack: TestStack): Promise<Shapes> {
  const shapes = Object.entries(await shapesOf(stack));
  return Object.fromEntries(
    shapes
      .map(([name, lines]) => [name, lines.filter((line) => !OWN_FIELDS.test(line))] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
