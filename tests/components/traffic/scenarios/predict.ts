import { type KubeObject, titleOf } from "../../../../components/lib/objects";
import type { Behaviour, ExpectedShare, ScenarioRun, Target } from "../../../../components/traffic/scenarios";
import type { Outcome, Result, SimulatedRequest } from "../../../../components/traffic/simulate";
import { Simulator } from "../../../../components/traffic/simulate";
import { fieldsOf, mapOf, specOf } from "../../../../components/traffic/simulate/objects";

/** Some of the requests, as the simulator has them end. */
export interface Predicted extends ExpectedShare {
  readonly delayMs: number;
  readonly tries: number;
}

const requestOf = (run: ScenarioRun, { answer, takes }: Behaviour): SimulatedRequest => ({
  ...run.request,
  ...(run.via === "mesh" ? { from: run.client } : { gateway: run.gateway ?? "" }),
  ...(answer === undefined ? {} : { answer }),
  ...(takes === undefined ? {} : { takes }),
});

/** Labels `version` of the pods of each workload. */
const versionsOf = (objects: readonly KubeObject[]) =>
  new Map(
    objects
      .filter(({ kind }) => kind === "Deployment")
      .map((object) => {
        const { metadata } = fieldsOf(specOf(object).template);
        return [titleOf(object), mapOf(fieldsOf(metadata).labels).version];
      }),
  );

/**
 * Part of the requests that end by one behaviour of the application: one that is not tried again ends whenever it comes
 * up, one that is, when it comes up at the last try too.
 */
function ending(share: number, retried: boolean, retriedShare: number, tries: number): number {
  if (retried) return retriedShare ** (tries - 1) * share;
  return retriedShare === 0 ? share : (share * (1 - retriedShare ** tries)) / (1 - retriedShare);
}

const triesOf = ({ results }: Outcome) => Math.max(...results.map(({ attempts }) => attempts));

const rowOf = (
  { host, workload, status, delay, attempts }: Result,
  versions: ReadonlyMap<string, string | undefined>,
): Omit<Predicted, "share"> => {
  const version = versions.get(workload ?? "");
  const service = host?.split(".").slice(0, 2).join(".") ?? "";
  const to: Target = { service, ...(version === undefined ? {} : { version }) };
  // A proxy that answers by itself may have chosen a host already; nobody there sees the request.
  return { ...(attempts === 0 ? {} : { to }), status: Number(status), delayMs: delay, tries: attempts };
};

/** What the objects make of a run. Nothing of it depends on load, which the simulator does not play through. */
export function predict(objects: readonly KubeObject[], run: ScenarioRun) {
  const simulator = new Simulator(objects);
  const versions = versionsOf(objects);
  const cases = (run.assume ?? [{ share: 1 }]).map((behaviour) => {
    const outcome = simulator.simulate(requestOf(run, behaviour));
    return { share: behaviour.share, outcome, tries: triesOf(outcome) };
  });
  const most = Math.max(...cases.map(({ tries }) => tries));
  const again = cases.filter(({ tries }) => tries > 1).reduce((sum, { share }) => sum + share, 0);
  const shares = cases.flatMap(({ share, outcome, tries }): Predicted[] =>
    outcome.results.map((result) => ({
      ...rowOf(result, versions),
      share: result.probability * (result.attempts === 0 ? share : ending(share, tries > 1, again, most)),
    })),
  );
  const outcomes = cases.map(({ outcome }) => outcome);
  return { shares, outcomes };
}

/** Shares by destination, status and delay: `{ "reviews.bookinfo v1 200": 0.5, "nobody 500 after 5000 ms": 0.5 }`. */
export function distribution(shares: readonly Predicted[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const { to, status, share, delayMs, tries } of shares) {
    const who = to === undefined ? "nobody" : [to.service, to.version].join(" ");
    const key = `${who} ${status}${delayMs > 0 ? ` after ${delayMs} ms` : ""}${tries > 1 ? ` in ${tries} tries` : ""}`;
    sums.set(key, (sums.get(key) ?? 0) + share);
  }
  return Object.fromEntries([...sums].map(([key, share]) => [key, Math.round(share * 1e6) / 1e6]));
}

/** Part of the requests of which a prediction says what an expectation does. */
export const shareOf = (wanted: ExpectedShare, shares: readonly Predicted[]): number =>
  shares
    .filter((row) => row.status === wanted.status && row.delayMs === (wanted.delayMs ?? 0))
    .filter((row) => wanted.tries === undefined || row.tries === wanted.tries)
    .filter((row) => row.to?.service === wanted.to?.service)
    .filter((row) => wanted.to?.version === undefined || row.to?.version === wanted.to.version)
    .reduce((sum, { share }) => sum + share, 0);
