/** How sure one can be of a share that was counted. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How often the true share lies outside of an interval by chance: 1 %. */
export const ALPHA = 0.01;

const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

/** The part of a normal distribution between 0 and z, by Simpson's rule; good to twelve digits up to z = 8. */
function between0And(z: number): number {
  const steps = 400;
  const width = z / steps;
  let sum = density(0) + density(z);
  for (let step = 1; step < steps; step++) sum += density(step * width) * (step % 2 === 1 ? 4 : 2);
  return (sum * width) / 3;
}

/** How many standard deviations around the mean leave out `alpha`, both sides together: 0.01 → 2.5758. */
export function deviations(alpha: number): number {
  let [low, high] = [0, 8];
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (1 - 2 * between0And(middle) > alpha) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const clamped = (share: number) => Math.min(1, Math.max(0, share));

/**
 * Wilson's interval for `count` out of `of`. Where several shares of one distribution are looked at together, each gets
 * its part of what may be left out (Bonferroni), so that all of them are inside with 99 %.
 *
 * @param together How many shares are looked at together.
 */
export function wilson(count: number, of: number, together = 1): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const z2 = deviations(ALPHA / together) ** 2;
  const share = count / of;
  const middle = (share + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Math.sqrt(z2) / (1 + z2 / of)) * Math.sqrt((share * (1 - share)) / of + z2 / (4 * of * of));
  // Rounding must not leave 0 and 1 outside where nothing else was seen.
  return {
    low: count === 0 ? 0 : clamped(middle - half),
    high: count === of ? 1 : clamped(middle + half),
  };
}

/** Floating point may not decide. */
const DUST = 1e-9;

export const isInside = (share: number, { low, high }: Interval): boolean =>
  share >= low - DUST && share <= high + DUST;
