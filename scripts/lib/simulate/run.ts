import { SimulationFault, simulate as simulateRequest } from "../../../components/traffic/simulate";
import { load } from "../analyze/load";
import { remarksOnUnread, summary } from "../analyze/unread";
import { UsageError } from "../usage";
import { readOptions } from "./options";

export interface Ran {
  /** 0: told, 1: wrong usage, or a named file that cannot be read. */
  readonly code: 0 | 1;
  readonly output: string;
  /** For the standard error. */
  readonly remarks: readonly string[];
}

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError ||
  error instanceof SimulationFault ||
  (error as NodeJS.ErrnoException).code !== undefined;

/** What the command does, without its exit. */
export function simulate(args: readonly string[]): Ran {
  try {
    const { paths, namespace, request, closed, output } = readOptions(args);
    const loaded = load(paths, namespace);
    const { objects, unread } = loaded;
    const outcome = simulateRequest(objects, request, { closed });
    const text = output === "json" ? JSON.stringify(outcome, undefined, 2) : outcome.explain();
    const remarks = [...remarksOnUnread(unread), summary(objects.length, { ...loaded, passedOver: 0 })];
    // What happens by the files that were read may not be what happens by all that were named.
    return { code: unread.some(({ named }) => named) ? 1 : 0, output: text, remarks };
  } catch (error) {
    if (!isUsage(error)) throw error;
    return { code: 1, output: "", remarks: [error.message] };
  }
}
