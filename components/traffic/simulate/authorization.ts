import type { ObjectIndex } from "../../lib/object-index";
import { type KubeObject, titleOf } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import { authorizationPolicyKind, requestAuthenticationKind } from "../analysis/kinds";
import { ruleHolds } from "./access-rules";
import type { AccessSubject } from "./access-values";
import { fieldsIn, fieldsOf, mapOf, readable, specOf, textOf, textsOf } from "./objects";
import { chooses, type Party } from "./proxies";
import type { Settings } from "./settings";
import type { Open, Token } from "./types";

export interface Verdict {
  readonly allowed: boolean;
  /** 401 or 403 where not. */
  readonly status?: number;
  readonly text: string;
  readonly object?: KubeObject;
  readonly path?: string;
  readonly open: readonly Open[];
}

type Action = "CUSTOM" | "DENY" | "ALLOW" | "AUDIT";

/** Security policies of one kind by namespace. */
export class SecurityPolicies {
  readonly open: readonly Open[];
  private readonly byNamespace = new Map<string, KubeObject[]>();
  private readonly settings: Settings;

  constructor(kind: string, index: ObjectIndex, settings: Settings) {
    this.settings = settings;
    const { objects, open } = readable(index, kind);
    this.open = open;
    for (const object of objects) {
      const place = namespaceOf(object);
      this.byNamespace.set(place, [...(this.byNamespace.get(place) ?? []), object]);
    }
  }

  /** Those of the root namespace and of the pods' own which choose them. */
  for(pods: Party): readonly KubeObject[] {
    const places = new Set([this.settings.rootNamespace, pods.namespace]);
    return [...places].flatMap((place) =>
      (this.byNamespace.get(place) ?? []).filter((object) => {
        const { selector, targetRef, targetRefs } = specOf(object);
        // References are for gateways of the Gateway API and for waypoints.
        if (targetRef !== undefined || targetRefs !== undefined) return false;
        return chooses(mapOf(fieldsOf(selector).matchLabels), pods);
      }),
    );
  }
}

export interface Security {
  readonly authorization: SecurityPolicies;
  readonly requests: SecurityPolicies;
}

export const securityOf = (index: ObjectIndex, settings: Settings): Security => ({
  authorization: new SecurityPolicies(authorizationPolicyKind, index, settings),
  requests: new SecurityPolicies(requestAuthenticationKind, index, settings),
});

const isDryRun = ({ metadata }: KubeObject): boolean =>
  ["true", "1", "t", "T", "TRUE", "True"].includes(metadata.annotations?.["istio.io/dry-run"] ?? "");

/** The token as far as pods trust it, or the policy that sends the request back. */
function tokenAt(token: Token | undefined, policies: readonly KubeObject[]): Token | undefined | KubeObject {
  const [first] = policies;
  if (token === undefined || first === undefined) return undefined;
  const rules = policies.flatMap((object) =>
    fieldsIn(specOf(object).jwtRules).map((rule) => ({ object, rule })),
  );
  const found = rules.find(({ rule }) => rule.issuer === token.issuer);
  if (found === undefined) return rules[0]?.object;
  const wanted = textsOf(found.rule.audiences);
  const meant = wanted.length === 0 || wanted.some((one) => token.audiences?.includes(one) === true);
  return token.valid === false || !meant ? found.object : token;
}

const isObject = (value: Token | KubeObject | undefined): value is KubeObject =>
  value !== undefined && "kind" in value;

/** Whether pods with a proxy let a request in. */
export function authorize(
  pods: Party,
  subject: AccessSubject,
  { authorization, requests }: Security,
): Verdict {
  const open: Open[] = [];
  const token = subject.tcp ? undefined : tokenAt(subject.message.token, requests.for(pods));
  if (isObject(token))
    return {
      allowed: false,
      status: 401,
      text: "the token is not accepted",
      object: token,
      path: "spec.jwtRules",
      open,
    };
  const known = { ...subject, token };
  const policies = authorization.for(pods).filter((object) => !isDryRun(object));
  const of = (action: Action) =>
    policies.filter((object) => ((textOf(specOf(object).action) ?? "ALLOW") as Action) === action);
  const hit = (object: KubeObject, allows: boolean): number => {
    const how = { namespace: namespaceOf(object), allows };
    return fieldsIn(specOf(object).rules).findIndex((rule) => {
      const held = ruleHolds(rule, known, how);
      if (held === undefined)
        open.push({
          object: titleOf(object),
          text: "a rule asks for what is not known of the request; taken as not met",
        });
      return held === true;
    });
  };
  for (const object of of("CUSTOM")) {
    const provider = textOf(fieldsOf(specOf(object).provider).name) ?? "";
    if (hit(object, false) >= 0)
      open.push({ object: titleOf(object), text: `the provider ${provider} decides; taken as allowed` });
  }
  for (const object of of("DENY")) {
    const place = hit(object, false);
    if (place >= 0)
      return { allowed: false, status: 403, text: "denied", object, path: `spec.rules[${place}]`, open };
  }
  const allowing = of("ALLOW");
  for (const object of allowing) {
    const place = hit(object, true);
    if (place >= 0) return { allowed: true, text: "allowed", object, path: `spec.rules[${place}]`, open };
  }
  const [object] = allowing;
  if (object === undefined)
    return {
      allowed: true,
      text: policies.length === 0 ? "no policy for these pods" : "denied by none",
      open,
    };
  const names = allowing.map(titleOf).join(", ");
  return {
    allowed: false,
    status: 403,
    text: `no rule of ${names} allows it`,
    object,
    path: "spec.rules",
    open,
  };
}
