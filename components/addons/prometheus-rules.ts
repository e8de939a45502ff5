import { type MeshRule, meshRecordings, meshRules, type Thresholds } from "./mesh-rules";
import type { MetricsKind } from "./vocabulary";

interface RuleGroup {
  readonly name: string;
  readonly rules: readonly object[];
}

const comparisons = { above: ">", below: "<" } as const;

/** A rule in Prometheus' words. */
export function renderAlert(rule: MeshRule): object {
  return {
    alert: rule.name,
    expr: `(${rule.value}) ${comparisons[rule.comparison]} ${rule.threshold}`,
    ...(rule.minutes === 0 ? {} : { for: `${rule.minutes}m` }),
    labels: { severity: rule.severity },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      value: "{{ $value }}",
      threshold: String(rule.threshold),
    },
  };
}

/** Recorded series, as a file of rules: needed by the alerts, and by the dashboards too. */
export const recordingGroups = (kind: MetricsKind): { readonly groups: readonly RuleGroup[] } => ({
  groups: [{ name: "mesh-recordings", rules: meshRecordings(kind) }],
});

export const alertGroups = (thresholds: Thresholds): { readonly groups: readonly RuleGroup[] } => ({
  groups: [{ name: "mesh-alerts", rules: meshRules(thresholds).map(renderAlert) }],
});
