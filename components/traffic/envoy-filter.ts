import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { minorOf } from "../lib/versions";
import { apiOf, type TrafficContext } from "./context";
import { DeclaredPolicy } from "./declared-policy";
import { checkPatch, relativeOperations } from "./envoy-filter-rules";
import type { EnvoyPatch } from "./envoy-filter-types";
import { checked, type Place } from "./faults";
import { namespaceOfScope, type Scope, scopeFields } from "./security/scope";
import { dnsLabel, filledText, integer } from "./values";

export interface EnvoyFilterArgs {
  readonly name: string;
  /** In the root namespace (`mesh`), it is for all proxies; gateways are chosen by their pods' labels. */
  readonly scope: Scope;
  /** Why none of Istio's own kinds will do. It stands in an annotation, for whoever has to upgrade Istio. */
  readonly because: string;
  /**
   * Order among the filters of a proxy: lower ones first. Never 0, the default of others: operations that are relative
   * to something else would depend on when an object was created.
   */
  readonly priority: number;
  /**
   * Minor versions of Istio whose proxies take the patches. Others pass them by. Default: that of the context, since a
   * patch is written against the config that one version of istiod makes.
   */
  readonly minors?: readonly string[];
  readonly patches: readonly EnvoyPatch[];
}

/** One EnvoyFilter, pinned to versions and ordered by its priority. */
export function renderEnvoyFilter(args: EnvoyFilterArgs, context: TrafficContext): KubeObject {
  const { name, scope, because, priority, patches } = args;
  return checked(`EnvoyFilter ${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    filledText(because, at.in("because"));
    checkPriority(args, at.in("priority"));
    if (patches.length === 0) at.in("patches").fault([], "one or more", "add one");
    const proxyVersion = proxyVersionOf(args.minors ?? [minorOf(context.version)], at.in("minors"));
    patches.forEach((patch, index) => void checkPatch(patch, at.in("patches", index)));
    return {
      apiVersion: apiOf(context).envoyFilter,
      kind: "EnvoyFilter",
      metadata: {
        name,
        namespace: namespaceOfScope(scope),
        annotations: { "mesh-platform/because": because },
      },
      spec: {
        ...workloadFields(scope, context, at.in("scope")),
        priority,
        configPatches: patches.map((patch) => patchFields(patch, proxyVersion)),
      },
    };
  });
}

/** This kind spells its selector otherwise than all others do. */
function workloadFields(scope: Scope, context: TrafficContext, at: Place): object {
  const fields = scopeFields(scope, context, at);
  return scope.kind === "workload" ? { workloadSelector: { labels: scope.labels } } : fields;
}

function checkPriority({ priority, patches }: EnvoyFilterArgs, at: Place): void {
  integer(priority, at, { min: -2_147_483_648, max: 2_147_483_647 });
  if (priority !== 0) return;
  const relative = patches.filter(({ operation }) => relativeOperations.includes(operation));
  const why =
    relative.length > 0 ? `${relative[0]?.operation} depends on the order` : "others have 0 by default";
  at.fault(0, `another number: ${why}`, "choose one, such as 10");
}

/** `^1\.31\..*`: with more than one minor they are alternatives. */
function proxyVersionOf(minors: readonly string[], at: Place): string {
  if (minors.length === 0) at.fault([], "one or more", "name the minors that the patches were tried with");
  minors.forEach((minor, index) => {
    if (!/^1\.\d+$/.test(minor))
      at.in(index).fault(minor, "a minor version such as 1.31", "correct the spelling");
  });
  const numbers = minors.map((minor) => minor.replace("1.", ""));
  return numbers.length === 1 ? `^1\\.${numbers[0]}\\..*` : `^1\\.(${numbers.join("|")})\\..*`;
}

const patchFields = (
  { applyTo, context, match, operation, value, filterClass }: EnvoyPatch,
  proxyVersion: string,
) => ({
  applyTo,
  match: { context, proxy: { proxyVersion }, ...match },
  patch: {
    operation,
    ...(value === undefined ? {} : { value }),
    ...(filterClass === undefined ? {} : { filterClass }),
  },
});

/** Patches of what istiod sends to proxies. The last resort: what they patch may change with each version. */
export class EnvoyFilter extends DeclaredPolicy {
  constructor(
    name: string,
    args: EnvoyFilterArgs & TrafficContext,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super("EnvoyFilter", name, [renderEnvoyFilter(args, args)], options);
  }
}
