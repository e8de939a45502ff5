import { simulate as simulateRequest } from "../../../components/traffic/simulate";
import { load } from "../analyze/load";
import { remarksOnUnread, summary } from "../analyze/unread";
import { type ExitCode, exitCodes } from "../command-line";
import type { SimulateOptions } from "./options";

export interface Ran {
  readonly code: ExitCode;
  readonly output: string;
  /** For the standard error. */
  readonly remarks: readonly string[];
}

/** What the command does, without its exit. Throws where the question cannot be answered from these files. */
export function simulate({ paths, namespace, request, closed, output }: SimulateOptions): Ran {
  const loaded = load(paths, namespace);
  const { objects, unread } = loaded;
  const outcome = simulateRequest(objects, request, { closed });
  return {
    // What happens by the files that were read may not be what happens by all that were named.
    code: unread.some(({ named }) => named) ? exitCodes.failed : exitCodes.done,
    output: output === "json" ? JSON.stringify(outcome, undefined, 2) : outcome.explain(),
    remarks: [...remarksOnUnread(unread), summary(objects.length, { ...loaded, passedOver: 0 })],
  };
}
