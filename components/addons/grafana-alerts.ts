import { dataSource } from "./dashboards/render";
import type { MeshRule } from "./mesh-rules";

/** Who is told. */
export type AlertReceiver =
  | { readonly kind: "none" }
  | {
      readonly kind: "webhook";
      /** Gets a POST with JSON for every change. An address that holds a token belongs into a Secret: below. */
      readonly url: string;
    }
  | {
      readonly kind: "webhookFromSecret";
      /** Secret in the namespace of the add-ons, made by others, with the address in one of its keys. */
      readonly secretName: string;
      readonly key: string;
    }
  | {
      readonly kind: "email";
      readonly addresses: readonly string[];
      readonly smtp: {
        /** HOST:PORT. */
        readonly host: string;
        readonly from: string;
        /** Default: the server asks for no login. */
        readonly login?:
          | { readonly user: string; readonly secretName: string; readonly key: string }
          | undefined;
      };
    };

export interface GrafanaAlerting {
  readonly rules: readonly MeshRule[];
  readonly receiver: AlertReceiver;
  /** Hours after which one that still holds is told again. */
  readonly repeatHours: number;
}

/** Variable that carries an address out of a Secret into the file. */
export const WEBHOOK_VARIABLE = "MESH_ALERT_WEBHOOK";

/** Grafana replaces `$NAME` in all these files by variables of its own; a rule's `$labels` must get through. */
const literal = (text: string) => text.replaceAll("$", "$$$$");

/** `MeshErrorRate` as part of an address: `mesh-error-rate`. */
export const uidOf = (name: string) => name.replaceAll(/(?!^)([A-Z])/g, "-$1").toLowerCase();

const LOOK_BACK = 600;

/** Two steps: ask Prometheus, then compare; kept apart, so that people see the value in the page of the rule. */
export function renderGrafanaRule(rule: MeshRule): object {
  const condition = { type: rule.comparison === "above" ? "gt" : "lt", params: [rule.threshold] };
  return {
    uid: uidOf(rule.name),
    title: rule.name,
    condition: "B",
    data: [
      {
        refId: "A",
        relativeTimeRange: { from: LOOK_BACK, to: 0 },
        datasourceUid: dataSource.uid,
        model: { refId: "A", expr: literal(rule.value), instant: true, range: false },
      },
      {
        refId: "B",
        relativeTimeRange: { from: LOOK_BACK, to: 0 },
        datasourceUid: "__expr__",
        model: {
          refId: "B",
          type: "threshold",
          expression: "A",
          datasource: { type: "__expr__", uid: "__expr__" },
          conditions: [{ type: "query", evaluator: condition }],
        },
      },
    ],
    // No value is no traffic, or a program that is not there: not what the rule watches.
    noDataState: "OK",
    execErrState: "Error",
    for: `${rule.minutes}m`,
    labels: { severity: rule.severity },
    annotations: { summary: literal(rule.summary), description: literal(rule.description) },
    isPaused: false,
  };
}

function settingsOf(receiver: AlertReceiver): { type: string; settings: object } | undefined {
  switch (receiver.kind) {
    case "none":
      return undefined;
    case "webhook":
      return { type: "webhook", settings: { url: literal(receiver.url), httpMethod: "POST" } };
    case "webhookFromSecret":
      return { type: "webhook", settings: { url: `$${WEBHOOK_VARIABLE}`, httpMethod: "POST" } };
    case "email":
      return { type: "email", settings: { addresses: receiver.addresses.join(";"), singleEmail: true } };
  }
}

const CONTACT = "mesh";

/** One file for `provisioning/alerting`: rules, whom to tell, and which goes to whom. */
export function renderGrafanaAlerting({ rules, receiver, repeatHours }: GrafanaAlerting): object {
  const settings = settingsOf(receiver);
  const told =
    settings === undefined
      ? {}
      : {
          contactPoints: [{ orgId: 1, name: CONTACT, receivers: [{ uid: "mesh-receiver", ...settings }] }],
          policies: [
            {
              orgId: 1,
              receiver: CONTACT,
              group_by: ["grafana_folder", "alertname", "service"],
              group_wait: "30s",
              group_interval: "5m",
              repeat_interval: `${repeatHours}h`,
            },
          ],
        };
  return {
    apiVersion: 1,
    groups: [{ orgId: 1, name: "mesh", folder: "Mesh", interval: "1m", rules: rules.map(renderGrafanaRule) }],
    ...told,
  };
}
