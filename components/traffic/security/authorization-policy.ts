import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import { apiOf, type TrafficContext } from "../context";
import { DeclaredPolicy } from "../declared-policy";
import { checked, type Place } from "../faults";
import { dnsLabel, oneOf } from "../values";
import { operationFields } from "./authorization-fields";
import { checkRule } from "./authorization-rules";
import type { Action, AuthorizationRule, WorkloadPorts } from "./authorization-types";
import { namespaceOfScope, type Scope, scopeFields } from "./scope";

export interface AuthorizationPolicyArgs {
  readonly name: string;
  readonly scope: Scope;
  readonly action: Action;
  /** At least one. No rules mean "allow nothing" with ALLOW and nothing at all with the others: see `allowNothing`. */
  readonly rules: readonly AuthorizationRule[];
  /** Says that ALLOW without rules is meant: it refuses everything that no other policy allows. Default false. */
  readonly allowNothing?: boolean;
  /** The extension provider of the mesh that CUSTOM asks. */
  readonly provider?: string;
  /** Providers in the mesh's config, against which `provider` is checked. Default: not known. */
  readonly knownProviders?: readonly string[];
  /** Decides nothing and only reports what it would have decided, in logs and metrics. Default false. */
  readonly dryRun?: boolean;
  /** What the workload's ports speak, to find fields that a port cannot have. Default: not known. */
  readonly ports?: WorkloadPorts;
}

/** One AuthorizationPolicy. */
export function renderAuthorizationPolicy(
  args: AuthorizationPolicyArgs,
  context: TrafficContext,
): KubeObject {
  const { name, scope, action, rules, provider, dryRun = false } = args;
  return checked(`AuthorizationPolicy ${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    oneOf(action, ["ALLOW", "DENY", "AUDIT", "CUSTOM"], at.in("action"));
    refuseEmpty(args, at);
    refuseProvider(args, at.in("provider"));
    if (dryRun && action !== "ALLOW" && action !== "DENY") {
      at.in("dryRun").fault(true, "with ALLOW or DENY", "remove it");
    }
    rules.forEach((rule, index) => void checkRule(rule, args, at.in("rules", index)));
    return {
      apiVersion: apiOf(context).authorization,
      kind: "AuthorizationPolicy",
      metadata: {
        name,
        namespace: namespaceOfScope(scope),
        ...(dryRun ? { annotations: { "istio.io/dry-run": "true" } } : {}),
      },
      spec: {
        ...scopeFields(scope, context, at.in("scope")),
        action,
        ...(provider === undefined ? {} : { provider: { name: provider } }),
        ...(rules.length === 0 ? {} : { rules: rules.map(ruleFields) }),
      },
    };
  });
}

function refuseEmpty({ action, rules, allowNothing = false }: AuthorizationPolicyArgs, at: Place): void {
  if (allowNothing && (action !== "ALLOW" || rules.length > 0)) {
    at.in("allowNothing").fault(true, "ALLOW without rules", "remove it");
  } else if (rules.length > 0 || allowNothing) {
    return;
  } else if (action === "ALLOW") {
    at.in("rules").fault(
      [],
      "one or more: without rules ALLOW refuses every request",
      "add a rule, or say allowNothing",
    );
  } else {
    at.in("rules").fault(
      [],
      `one or more: without rules ${action} never fits`,
      "add {} to fit every request",
    );
  }
}

function refuseProvider({ action, provider, knownProviders }: AuthorizationPolicyArgs, at: Place): void {
  if (action !== "CUSTOM") {
    if (provider !== undefined) at.fault(provider, "nothing: only CUSTOM asks somebody", "remove it");
  } else if (provider === undefined || provider === "") {
    at.fault(provider, "the name of an extension provider", "name whom to ask");
  } else if (knownProviders !== undefined && !knownProviders.includes(provider)) {
    const known = knownProviders.join(", ") || "none in the mesh's config";
    at.fault(provider, known, "add it to extensionProviders of the mesh: istiod would refuse all requests");
  }
}

const ruleFields = ({ from, to, when }: AuthorizationRule) => ({
  ...(from === undefined ? {} : { from: from.map((source) => ({ source })) }),
  ...(to === undefined ? {} : { to: to.map((operation) => ({ operation: operationFields(operation) })) }),
  ...(when === undefined ? {} : { when }),
});

/** Who may do what with workloads. For the usual wishes see `authorization-intents.ts`. */
export class AuthorizationPolicy extends DeclaredPolicy {
  constructor(
    name: string,
    args: AuthorizationPolicyArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("AuthorizationPolicy", name, [renderAuthorizationPolicy(args, args)], options);
  }
}
