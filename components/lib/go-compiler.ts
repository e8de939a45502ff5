/** How Go's compiler may use this computer. */
import { availableParallelism, totalmem } from "node:os";

/** Half of the memory, so that whatever else runs here is left alone. */
const SHARE = 0.5;
/** Go starts as many compilers as there are cores, two at least. */
const MINIMUM_COMPILERS = 2;

/**
 * Variables for `go build`, and for the compilers and linkers that it starts. A compiler lives for seconds, and a tenth
 * to a third of its time goes to collecting garbage; so it collects none until it has as much as its share of the
 * memory (a container's limit counts), from where on it works as ever. Empty where the user says GOGC or GOMEMLIMIT.
 */
export function compilerSettings(
  env: NodeJS.ProcessEnv = process.env,
  memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  cores = availableParallelism(),
): Record<string, string> {
  if (env.GOGC || env.GOMEMLIMIT) return {};
  const compilers = Math.max(MINIMUM_COMPILERS, cores);
  return { GOGC: "off", GOMEMLIMIT: String(Math.floor((memory * SHARE) / compilers)) };
}
