import type { ObjectIndex } from "./object-index";
import type { KubeObject } from "./objects";

/** `error` stops the preview; `warning` is shown and goes on; `info` is worth knowing. */
export type Severity = "error" | "warning" | "info";

/** One mistake in one object. */
export interface Finding {
  /** `IST…` with Istio's meaning, `KIA…` with Kiali's, or `MP…` of this project. */
  readonly code: string;
  readonly severity: Severity;
  /** `Deployment shop/cart`: what titleOf says. */
  readonly object: string;
  /** The field, from the object's root: `spec.ports[0].name`. */
  readonly path: string;
  /** What is wrong, and what it would do in the cluster. A sentence without a full stop. */
  readonly message: string;
  /** What to do about it, as an order: `name the port http-web`. */
  readonly change: string;
}

/** Looks at all declared objects. The index is the shared one of an analysis; without it the check makes its own. */
export type Check = (objects: readonly KubeObject[], index?: ObjectIndex) => Finding[];

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/** Not localeCompare: the order must not depend on the computer's language. */
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Errors first, then by object, code, path; equal ones once. Independent of the order of objects and checks. */
export function orderFindings(findings: readonly Finding[]): Finding[] {
  const keys = ["object", "code", "path", "message"] as const;
  const sorted = [...findings].sort(
    (a, b) =>
      ranks[a.severity] - ranks[b.severity] ||
      keys.reduce((decided, key) => decided || compare(a[key], b[key]), 0),
  );
  return sorted.filter((finding, place) => {
    const before = sorted[place - 1];
    return before === undefined || keys.some((key) => before[key] !== finding[key]);
  });
}

/** The one text form: what and where on a line, then the message, then the change. */
export const renderFinding = ({ severity, code, object, path, message, change }: Finding): string =>
  `${severity} ${code} ${object}${path === "" ? "" : `, ${path}`}\n  ${message}\n  change: ${change}`;

/** All findings in order, an empty line between two. Empty for none. */
export const renderFindings = (findings: readonly Finding[]): string =>
  orderFindings(findings).map(renderFinding).join("\n\n");

/** `2 errors, 1 warning`: what there is of each severity; `no findings` for none. */
export function countFindings(findings: readonly Finding[]): string {
  const counts = (["error", "warning", "info"] as const).flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    const plural = count === 1 || severity === "info" ? "" : "s";
    return count === 0 ? [] : [`${count} ${severity}${plural}`];
  });
  return counts.length === 0 ? "no findings" : counts.join(", ");
}
