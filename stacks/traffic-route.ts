import type { Place } from "../components/traffic/faults";
import type { HostHandle, RouteGateway, Target } from "../components/traffic/handles";
import type {
  HttpAction,
  HttpFragment,
  HttpTarget,
  MirrorModifier,
} from "../components/traffic/routes/types";
import { fence } from "../components/traffic/tiers";
import type { RouteConfig, TargetConfig, WeightedConfig } from "./config/traffic-routes-schema";
import type { Hosts } from "./traffic-targets";

/** A route of the config by its name, or by its place. */
export const routeName = ({ name }: RouteConfig, index: number): string => name ?? `route-${index + 1}`;

export interface RoutePlace {
  /** The host's name in the config. */
  readonly name: string;
  readonly host: HostHandle;
  readonly gateways: readonly RouteGateway[];
  readonly index: number;
  /** How many routes the host has. */
  readonly count: number;
}

const withPort = <T extends { readonly to: Target }>(
  target: T,
  port: TargetConfig["port"],
): T & Pick<HttpTarget, "port"> => (port === undefined ? target : { ...target, port });

/** `v2`, `{ host, subset, port }` or a list of these with weights, as targets. */
function targetsOf(to: NonNullable<RouteConfig["to"]>, own: string, hosts: Hosts, at: Place): HttpTarget[] {
  if (typeof to === "string") return [{ to: hosts.target({ subset: to }, own, at, at) }];
  const list: readonly WeightedConfig[] = Array.isArray(to) ? to : [to];
  return list.map(({ host: _, subset: __, port, ...rest }, index) => {
    const given = list[index] ?? {};
    const target = hosts.target(given, own, Array.isArray(to) ? at.in(index) : at);
    return { ...withPort({ to: target }, port), ...rest };
  });
}

const kinds = ["to", "redirect", "directResponse"] as const;

function actionOf(route: RouteConfig, { name, host }: RoutePlace, hosts: Hosts, at: Place): HttpAction {
  const { to, redirect, directResponse, relativeWeights } = route;
  const given = kinds.filter((kind) => route[kind] !== undefined);
  if (given.length !== 1) {
    at.fault(
      given.join(" and ") || "no action",
      `one of ${kinds.join(", ")}`,
      "say what becomes of the requests",
    );
  }
  if (redirect !== undefined) return { kind: "redirect", ...redirect };
  if (directResponse !== undefined) return { kind: "directResponse", ...directResponse };
  const targets = to === undefined ? [{ to: host }] : targetsOf(to, name, hosts, at.in("to"));
  return { kind: "forward", targets, ...(relativeWeights ? { relativeWeights } : {}) };
}

/** A route of the config as a fragment. In the config the order counts, and not how narrow the conditions are. */
export function fragmentOf(route: RouteConfig, place: RoutePlace, hosts: Hosts, at: Place): HttpFragment {
  const { match, rewrite, timeout, retries, fault, corsPolicy, headers } = route;
  const mirrors = route.mirrors?.map(
    ({ percentage, port, ...target }, index): MirrorModifier => ({
      ...withPort({ to: hosts.target(target, place.name, at.in("mirrors", index)) }, port),
      ...(percentage === undefined ? {} : { percentage }),
    }),
  );
  if (fault !== undefined) fence({ name: hosts.tier }, "faultInjection", at.in("fault"));
  const possible = { match, rewrite, timeout, retries, fault, mirrors, corsPolicy, headers };
  return {
    name: routeName(route, place.index),
    host: place.host,
    gateways: place.gateways,
    priority: place.count - place.index,
    action: actionOf(route, place, hosts, at),
    ...Object.fromEntries(Object.entries(possible).filter(([, value]) => value !== undefined)),
  };
}
