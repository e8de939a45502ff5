import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Interruption } from "../../scripts/lib/bench-leftover";
import { tryLock } from "../../scripts/lib/lock";

describe("a bench that is asked to end", () => {
  it("ends what it waits for, once, and then waits for what removes", async () => {
    const interruption = new Interruption();
    const program =
      "let n = 0; process.on('SIGTERM', () => setTimeout(() => process.exit(10 + n), 100, n++)); console.log(1); setInterval(() => {}, 1000)";
    const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = interruption.during(child);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    interruption.ask("SIGTERM");
    interruption.ask("SIGTERM");
    await expect(ended).rejects.toMatchObject({ message: "ended by SIGTERM", code: 143 });
    expect(child.exitCode).toBe(11);
    interruption.over();
    const removal = spawn(process.execPath, ["-e", "setTimeout(() => process.exit(7), 50)"]);
    interruption.ask("SIGINT");
    expect(await interruption.during(removal)).toBe(7);
  });
});

describe("a lock that is tried", () => {
  it("is had by one at a time", () => {
    const folder = mkdtempSync(join(tmpdir(), "mesh-lock-"));
    const unlock = tryLock(join(folder, "a.lock"));
    expect(tryLock(join(folder, "a.lock"))).toBeUndefined();
    unlock?.();
    expect(tryLock(join(folder, "a.lock"))).toBeDefined();
    rmSync(folder, { recursive: true });
  });
});
