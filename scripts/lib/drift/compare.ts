/** Compares what is declared with what was found. Pure, so that every rule has a test with exact values. */
import { type Claim, kinds } from "./claims";

export interface Difference {
  readonly kind: string;
  readonly subject: string;
  /** What of it differs: `mode`, `content`, …; `presence` where it is not there at all. */
  readonly field: string;
  readonly declared: string;
  readonly found: string;
  /** Name of the step that declared it. */
  readonly step: string;
}

const DAY = 86_400_000;
/** A certificate is due when this little is left, or a tenth of its life where that is less. */
export const RENEWAL_DAYS = 30;

type Rule = (declared: string, found: string) => boolean;

const equal: Rule = (declared, found) => declared === found;
const withoutV = (version: string) => version.replace(/^v/, "");

/** Where two texts mean the same. */
const rules: Readonly<Record<string, Rule>> = {
  "file mode": (declared, found) => Number.parseInt(declared, 8) === Number.parseInt(found, 8),
  // A version stands for any build of it, as it does when it is installed; Red Hat's may have an epoch in front.
  "package version": (declared, found) =>
    found !== "missing" && (declared === "-" || `${found}-`.replace(/^\d+:/, "").startsWith(`${declared}-`)),
  "version version": (declared, found) => withoutV(declared) === withoutV(found),
};

function ruleFor(kind: string, field: string): Rule {
  const family = kind === "adopted" || kind === "directory" ? "file" : kind;
  return rules[`${family} ${field}`] ?? equal;
}

/** What differs of one thing. `found` is the answer of probe.sh: fields in order, or a word that says why there are none. */
export function compare(claim: Claim, found: readonly string[], now: Date): Difference[] {
  const { kind, subject, step } = claim;
  const difference = (field: string, declared: string, is: string): Difference => ({
    kind,
    subject,
    field,
    declared,
    found: is,
    step,
  });
  if (kind === "certificate") return compareCertificate(claim, found, now, difference);
  const { fields = [] } = kinds[kind] ?? {};
  if (fields.length === 0) {
    const [wanted] = kind === "absent" ? ["absent"] : ["loaded"];
    return found[0] === wanted ? [] : [difference("presence", wanted, found[0] ?? "")];
  }
  if (found.length < fields.length) return [difference("presence", "there", found[0] ?? "")];
  return fields.flatMap((field, index) => {
    const declared = claim.fields[index] ?? "-";
    const is = found[index] ?? "";
    const anything = declared === "-" && kind !== "package";
    return anything || ruleFor(kind, field)(declared, is)
      ? []
      : [difference(field, declared === "-" ? "installed" : declared, is)];
  });
}

function compareCertificate(
  { fields: [declared = "-"] }: Claim,
  [end = "", start]: readonly string[],
  now: Date,
  difference: (field: string, declared: string, found: string) => Difference,
): Difference[] {
  if (start === undefined) return [difference("presence", "there", end)];
  const replaced = declared !== "-" && declared !== end ? [difference("notAfter", declared, end)] : [];
  const left = Date.parse(end) - now.getTime();
  const due = Math.min(RENEWAL_DAYS * DAY, (Date.parse(end) - Date.parse(start)) / 10);
  if (left > due) return replaced;
  const state = left <= 0 ? `expired ${end}` : `${Math.floor(left / DAY)} days left, due for renewal`;
  return [...replaced, difference("validity", "more to come", state)];
}
