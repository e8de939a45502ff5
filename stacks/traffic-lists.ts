import type { KubeObject } from "../components/lib/objects";
import { renderCanary } from "../components/traffic/delivery/canary";
import { renderChaos } from "../components/traffic/delivery/chaos";
import { renderEgress } from "../components/traffic/egress";
import { renderLocalRateLimit } from "../components/traffic/limits/local-rate-limit";
import { renderAuthorizationPolicy } from "../components/traffic/security/authorization-policy";
import { renderPeerAuthentication } from "../components/traffic/security/peer-authentication";
import { renderRequestAuthentication } from "../components/traffic/security/request-authentication";
import { namespaceOfScope, type Scope } from "../components/traffic/security/scope";
import type { TrafficConfig } from "./config/traffic-schema";
import type { TrafficPart } from "./traffic";
import { type ConfigPlace, collecting } from "./traffic-paths";
import type { TrafficSite } from "./traffic-site";

/** A list of the section whose items are the arguments of one policy each. */
interface List<A> {
  /** Its path below `traffic`. */
  readonly path: string;
  readonly items: readonly A[];
  /** What tells an item from others, as part of its component's name. */
  readonly name: (args: A) => string;
  readonly render: (args: A) => readonly KubeObject[];
}

/** Policies for the whole mesh lie where istiod takes them from. */
export const scopeIn = <S extends Scope>(scope: S, { mesh }: TrafficSite): S =>
  scope.kind === "mesh" ? { rootNamespace: mesh?.namespace, ...scope } : scope;

const placed = ({ name = "default", scope }: { readonly name?: string; readonly scope: Scope }) =>
  `${namespaceOfScope(scope)}-${name}`;

type Place = (path: string) => ConfigPlace;

/** Parts of one list. The arguments are the same as in TypeScript, and so are the words of the faults. */
const partsOf =
  (place: Place) =>
  <A>({ path, items, name, render }: List<A>): TrafficPart[] =>
    items.map((args, index) => {
      const at = place(`traffic.${path}[${index}]`);
      const kind = (path.split(".").at(-1) ?? "").replaceAll(
        /[A-Z]/g,
        (letter) => `-${letter.toLowerCase()}`,
      );
      const made = collecting(
        at,
        (own) => own,
        () => ({ objects: render(args), findings: [] }),
      );
      return { name: `${kind}-${name(args)}`, at, ...made };
    });

/** Every list but that of scenarios, which are no arguments of a policy, and of shared limits, which have a service. */
export function planLists(traffic: TrafficConfig, site: TrafficSite, place: Place): TrafficPart[] {
  const { context, nodes, namespaces, tier } = site;
  const { peerAuthentications, authorizationPolicies, requestAuthentications } = traffic.security;
  const scoped = <A extends { readonly scope: Scope }>(args: A): A => ({
    ...args,
    scope: scopeIn(args.scope, site),
  });
  const parts = partsOf(place);
  return [
    ...parts({
      path: "security.peerAuthentications",
      items: peerAuthentications,
      name: placed,
      render: (args) => [renderPeerAuthentication(args, context)],
    }),
    ...parts({
      path: "security.authorizationPolicies",
      items: authorizationPolicies.map(scoped),
      name: placed,
      render: (args) => [renderAuthorizationPolicy(args, context)],
    }),
    ...parts({
      path: "security.requestAuthentications",
      items: requestAuthentications.map(scoped),
      name: placed,
      render: (args) => renderRequestAuthentication(args, context),
    }),
    ...parts({
      path: "rateLimits.local",
      items: traffic.rateLimits.local.map(scoped),
      name: placed,
      render: (args) => [renderLocalRateLimit(args, context)],
    }),
    ...parts({
      path: "egress",
      items: traffic.egress,
      name: ({ namespace }) => namespace,
      render: (args) => renderEgress(args, context),
    }),
    ...parts({
      path: "canaries",
      items: traffic.canaries,
      name: ({ name, namespace }) => `${namespace}-${name}`,
      render: (args) => [renderCanary(args)],
    }),
    ...parts({
      path: "chaos",
      items: traffic.chaos,
      name: ({ name }) => name,
      render: (args) => [renderChaos({ ...args, tier: { name: tier }, inventory: { nodes, namespaces } })],
    }),
  ];
}
