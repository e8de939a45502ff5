/** Lists every test that was skipped, with its reason, at the end of a run; and fails the run where none may be. */
import type { Reporter, TestModule, TestRunEndReason, Vitest } from "vitest/node";

/** Begins the reason of a skip that nothing on this computer could mend, such as a download that is out of reach. */
export const cannotBeHad = "cannot be had here: ";

export interface Skip {
  readonly project: string;
  /** File and name of the test. */
  readonly test: string;
  /** As given to `skip(condition, reason)`. Default: none was given. */
  readonly reason?: string | undefined;
}

/** What is wrong with a skip; undefined where it may be. */
export function objection({ project, reason }: Skip, ci: boolean): string | undefined {
  if (reason === undefined) return "it gives no reason: use skip(condition, reason) of the test's context";
  if (project.startsWith("sandbox")) return "tests of the sandbox have all that they need, or fail";
  if (ci && !reason.startsWith(cannotBeHad)) return "with CI=true nothing is skipped that could be installed";
  return undefined;
}

/** The list for people: each reason once, with its tests below. */
export function describeSkips(skips: readonly Skip[], ci: boolean): string[] {
  const reasons = new Set(skips.map(({ reason }) => reason));
  return [...reasons].flatMap((reason) => [
    `  ${reason ?? "no reason"}`,
    ...skips
      .filter((skip) => skip.reason === reason)
      .map((skip) => {
        const why = objection(skip, ci);
        return `    ${skip.test}${why === undefined ? "" : `\n      must not be: ${why}`}`;
      }),
  ]);
}

export default class SkipReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], _: readonly unknown[], ended: TestRunEndReason): void {
    // Who names tests skips the others, and a run that has stopped has skipped the rest.
    const chosen = this.#vitest?.config.testNamePattern !== undefined;
    if (chosen || ended === "interrupted") return;
    const ci = process.env.CI === "true";
    const skips = modules.flatMap(skipsOf).filter(({ reason }) => ended === "passed" || reason !== undefined);
    if (skips.length === 0) return;
    console.log(["", `Skipped: ${skips.length}`, ...describeSkips(skips, ci), ""].join("\n"));
    if (skips.some((skip) => objection(skip, ci) !== undefined)) process.exitCode = 1;
  }
}

function skipsOf(module: TestModule): Skip[] {
  return [...module.children.allTests("skipped")].map((test) => {
    const result = test.result();
    return {
      project: module.project.name,
      test: `${module.relativeModuleId} > ${test.fullName}`,
      reason: result.state === "skipped" ? result.note : undefined,
    };
  });
}
