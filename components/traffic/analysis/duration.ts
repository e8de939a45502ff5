const units: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  ns: 1e-6,
};

/** Milliseconds of a duration as Istio reads it: `2s`, `500ms`, `1h30m`, `-1s`; undefined where the text is none. */
export function milliseconds(text: string): number | undefined {
  const [, sign, body = ""] = /^(-?)((?:\d*\.?\d+(?:h|ms|us|ns|m|s))+)$/.exec(text) ?? [];
  if (body === "") return text === "0" ? 0 : undefined;
  const parts = [...body.matchAll(/(\d*\.?\d+)(h|ms|us|ns|m|s)/g)];
  const sum = parts.reduce((total, [, number, unit = ""]) => total + Number(number) * (units[unit] ?? 0), 0);
  // Sums of decimal fractions end in dust.
  const rounded = Math.round(sum * 1e6) / 1e6;
  return sign === "-" ? -rounded : rounded;
}
