import { SimulationFault, simulate as simulateRequest } from "../../../components/traffic/simulate";
import { load } from "../analyze/load";
import { UsageError } from "../usage";
import { readOptions } from "./options";

export interface Ran {
  /** 0: told, 1: wrong usage or unreadable files. */
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
    const { objects, files } = load(paths, namespace);
    const outcome = simulateRequest(objects, request, { closed });
    const text = output === "json" ? JSON.stringify(outcome, undefined, 2) : outcome.explain();
    return { code: 0, output: text, remarks: [`${objects.length} objects in ${files} files`] };
  } catch (error) {
    if (!isUsage(error)) throw error;
    return { code: 1, output: "", remarks: [error.message] };
  }
}
