import { isUnknown, titleFor, Undecided } from "./fields";
import { type Check, type Finding, orderFindings, type Severity } from "./findings";
import { wellFormedAll } from "./form";
import { type IndexOptions, isExternal, ObjectIndex } from "./object-index";
import type { KubeObject } from "./objects";
import { suppress } from "./suppression";

/** What is known of a code, apart from any object. */
export interface CodeEntry {
  readonly severity: Severity;
  /** What it means, in a few words. */
  readonly title: string;
}

/** Codes by name. `docs/analysis.md` has a line for each. */
export type Catalogue = Readonly<Record<string, CodeEntry>>;

/** Codes of the framework itself. */
export const frameworkCodes = {
  MP0001: { severity: "info", title: "not decidable before `up`: a value is not known yet" },
  MP0002: { severity: "error", title: "suppression that is no list of CODE=reason" },
  MP0003: { severity: "info", title: "suppression of something that is not found" },
  MP0004: { severity: "error", title: "object that a program declares twice" },
  MP0005: { severity: "error", title: "key that a file has twice in one map" },
} as const satisfies Catalogue;

/** A finding as a check writes it; the catalogue adds the severity. */
export interface Draft<Code extends string> extends Omit<Finding, "severity" | "code" | "object"> {
  readonly code: Code;
  /** Where a code weighs less than its catalogue says, as for what only may be missing. Default: the catalogue's. */
  readonly severity?: Severity;
  /** The object to change. Default: the one that is looked at. */
  readonly object?: KubeObject;
}

export interface CheckRule<Code extends string> {
  /** All codes that it can find; named where it cannot decide. */
  readonly codes: readonly Code[];
  /** Objects to look at, one by one. Taken from the index, so that a check costs only its own kinds. */
  readonly over: (index: ObjectIndex) => readonly KubeObject[];
  /** Findings about one object. Reads fields by `fields.ts`, whose Undecided becomes an info of this object. */
  readonly look: (object: KubeObject, index: ObjectIndex) => readonly Draft<Code>[];
}

/** Makes a check out of a rule about single objects. What others make is seen by rules and not judged. */
export function defineCheck<Code extends string>(
  catalogue: Readonly<Record<Code, CodeEntry>>,
  rule: CheckRule<Code>,
): Check {
  const judge = (object: KubeObject, index: ObjectIndex): Finding[] => {
    try {
      // Everything around an object depends on where it is.
      if (isUnknown(object.metadata.namespace)) throw new Undecided(object, "metadata.namespace");
      return rule.look(object, index).map(({ object: other, ...draft }) => ({
        ...draft,
        severity: draft.severity ?? catalogue[draft.code].severity,
        object: titleFor(other ?? object),
      }));
    } catch (error) {
      if (error instanceof Undecided) return [undecided(rule.codes, object, error)];
      throw error;
    }
  };
  return (objects, index = new ObjectIndex(objects)) =>
    rule
      .over(index)
      .filter((object) => !isExternal(object))
      .flatMap((object) => judge(object, index));
}

const undecidedText = " not decidable yet: ";

/** One finding per object and unknown value, with the codes of all checks that stop at it. */
function mergeUndecided(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, { readonly finding: Finding; readonly codes: Set<string> }>();
  const others = findings.filter((finding) => {
    const [codes = "", cause] = finding.code === "MP0001" ? finding.message.split(undecidedText) : [];
    if (cause === undefined) return true;
    const key = [finding.object, finding.path, cause].join("\n");
    const entry = merged.get(key) ?? { finding: { ...finding, message: cause }, codes: new Set() };
    for (const code of codes.split(", ")) entry.codes.add(code);
    merged.set(key, entry);
    return false;
  });
  const joined = [...merged.values()].map(({ finding, codes }) => ({
    ...finding,
    message: `${[...codes].sort().join(", ")}${undecidedText}${finding.message}`,
  }));
  return [...others, ...joined];
}

function undecided(codes: readonly string[], object: KubeObject, cause: Undecided): Finding {
  const title = titleFor(object);
  const elsewhere = cause.object === title ? "" : ` of ${cause.object}`;
  return {
    code: "MP0001",
    severity: frameworkCodes.MP0001.severity,
    object: title,
    path: cause.object === title ? cause.path : "",
    message: `${codes.join(", ")}${undecidedText}${cause.path}${elsewhere} is known only after up`,
    change: "nothing; or give a plain value, which is checked before anything is made",
  };
}

/** Objects that have no known place at all, which no check could even name. */
const isNameable = (object: KubeObject) =>
  typeof object.apiVersion === "string" &&
  typeof object.kind === "string" &&
  typeof object.metadata === "object" &&
  object.metadata !== null;

const unnameable = ({ kind }: KubeObject): Finding => ({
  code: "MP0001",
  severity: "info",
  object: isUnknown(kind) ? "an object" : String(kind),
  path: "metadata",
  message: "nothing about this object is decidable yet: its kind or metadata is known only after up",
  change: "give apiVersion, kind and metadata.name as plain values",
});

export interface AnalysisOptions extends IndexOptions {
  /** Codes that are looked for elsewhere, as while objects are rendered. Default: none. */
  readonly elsewhere?: readonly string[];
}

/** All findings of the checks over the objects, without those that objects suppress with a reason; in order. */
export function analyse(
  objects: readonly KubeObject[],
  checks: readonly Check[],
  options: AnalysisOptions = {},
): Finding[] {
  const { objects: known, findings: misfits } = wellFormedAll(objects.filter(isNameable));
  const index = new ObjectIndex(known, options);
  const found = mergeUndecided(checks.flatMap((check) => check(known, index)));
  const findings = [...misfits, ...found];
  const aside = objects.filter((object) => !isNameable(object)).map(unnameable);
  return orderFindings([...suppress(known, findings, options.elsewhere), ...aside]);
}
