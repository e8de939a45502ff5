import { apps } from "../../../stacks/config/apps-schema";
import { gateways } from "../../../stacks/config/gateways-schema";
import { traffic } from "../../../stacks/config/traffic-schema";
import { planTrafficParts } from "../../../stacks/traffic";
import type { TrafficSurroundings } from "../../../stacks/traffic-site";

export interface Around extends Partial<Omit<TrafficSurroundings, "apps" | "gateways">> {
  readonly apps?: object;
  readonly gateways?: object;
}

/** A stack of tier dev with the book shop. */
export const around = ({ apps: wanted = { bookinfo: {} }, gateways: ways = {}, ...more }: Around = {}) =>
  ({
    mesh: {
      version: "1.31.0",
      namespace: "istio-system",
      ingress: {
        namespace: "istio-system",
        selector: { istio: "ingressgateway" },
        service: "istio-ingressgateway",
      },
    },
    dnsDomain: "cluster.local",
    tier: "dev",
    nodes: ["cp1", "worker1"],
    canaryWeight: 10,
    ...more,
    apps: apps.parse(wanted),
    gateways: gateways.parse(ways),
  }) satisfies TrafficSurroundings;

/** What a section comes to. */
export const planned = (section: object, more: Around = {}) =>
  planTrafficParts(traffic.parse(section), around(more));

export const objectsOf = (section: object, more: Around = {}) => {
  const { parts, faults } = planned(section, more);
  if (faults.length > 0) throw new Error(JSON.stringify(faults, undefined, 2));
  return parts.flatMap(({ objects }) => objects);
};

/** Each fault as `path: given -> allowed; change`. */
export const faultsOf = (section: object, more: Around = {}) =>
  planned(section, more).faults.map(
    ({ path, given, allowed, change }) => `${path}: ${given} -> ${allowed}; ${change}`,
  );
