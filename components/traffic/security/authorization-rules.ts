import type { Place } from "../faults";
import { checkCondition, fitsCustom, isHttpCondition } from "./authorization-conditions";
import {
  checkOperation,
  checkSource,
  httpFieldsOfOperation,
  httpFieldsOfSource,
} from "./authorization-fields";
import type { Action, AuthorizationRule, Operation, Source, WorkloadPorts } from "./authorization-types";

interface PolicyFacts {
  readonly action: Action;
  readonly ports?: WorkloadPorts;
}

/** Notes everything that is wrong with one rule. */
export function checkRule(rule: AuthorizationRule, facts: PolicyFacts, at: Place): void {
  const { from, to, when } = rule;
  for (const [field, list] of Object.entries({ from, to, when })) {
    if (list?.length === 0) at.in(field).fault([], "one or more", "leave the field out: empty fits nothing");
  }
  from?.forEach((source, index) => void checkSource(source, at.in("from", index)));
  to?.forEach((operation, index) => {
    checkOperation(operation, at.in("to", index));
    checkPorts(operation, facts, at.in("to", index));
  });
  when?.forEach((condition, index) => void checkCondition(condition, at.in("when", index)));
  refuseHttpOnTcp(rule, facts, at);
  if (facts.action === "CUSTOM") refuseInCustom(rule, at);
}

function checkPorts(
  { ports = [], notPorts = [] }: Operation,
  { ports: known }: PolicyFacts,
  at: Place,
): void {
  if (known === undefined) return;
  for (const [field, list] of [
    ["ports", ports],
    ["notPorts", notPorts],
  ] as const) {
    list.forEach((port, index) => {
      if (known[port] !== undefined) return;
      at.in(field, index).fault(
        port,
        Object.keys(known).join(", "),
        "name a port of the pods: it is not that of the Service",
      );
    });
  }
}

/** What an action does on a TCP port with a field that only HTTP has. */
const onTcp: Readonly<Record<Action, string>> = {
  ALLOW: "the rule would never allow anything there",
  DENY: "the rule would refuse every connection there",
  AUDIT: "the rule would mark every connection there",
  CUSTOM: "the rule would ask about every connection there",
};

function refuseHttpOnTcp(
  { from = [], to = [], when = [] }: AuthorizationRule,
  facts: PolicyFacts,
  at: Place,
): void {
  const known = facts.ports ?? {};
  const tcpOf = (ports: readonly number[]) => ports.filter((port) => known[port] === "TCP");
  const all = Object.keys(known).map(Number);
  // Without ports a rule is for all of them, so that it has to be told apart.
  const refuse = (fields: readonly string[], ports: readonly number[], here: Place) => {
    const tcp = tcpOf(ports);
    if (fields.length === 0 || tcp.length === 0) return;
    const given = `${fields.join(", ")} on TCP port ${tcp.join(", ")}`;
    here.fault(given, `HTTP ports for these: ${onTcp[facts.action]}`, "name the HTTP ports in to.ports");
  };
  const chosen =
    to.length > 0
      ? to.map(({ ports, notPorts = [] }) => ports ?? all.filter((port) => !notPorts.includes(port)))
      : [all];
  const reached = [...new Set(chosen.flat())];
  to.forEach(
    (operation, index) =>
      void refuse(httpFieldsOfOperation(operation), chosen[index] ?? [], at.in("to", index)),
  );
  from.forEach((source, index) => void refuse(httpFieldsOfSource(source), reached, at.in("from", index)));
  when.forEach((condition, index) => {
    if (isHttpCondition(condition)) refuse([condition.key], reached, at.in("when", index));
  });
}

const identities: readonly (keyof Source)[] = [
  ...(["principals", "notPrincipals", "requestPrincipals", "notRequestPrincipals"] as const),
  ...(["namespaces", "notNamespaces", "serviceAccounts", "notServiceAccounts"] as const),
];

/** CUSTOM is decided before anybody's identity is looked at. */
function refuseInCustom({ from = [], when = [] }: AuthorizationRule, at: Place): void {
  from.forEach((source, index) => {
    for (const field of identities.filter((name) => source[name] !== undefined)) {
      at.in("from", index, field).fault(
        source[field],
        "addresses alone, with CUSTOM",
        "let the provider judge identities",
      );
    }
  });
  when.forEach((condition, index) => {
    if (!fitsCustom(condition)) {
      at.in("when", index, "key").fault(
        condition.key,
        "no identities and tokens, with CUSTOM",
        "let the provider judge them",
      );
    }
  });
}
