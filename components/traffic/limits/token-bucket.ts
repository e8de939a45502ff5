import type { Place } from "../faults";
import { duration, integer, milliseconds, secondsText } from "../values";

/**
 * Requests that a proxy lets through: a bucket of tokens that is filled again and again. Each request takes one; with
 * none left it gets 429. `{ maxTokens: 50, fillInterval: "1s" }` is 50 per second.
 */
export interface TokenBucket {
  /** What the bucket holds, and has at the start: the largest burst. */
  readonly maxTokens: number;
  /** Tokens per filling. Default: as `maxTokens`. */
  readonly tokensPerFill?: number;
  /** Time between two fillings, at least `50ms`. */
  readonly fillInterval: string;
}

const most = 4_294_967_295;

/** A bucket as Envoy's config has it. */
export function renderBucket(bucket: TokenBucket, at: Place): object {
  const { maxTokens, tokensPerFill = maxTokens, fillInterval } = bucket;
  integer(maxTokens, at.in("maxTokens"), { min: 1, max: most });
  if (bucket.tokensPerFill !== undefined)
    integer(tokensPerFill, at.in("tokensPerFill"), { min: 1, max: most });
  if (tokensPerFill > maxTokens) {
    at.in("tokensPerFill").fault(
      tokensPerFill,
      `at most maxTokens, ${maxTokens}`,
      "lower it: the rest would run over",
    );
  }
  duration(fillInterval, at.in("fillInterval"), { min: "50ms" });
  return {
    max_tokens: maxTokens,
    tokens_per_fill: tokensPerFill,
    fill_interval: secondsText(milliseconds(fillInterval) ?? 0),
  };
}

/** Never empty, for where Envoy wants a bucket and no limit is meant. */
export const endless: TokenBucket = { maxTokens: most, fillInterval: "1s" };

/** Requests per second in the long run. */
export const rateOf = ({ maxTokens, tokensPerFill = maxTokens, fillInterval }: TokenBucket): number =>
  (tokensPerFill * 1000) / (milliseconds(fillInterval) ?? Number.NaN);
