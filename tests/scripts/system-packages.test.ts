import { describe, expect, it } from "vitest";
import { unlocked } from "../../scripts/lib/system-packages";

const held = {
  code: 100,
  output: "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\n",
};
const done = { code: 0, output: "" };

/** Ends as the list says, the last entry for ever, and counts. */
function runs(...results: (typeof held)[]) {
  let count = 0;
  const run = async () => results[Math.min(count++, results.length - 1)] ?? done;
  return { run, count: () => count };
}

describe("apt-get of the set-up", () => {
  it("waits while another one holds the lists", async () => {
    const { run, count } = runs(held, held, done);
    expect([await unlocked(run, { pauseMs: 1 }), count()]).toEqual([done, 3]);
  });

  it("gives up in the end, with what apt said", async () => {
    const { run } = runs(held);
    expect(await unlocked(run, { patienceMs: 5, pauseMs: 1 })).toEqual(held);
  });

  it("does not wait for what waiting does not mend", async () => {
    const failed = { code: 100, output: "E: Unable to locate package nothing\n" };
    const { run, count } = runs(failed, done);
    expect([await unlocked(run, { pauseMs: 1 }), count()]).toEqual([failed, 1]);
  });
});
