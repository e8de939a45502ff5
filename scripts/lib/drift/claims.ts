/** What steps declare of a host: the lines `manages KIND SUBJECT FIELD…` of their output. */

interface Kind {
  /** Whether the first word names which one; there is but one swap. */
  readonly named: boolean;
  /** What is compared, in the order of the line. */
  readonly fields: readonly string[];
}

/** Every kind of thing that can be declared; probe.sh looks at each. */
export const kinds: Readonly<Record<string, Kind>> = {
  file: { named: true, fields: ["mode", "owner", "content"] },
  adopted: { named: true, fields: ["mode", "owner", "content"] },
  directory: { named: true, fields: ["mode", "owner"] },
  block: { named: true, fields: ["content"] },
  absent: { named: true, fields: [] },
  forget: { named: true, fields: [] },
  unit: { named: true, fields: ["enabled", "active"] },
  package: { named: true, fields: ["version"] },
  version: { named: true, fields: ["version"] },
  sysctl: { named: true, fields: ["value"] },
  module: { named: true, fields: [] },
  certificate: { named: true, fields: ["notAfter"] },
  mount: { named: true, fields: ["type"] },
  user: { named: true, fields: ["home"] },
  firewall: { named: true, fields: ["state"] },
  swap: { named: false, fields: ["state"] },
  selinux: { named: false, fields: ["mode"] },
  hostname: { named: false, fields: ["name"] },
};

/** One thing that a step has declared. */
export interface Claim {
  readonly kind: string;
  /** Path, unit, key …; empty where there is but one. */
  readonly subject: string;
  /** Values in the order of the kind's fields; `-` for one that may be anything. */
  readonly fields: readonly string[];
  /** Name of the step. */
  readonly step: string;
}

export const decode = (word: string): string =>
  word.replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const encode = (text: string): string =>
  text.replaceAll(
    /[%\\ \t\n]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );

/** The claims in a step's output. A line of an unknown kind or length is a fault of the script, and is thrown. */
export function claimsOf(stdout: string, step: string): Claim[] {
  const lines = stdout.split("\n").filter((line) => line.startsWith("manages "));
  return lines.map((line) => {
    const [kind = "", ...words] = line.slice("manages ".length).split(" ");
    const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    const subject = known?.named === true ? decode(words.shift() ?? "") : "";
    if (known === undefined || words.length !== known.fields.length) {
      throw new Error(`${step} declares what drift does not know: ${line.slice(0, 120)}`);
    }
    return { kind, subject, fields: words.map(decode), step };
  });
}

/** A path is one thing, whoever made it and be it there or not. */
const placeOf = (kind: string) => (["file", "adopted", "absent", "forget"].includes(kind) ? "path" : kind);

/** What holds after all steps of a host, in their order: on the same thing the later one wins. */
export function settle(claims: readonly Claim[]): Claim[] {
  const last = new Map<string, Claim>();
  for (const claim of claims) {
    const key = `${placeOf(claim.kind)} ${claim.subject}`;
    last.delete(key);
    last.set(key, claim);
  }
  return [...last.values()].filter(({ kind }) => kind !== "forget");
}

/** The list as probe.sh reads it. The program of a drift run holds nothing but this. */
export function renderList(claims: readonly Claim[]): string {
  return claims
    .map(({ kind, subject, fields }) => [kind, subject || "-", ...fields].map(encode).join(" "))
    .join("\n");
}
