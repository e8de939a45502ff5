import { describe, expect, it } from "vitest";
import { deviations, isInside, wilson } from "../../scripts/lib/traffic/interval";

describe("deviations", () => {
  it.each([
    [0.01, 2.5758293035],
    [0.005, 2.8070337683],
    [0.05, 1.9599639845],
    [0.3173105079, 1],
  ])("of a normal distribution leave out %d", (alpha, wanted) => {
    expect(deviations(alpha)).toBeCloseTo(wanted, 8);
  });
});

describe("wilson", () => {
  it.each([
    [50, 100, 1, 0.37528, 0.62472],
    [1013, 5000, 1, 0.18835, 0.21764],
    [1013, 5000, 2, 0.18708, 0.21902],
    [0, 1000, 1, 0, 0.00659],
    [1000, 1000, 1, 0.99341, 1],
    [0, 0, 1, 0, 1],
  ])("of %d out of %d, %d together, is %d to %d", (count, of, together, low, high) => {
    const interval = wilson(count, of, together);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it("holds none and all where nothing else was seen", () => {
    expect([isInside(0, wilson(0, 200)), isInside(1, wilson(200, 200))]).toEqual([true, true]);
    expect([isInside(0, wilson(1, 200)), isInside(1, wilson(199, 200))]).toEqual([false, false]);
  });

  it("leaves the true share out in at most one of a hundred", () => {
    // Exactly, by the binomial distribution, for a share of 10 % and 400 requests.
    let [outside, chance] = [0, 0.9 ** 400];
    for (let count = 0; count <= 400; count++) {
      if (!isInside(0.1, wilson(count, 400))) outside += chance;
      chance *= ((400 - count) / (count + 1)) * (0.1 / 0.9);
    }
    expect(outside).toBeGreaterThan(0.005);
    expect(outside).toBeLessThan(0.013);
  });
});
