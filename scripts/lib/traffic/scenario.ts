import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type KubeObject, titleOf } from "../../../components/lib/objects";
import { type Scenario, scenarios } from "../../../components/traffic/scenarios";
import { Simulator } from "../../../components/traffic/simulate";
import { fieldsOf, mapOf, specOf } from "../../../components/traffic/simulate/objects";
import { stateFolder } from "../paths";
import { readObjects, readPods } from "./cluster";
import { checkDeclared, howToSwitchOn } from "./declared";
import { executeRun } from "./execute";
import { Kubectl } from "./kubectl";
import type { TrafficOptions } from "./options";
import { Outside } from "./outside";
import { renderReport } from "./report/page";
import { readStack, type Stack } from "./stack";
import type { RunReport } from "./table";

/** What became of a scenario. */
export interface ScenarioReport extends Pick<Scenario, "name" | "title" | "source" | "shows"> {
  readonly stack: string;
  readonly runs: readonly RunReport[];
  readonly ok: boolean;
  /** Its objects, without Secrets. */
  readonly objects: readonly KubeObject[];
  /** When the first load was sent. */
  readonly at: Date;
  /** The HTML, as a path. */
  readonly file: string;
}

/** The label `version` of the pods of each workload, by the workload's title. */
export function versionsOf(objects: readonly KubeObject[]): (workload: string) => string | undefined {
  const versions = new Map(
    objects.map((object) => {
      const { metadata } = fieldsOf(specOf(object).template);
      return [titleOf(object), mapOf(fieldsOf(metadata).labels).version];
    }),
  );
  return (workload) => versions.get(workload);
}

interface Checked {
  readonly scenario: Scenario;
  readonly objects: readonly KubeObject[];
}

/** The scenarios with their objects. Throws one error with everything that is not switched on. */
async function checkAll(names: readonly string[], stack: Stack, kubectl: Kubectl): Promise<Checked[]> {
  const wanted = names.flatMap((name) => scenarios[name] ?? []);
  const checked = await Promise.all(
    wanted.map(async (scenario) => ({
      scenario,
      ...(await checkDeclared(scenario, stack.context, kubectl)),
    })),
  );
  const faults = checked.flatMap(({ scenario, faults: own }) =>
    own.length === 0
      ? []
      : [
          [
            `The scenario ${scenario.name} is not switched on in the stack ${stack.name}:`,
            ...own.map((fault) => `  ${fault}`),
            howToSwitchOn(scenario, stack.name, path.basename(stack.file)),
          ].join("\n"),
        ],
  );
  if (faults.length > 0) throw new Error(faults.join("\n\n"));
  return checked;
}

interface Around {
  readonly options: TrafficOptions;
  readonly stack: Stack;
  readonly kubectl: Kubectl;
  readonly outside: Outside;
  readonly say: (text: string) => void;
}

async function runOne({ scenario, objects }: Checked, around: Around): Promise<ScenarioReport> {
  const { options, stack, kubectl } = around;
  const at = new Date();
  const meshNamespace = stack.config.mesh === false ? "istio-system" : stack.config.mesh.namespace;
  const live = await readObjects(kubectl, meshNamespace);
  const stage = {
    ...around,
    objects: live,
    pods: await readPods(kubectl),
    simulator: new Simulator(live, { closed: true, dnsDomain: stack.dnsDomain }),
    versionOf: versionsOf(live),
    requests: options.requests,
  };
  const runs: RunReport[] = [];
  for (const run of scenario.runs(stack.context)) runs.push(await executeRun(run, stage, scenario.name));
  const { name, title, source, shows } = scenario;
  const file = path.resolve(options.report ?? path.join(stateFolder(), "traffic", `${name}.html`));
  const ok = runs.every((run) => run.ok);
  const report = { name, title, source, shows, stack: stack.name, runs, ok, objects, at, file };
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, renderReport(report));
  return report;
}

/** Runs the scenarios of the options, one after the other, and tells each as soon as it is known. */
export async function runScenarios(
  options: TrafficOptions,
  say: (text: string) => void,
  tell: (report: ScenarioReport) => void,
): Promise<ScenarioReport[]> {
  const stack = readStack(options.stack, options.configFile);
  const kubectl = Kubectl.ofStack(options.stack);
  const checked = await checkAll(options.scenarios, stack, kubectl);
  const outside = new Outside(kubectl);
  const leave = () => {
    const end = () => process.exit(130);
    outside.leave().then(end, end);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, leave);
  try {
    const reports: ScenarioReport[] = [];
    for (const one of checked) {
      const report = await runOne(one, { options, stack, kubectl, outside, say });
      tell(report);
      reports.push(report);
    }
    return reports;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, leave);
    await outside.leave();
  }
}
