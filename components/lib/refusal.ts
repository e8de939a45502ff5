import { RunError } from "@pulumi/pulumi";
import { countFindings, type Finding, orderFindings, renderFinding, renderFindings } from "./findings";

/**
 * Thrown with every error of an analysis, so that all can be mended in one go. A RunError, so that Pulumi prints the
 * message and nothing of the program's own.
 */
export class FindingsError extends RunError {
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    const errors = findings.filter(({ severity }) => severity === "error");
    const silence = 'Where one is meant, annotate its object with mesh-platform/suppress: "CODE=reason".';
    super(`The declared objects have ${countFindings(findings)}:\n\n${renderFindings(errors)}\n\n${silence}`);
    this.name = "FindingsError";
    this.findings = orderFindings(findings);
  }
}

/** Takes findings that stop nothing. */
export interface FindingsLog {
  readonly warning: (text: string) => void;
  /** Default: not shown. */
  readonly info?: (text: string) => void;
}

/** Lists warnings and infos, then throws one FindingsError if there is any error. */
export function refuse(findings: readonly Finding[], log?: FindingsLog): void {
  for (const finding of orderFindings(findings)) {
    if (finding.severity === "warning") log?.warning(renderFinding(finding));
    if (finding.severity === "info") log?.info?.(renderFinding(finding));
  }
  if (findings.some(({ severity }) => severity === "error")) throw new FindingsError(findings);
}
