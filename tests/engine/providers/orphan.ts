/** Ends a plugin whose engine was killed: nobody else would. */

const INTERVAL_MS = 1000;

/** Calls back, and exits, once the process that started this one is gone. */
export function exitWithParent(beforeExit: () => void = () => {}): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) {
      beforeExit();
      process.exit(1);
    }
  }, INTERVAL_MS).unref();
}
