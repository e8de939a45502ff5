import type { Check } from "../../lib/findings";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import type { TrafficCode } from "./catalogue";
import { kindCheck, note, type TrafficDraft } from "./define";
import { hostOf, policiesOf } from "./destination-rules";
import { specOf } from "./field";
import * as kinds from "./kinds";
import { hasWaypoint, namespaceHasWaypoint, namespacePlane } from "./planes";
import { behind } from "./registry";
import { conditionsOn, namesTokens } from "./security/rules";
import { selectorOf } from "./selection";
import { destinationsOf, gatewaysOf, rulesOf } from "./virtual-services";

/** Whether a policy speaks of requests, which ztunnel cannot read; it sees connections alone. */
const readsRequests: Readonly<Record<string, (policy: KubeObject) => boolean>> = {
  AuthorizationPolicy: (policy) =>
    specOf(policy)
      .at("rules")
      .items()
      .some(
        (rule) =>
          rule
            .at("to")
            .items()
            .some((to) =>
              ["methods", "paths", "hosts", "notMethods", "notPaths", "notHosts"].some(
                (name) => to.at("operation", name).given,
              ),
            ) ||
          namesTokens(rule) ||
          conditionsOn(rule, "request."),
      ),
  RequestAuthentication: () => true,
  WasmPlugin: () => true,
  Telemetry: (policy) =>
    ["tracing", "accessLogging", "metrics"].some((name) => specOf(policy).at(name).items().length > 0),
};

const targets = (policy: KubeObject) =>
  [specOf(policy).at("targetRef"), ...specOf(policy).at("targetRefs").items()].filter((at) => at.given);

/** Policies about requests: in ambient a waypoint carries them out, and it goes by targetRefs. */
const needsWaypoint = (kind: string, without: TrafficCode, bySelector: TrafficCode): Check =>
  kindCheck([without, bySelector], [kind], (policy, index): TrafficDraft[] => {
    const namespace = namespaceOf(policy);
    if (namespacePlane(namespace, index) !== "ambient" || readsRequests[policy.kind]?.(policy) !== true)
      return [];
    if (targets(policy).length === 0) {
      if (selectorOf(policy).keys().length === 0 && namespaceHasWaypoint(namespace, index)) {
        return [
          note(
            bySelector,
            "spec",
            "waypoints go by targetRefs, and this policy has none",
            "add targetRefs with the Service or the waypoint's Gateway",
          ),
        ];
      }
      const code = selectorOf(policy).keys().length > 0 ? bySelector : without;
      return [
        note(
          code,
          selectorOf(policy).given ? selectorOf(policy) : "spec",
          "its pods are in ambient, where ztunnel reads no requests: without a waypoint that it is put on, it has no effect",
          "give the namespace a waypoint (istio.io/use-waypoint), and the policy targetRefs",
        ),
      ];
    }
    return targets(policy).flatMap((target): TrafficDraft[] => {
      if (target.at("kind").text() !== "Service") return [];
      const service = index.find("Service", namespace, target.at("name").text() ?? "");
      if (service === undefined || hasWaypoint(service, index)) return [];
      return [
        note(
          without,
          target,
          `requests to ${service.metadata.name} pass no waypoint: the policy has no effect`,
          "label the Service or the namespace istio.io/use-waypoint",
        ),
      ];
    });
  });

/** The Service of ambient that an object is about, if it is one. */
function ambientService(
  object: KubeObject,
  target: ReturnType<typeof hostOf>,
  index: ObjectIndex,
): KubeObject | undefined {
  const [service] = target.service === undefined ? [] : behind(target, namespaceOf(object), index);
  if (service === undefined || service.kind !== "Service") return undefined;
  return namespacePlane(namespaceOf(service), index) === "ambient" ? service : undefined;
}

function judge(
  object: KubeObject,
  service: KubeObject,
  path: string,
  without: TrafficCode,
  elsewhere: TrafficCode,
  index: ObjectIndex,
): TrafficDraft[] {
  const { name } = service.metadata;
  if (!hasWaypoint(service, index)) {
    return [
      note(
        without,
        path,
        `${name} is in ambient, and requests to it pass no waypoint: nobody follows these settings`,
        "label the Service or its namespace istio.io/use-waypoint",
      ),
    ];
  }
  if (namespaceOf(object) === namespaceOf(service)) return [];
  return [
    note(
      elsewhere,
      path,
      `the waypoint of ${name} reads objects of ${namespaceOf(service)}, not of ${namespaceOf(object)}`,
      `move it to ${namespaceOf(service)}`,
    ),
  ];
}

/** Settings of a DestinationRule that are about requests. */
const aboutRequests = (rule: KubeObject) =>
  policiesOf(rule).some(
    ({ field }) =>
      field.at("connectionPool", "http").given ||
      field.at("loadBalancer", "consistentHash").given ||
      field.at("outlierDetection").given,
  ) || specOf(rule).at("subsets").items().length > 0;

const waypointForRule = kindCheck(["KIA0210", "KIA0212"], [kinds.destinationRuleKind], (rule, index) => {
  const service = aboutRequests(rule) ? ambientService(rule, hostOf(rule), index) : undefined;
  return service === undefined ? [] : judge(rule, service, "spec.host", "KIA0210", "KIA0212", index);
});

const waypointForRoutes = kindCheck(["KIA1109", "KIA1114"], [kinds.virtualServiceKind], (object, index) => {
  if (!gatewaysOf(object).includes("mesh") || rulesOf(object, "http").length === 0) return [];
  const hosts = new Set(specOf(object).at("hosts").texts());
  const own = destinationsOf(object).find(({ text, target }) => hosts.has(text) || hosts.has(target.host));
  const service = own === undefined ? undefined : ambientService(object, own.target, index);
  return service === undefined ? [] : judge(object, service, "spec.hosts", "KIA1109", "KIA1114", index);
});

/** Checks for namespaces of the ambient mode; silent everywhere else. */
export const ambientChecks: readonly Check[] = [
  needsWaypoint(kinds.authorizationPolicyKind, "KIA0109", "KIA0110"),
  needsWaypoint(kinds.requestAuthenticationKind, "KIA1110", "KIA1115"),
  needsWaypoint(kinds.wasmPluginKind, "KIA1111", "KIA1116"),
  needsWaypoint(kinds.telemetryKind, "KIA1112", "KIA1117"),
  ...[waypointForRule, waypointForRoutes],
];
