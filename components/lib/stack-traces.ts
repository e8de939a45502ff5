import { createRequire } from "node:module";

/** Pulumi's own part that wraps every promise of its runtime, for a report of those that never end. */
interface Debuggable {
  readonly debugPromiseLeaks: boolean;
  debuggablePromise<T>(promise: Promise<T>, context?: unknown): Promise<T>;
}

/**
 * Leaves stack traces as the engine of JavaScript writes them: mapping each to lines of TypeScript, for every resource,
 * took 3 of the program's 5 seconds with fifty hosts. Names of files and functions are right without it; line numbers
 * are those of the program that runs.
 *
 * And takes none for Pulumi's report of leaked promises unless it was asked for, by PULUMI_DEBUG_PROMISE_LEAKS: there
 * is one for each of some fifty promises of a resource, a fifth of what was left.
 */
export function plainStackTraces(): void {
  Error.prepareStackTrace = (error, frames) =>
    [String(error), ...frames.map((frame) => `    at ${frame}`)].join("\n");
  const debuggable: Debuggable = createRequire(__filename)("@pulumi/pulumi/runtime/debuggable");
  if (debuggable.debugPromiseLeaks) return;
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}
