import type { Place } from "../faults";
import { cidr, filledText } from "../values";
import type { Condition } from "./authorization-types";

interface KeyRule {
  /** `request.headers[…]`: a name in brackets follows. */
  readonly named?: true;
  readonly http?: true;
  /** Whether CUSTOM policies take it. */
  readonly custom?: false;
  readonly check?: (value: string, at: Place) => void;
}

const address = (value: string, at: Place) => void cidr(value, at);

function port(value: string, at: Place): void {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
    at.fault(value, "0 to 65535", "write a port's number");
}

const keys: Readonly<Record<string, KeyRule>> = {
  "request.headers": { named: true, http: true },
  "source.ip": { check: address },
  "remote.ip": { check: address },
  "source.namespace": { custom: false },
  "source.principal": { custom: false },
  "source.serviceAccount": { custom: false },
  "request.auth.principal": { http: true, custom: false },
  "request.auth.audiences": { http: true, custom: false },
  "request.auth.presenter": { http: true, custom: false },
  "request.auth.claims": { named: true, http: true, custom: false },
  "destination.ip": { check: address },
  "destination.port": { check: port },
  "connection.sni": {},
  "experimental.envoy.filters.": { named: true },
};

/** Keys of older versions, and what says the same today. */
const gone: Readonly<Record<string, string>> = {
  "destination.namespace": "put the policy into that namespace",
  "destination.labels": "choose the workload by scope",
  "destination.name": "choose the workload by scope",
  "destination.user": "choose the workload by scope",
};

const nameOf = (key: string) => key.replace(/\[.*$/, "");

/** The rule of a key. Metadata of Envoy's filters is named after the filter. */
function ruleOf(key: string): KeyRule | undefined {
  const filters = "experimental.envoy.filters.";
  return key.startsWith(filters) ? keys[filters] : keys[nameOf(key)];
}

/** Whether only HTTP has what a condition asks for. */
export const isHttpCondition = ({ key }: Condition): boolean => ruleOf(key)?.http === true;

/** Whether a policy that asks another service may have a condition. */
export const fitsCustom = ({ key }: Condition): boolean => ruleOf(key)?.custom !== false;

export function checkCondition({ key, values, notValues }: Condition, at: Place): void {
  const rule = ruleOf(key);
  if (rule === undefined) {
    at.in("key").fault(key, Object.keys(keys).join(", "), gone[nameOf(key)] ?? "correct the spelling");
    return;
  }
  const bracketed = /^[^[]+(\[[^[\]]+\])+$/.test(key);
  if (rule.named === true && !bracketed)
    at.in("key").fault(key, `${nameOf(key)}[NAME]`, "add the name in brackets");
  if (rule.named !== true && key.includes("[")) at.in("key").fault(key, nameOf(key), "remove the brackets");
  if ((values ?? []).length + (notValues ?? []).length === 0) {
    at.fault("no values", "values, notValues or both", "say what it has to be");
  }
  for (const [field, list] of Object.entries({ values, notValues })) {
    list?.forEach((value, index) => {
      filledText(value, at.in(field, index));
      rule.check?.(value, at.in(field, index));
    });
  }
}
