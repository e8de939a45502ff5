/** Where Pulumi keeps, for a report of leaked promises, a stack trace of every promise that it makes. */
const LEAK_REPORT = "debuggablePromise";

/**
 * Leaves stack traces as the engine of JavaScript writes them, and takes none for Pulumi's report of leaked promises
 * unless it was asked for. Each one would be mapped to lines of TypeScript: with fifty hosts that took 3 of the
 * program's 5 seconds. Names of files and functions are right without it; line numbers are those of the program that runs.
 */
export function plainStackTraces(): void {
  const wanted = process.env.PULUMI_DEBUG_PROMISE_LEAKS !== undefined;
  Error.prepareStackTrace = (error, frames) =>
    !wanted && frames[0]?.getFunctionName() === LEAK_REPORT
      ? ""
      : [String(error), ...frames.map((frame) => `    at ${frame}`)].join("\n");
}
