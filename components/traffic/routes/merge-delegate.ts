import type { KubeObject } from "../../lib/objects";
import { titleOf } from "../../lib/objects";
import { apiOf, type TrafficContext } from "../context";
import { checked } from "../faults";
import { mesh } from "../handles";
import { dnsLabel } from "../values";
import { pairFindings, reporter } from "./findings";
import { httpRoutes } from "./http";
import { checkNames, type MergedRoutes } from "./merge";
import type { HttpFragment } from "./types";

/** Routes without hosts and gateways, which other routes delegate to. What they do not take, nobody does. */
export function mergeDelegate(
  fragments: readonly HttpFragment[],
  { name, namespace }: { readonly name: string; readonly namespace: string },
  context: TrafficContext,
): MergedRoutes {
  return checked(`Delegate ${namespace}/${name}`, (at) => {
    if (fragments.length === 0) at.in("routes").fault([], "one route or more", "add one");
    checkNames(fragments, at);
    for (const { name: route, action, gateways } of fragments) {
      const place = at.in("routes", route);
      if (action.kind === "delegate")
        place.in("action").fault(action.name, "anything but a delegate", "route it here");
      if (gateways !== undefined)
        place.in("gateways").fault(gateways, "nothing: they are the root's", "drop it");
    }
    const http = httpRoutes(fragments, [mesh], context, at.in("routes"));
    const object: KubeObject = {
      apiVersion: apiOf(context).networking,
      kind: "VirtualService",
      metadata: { name, namespace: dnsLabel(namespace, at.in("namespace")) },
      spec: { http: http.map(({ spec }) => spec) },
    };
    return { objects: [object], findings: pairFindings(http, reporter(titleOf(object))) };
  });
}
