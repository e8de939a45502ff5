import { simulate as simulateRequest } from "../../../components/traffic/simulate";
import { load } from "../analyze/load";
import type { SimulateOptions } from "./options";

export interface Ran {
  readonly output: string;
  /** For the standard error. */
  readonly remarks: readonly string[];
}

/** What the command does, without its exit. Throws where the question cannot be answered from these files. */
export function simulate({ paths, namespace, request, closed, output }: SimulateOptions): Ran {
  const { objects, files } = load(paths, namespace);
  const outcome = simulateRequest(objects, request, { closed });
  const text = output === "json" ? JSON.stringify(outcome, undefined, 2) : outcome.explain();
  return { output: text, remarks: [`${objects.length} objects in ${files} files`] };
}
