import * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../../lib/findings";
import type { KubeObject } from "../../lib/objects";
import { refuse } from "../../lib/refusal";
import { suppress } from "../../lib/suppression";
import type { TrafficContext } from "../context";
import type { PortChoice, Target } from "../handles";
import { type HostRouteSettings, mergeHost } from "./merge";
import type { ForwardAction, HttpAction, HttpFragment, RouteFragment, WeightedTarget } from "./types";

/** All requests to one target: `forward(reviews.subset("v1"))`. */
export const forward = (to: Target, port?: PortChoice): ForwardAction<WeightedTarget> => ({
  kind: "forward",
  targets: [{ to, ...(port === undefined ? {} : { port }) }],
});

/** What every routing policy takes besides its own: the rest of a fragment. */
export type FragmentArgs = Omit<HttpFragment, "action" | "protocol" | "name"> & {
  /** Names the route in findings, metrics and logs. Default: after the policy. */
  readonly name?: string;
};

/** Where requests go: to a target, or to any other action. */
export interface Directed {
  /** Where the requests go. Default: what `action` says. */
  readonly to?: Target;
  readonly port?: PortChoice;
  /** Instead of `to`. */
  readonly action?: HttpAction;
}

/** What a policy takes that is the only one of its host. With others, give its fragment to `HostRoutes`. */
export interface Alone {
  /** Where everything else goes. Default: nothing else is routed. */
  readonly otherwise?: Target;
  /** Of the VirtualService. */
  readonly settings?: HostRouteSettings;
}

/** The action of a policy; a policy without any leads to its own host, as if there were no route. */
export const actionOf = ({ to, port, action }: Directed, host: HttpFragment["host"]): HttpAction =>
  action ?? forward(to ?? host, port);

/** A fragment without the fields that belong to the policy. */
export const fragmentOf = <A extends FragmentArgs>(
  name: string,
  args: A,
  more: Pick<HttpFragment, "action"> & Partial<HttpFragment>,
): HttpFragment => {
  const { module, host, gateways, priority, order, match } = args;
  const { rewrite, timeout, retries, fault, mirrors, corsPolicy, headers } = args;
  const common = {
    module,
    host,
    gateways,
    priority,
    order,
    match,
    rewrite,
    timeout,
    retries,
    fault,
    mirrors,
  };
  const given = { ...common, corsPolicy, headers, name: args.name ?? name, ...more };
  const fields = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(fields) as unknown as HttpFragment;
};

/** Routes and findings of one host, less what its own annotation suppresses. */
export function plan(
  fragments: readonly RouteFragment[],
  settings: HostRouteSettings | undefined,
  context: TrafficContext,
): { readonly objects: readonly KubeObject[]; readonly findings: readonly Finding[] } {
  const { objects, findings } = mergeHost(fragments, context, settings ?? {});
  // What suppressions themselves are worth is told at the end, with all other checks.
  const left = suppress(objects, findings).filter(({ code }) => !code.startsWith("MP00"));
  return { objects, findings: left };
}

/** The VirtualService of a policy that is alone. Throws where a finding is an error. */
export function renderAlone(
  fragment: RouteFragment,
  { otherwise, settings }: Alone,
  context: TrafficContext,
): KubeObject[] {
  const { host, gateways } = fragment;
  const rest = { name: "otherwise", host, ...(gateways === undefined ? {} : { gateways }) };
  const fragments: RouteFragment[] =
    otherwise === undefined ? [fragment] : [fragment, { ...rest, action: forward(otherwise) }];
  const { objects, findings } = plan(fragments, settings, context);
  refuse(findings);
  return [...objects];
}

/** Shows warnings and infos beside the component, and throws all errors at once. */
export function tell(findings: readonly Finding[], resource: pulumi.Resource): void {
  refuse(findings, {
    warning: (text) => void pulumi.log.warn(text, resource),
    info: (text) => void pulumi.log.info(text, resource),
  });
}
