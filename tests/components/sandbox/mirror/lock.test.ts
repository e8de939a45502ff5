import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { withLock } from "../../../../components/sandbox/mirror/lock";
import { Progress, since } from "../../../../components/sandbox/mirror/progress";

it("lets the second wait for the first and says for whom", async () => {
  const dir = mkdtempSync(join(tmpdir(), "lock-"));
  const events: string[] = [];
  const waiting = async (holder: string, wait: () => Promise<void>) => {
    events.push(`waiting for ${holder}`);
    await wait();
  };
  let second: Promise<unknown> = Promise.resolve();
  await withLock(dir, waiting, async () => {
    events.push("first begins");
    second = withLock(dir, waiting, async () => events.push("second"));
    await new Promise((resolve) => setTimeout(resolve, 200));
    events.push("first ends");
  });
  await second;
  expect(events).toEqual(["first begins", `waiting for ${process.pid}`, "first ends", "second"]);
  rmSync(dir, { recursive: true });
});

it("gives the lock up when the work fails", async () => {
  const dir = mkdtempSync(join(tmpdir(), "lock-"));
  const never = () => Promise.reject(new Error("had to wait"));
  await expect(withLock(dir, never, () => Promise.reject(new Error("no space")))).rejects.toThrow("no space");
  await expect(withLock(dir, never, async () => "mine")).resolves.toBe("mine");
  rmSync(dir, { recursive: true });
});

it("tells the place, the work and the time of an item", async () => {
  const lines: string[] = [];
  const progress = new Progress((line) => lines.push(line));
  expect(await progress.item("2/9", "etcd", "go build", "/nowhere", async () => 7)).toBe(7);
  expect(lines[0]).toMatch(/^\[2\/9\] etcd: go build, since \d\d:\d\d:\d\d$/);
  expect(lines[1]).toMatch(/^\[2\/9\] etcd: done in 0\.\d s; 0\.\d s in all$/);
});

it.each([
  [1500, "1.5 s"],
  [61_000, "61 s"],
  [150_000, "2 min 30 s"],
])("writes %i ms as %s", (milliseconds, text) => {
  expect(since(Date.now() - milliseconds)).toBe(text);
});
