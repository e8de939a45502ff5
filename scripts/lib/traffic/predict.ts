import type { Behaviour, ScenarioRun, Target } from "../../../components/traffic/scenarios";
import type { Outcome, Result, SimulatedRequest, Simulator } from "../../../components/traffic/simulate";
import { serviceOf } from "./answers";

/** Some of the requests, as the simulator says that they end. */
export interface PredictedShare {
  /** Absent where the simulator names no destination. */
  readonly to?: Target;
  /** `reset` and its like are -1: no answer. */
  readonly status: number;
  readonly share: number;
  readonly delayMs: number;
}

export interface Prediction {
  readonly shares: readonly PredictedShare[];
  readonly copies: readonly { readonly to: Target; readonly share: number }[];
  /** Paths as applications see them. */
  readonly paths: readonly string[];
  /** Step by step, for people. */
  readonly explained: string;
  /** What the objects do not decide, with what is assumed. */
  readonly open: readonly string[];
}

/** The request of a run in the simulator's words. */
export function simulatedRequest(run: ScenarioRun): SimulatedRequest {
  const { host, port, path, method, headers } = run.request;
  const whence = run.via === "mesh" ? { from: run.client } : { gateway: run.gateway ?? "" };
  return { host, port, path, method, headers, ...whence };
}

/** The label `version` of a workload by its title, `Deployment shop/cart-v1`. */
export type VersionOf = (workload: string) => string | undefined;

const usual: readonly Behaviour[] = [{ share: 1 }];

const targetOf = (
  { host, workload }: Pick<Result, "host" | "workload">,
  versionOf: VersionOf,
): Target | undefined => {
  if (host === undefined) return undefined;
  const version = workload === undefined ? undefined : versionOf(workload);
  return { service: serviceOf(host), ...(version === undefined ? {} : { version }) };
};

/** How one way to a destination ends, for each behaviour of the application there. */
interface Ending {
  readonly probability: number;
  readonly status: Result["status"];
  /** Tries that the proxy makes if the application behaves so in all of them. */
  readonly attempts: number;
}

/**
 * Shares of the final statuses where the application draws its behaviour anew for every try: what is tried again ends
 * so only if it comes every time.
 */
function finalShares(endings: readonly Ending[]): { status: Result["status"]; share: number }[] {
  const tries = Math.max(...endings.map(({ attempts }) => attempts));
  const again = endings.filter(({ attempts }) => attempts > 1);
  const failing = again.reduce((sum, { probability }) => sum + probability, 0);
  const rounds = Array.from({ length: tries }, (_, round) => failing ** round).reduce((a, b) => a + b, 0);
  return endings.map(({ probability, status, attempts }) => ({
    status,
    share: attempts > 1 ? probability * failing ** (tries - 1) : probability * rounds,
  }));
}

const wayOf = ({ host, subset, port, workload, delay, attempts, status, reason }: Result): string =>
  // Without a try the application has no say, and the way is told apart by its end.
  JSON.stringify([host, subset, port, workload, delay, ...(attempts > 0 ? [] : [status, reason])]);

const numeric = (status: Result["status"]): number => (typeof status === "number" ? status : -1);

/** What the simulator says of a run, with what is assumed of the applications. */
export function predict(simulator: Simulator, run: ScenarioRun, versionOf: VersionOf): Prediction {
  const request = simulatedRequest(run);
  const behaviours = run.assume ?? usual;
  const outcomes = behaviours.map(({ share, answer, takes }) => {
    const more = { ...(answer === undefined ? {} : { answer }), ...(takes === undefined ? {} : { takes }) };
    return { share, outcome: simulator.simulate({ ...request, ...more }) };
  });
  const first = outcomes[0]?.outcome as Outcome;
  const shares = first.results.flatMap((result): PredictedShare[] => {
    const way = wayOf(result);
    const endings = outcomes.flatMap(({ share, outcome }) => {
      const same = outcome.results.find((other) => wayOf(other) === way);
      return same === undefined ? [] : [{ probability: share, status: same.status, attempts: same.attempts }];
    });
    const to = targetOf(result, versionOf);
    const ends = result.attempts > 0 ? finalShares(endings) : [{ status: result.status, share: 1 }];
    return ends.map(({ status, share }) => ({
      ...(to === undefined ? {} : { to }),
      status: numeric(status),
      share: share * result.probability,
      delayMs: result.delay,
    }));
  });
  return {
    shares,
    copies: first.mirrors.flatMap((copy) => {
      // The copies' pods are not in the outcome; a subset is called as its version in all our scenarios.
      const { service } = targetOf(copy, versionOf) ?? { service: copy.host };
      const to: Target = copy.subset === undefined ? { service } : { service, version: copy.subset };
      return [{ to, share: copy.probability }];
    }),
    paths: [...new Set(first.delivered.map(({ path }) => path))],
    explained: first.explain(),
    open: first.open.map(({ object, text }) => (object === undefined ? text : `${object}: ${text}`)),
  };
}
