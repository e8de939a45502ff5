import { hostsMeet } from "../../../lib/mesh-hosts";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { gather, kindCheck, listed, note, put, type TrafficDraft } from "../define";
import { type Field, specOf } from "../field";
import { kubeGatewayKind } from "../kinds";
import { namesakes, portsOf } from "../registry";
import { listenersOf } from "./gateways";

const routeKinds = ["HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"].map(
  (kind) => `gateway.networking.k8s.io/${kind}`,
);

/** Whether a listener lets routes of a namespace in. */
function lets(listener: Field, gatewayNamespace: string, namespace: string, index: ObjectIndex): boolean {
  const from = listener.at("allowedRoutes", "namespaces", "from").text() ?? "Same";
  if (from === "All") return true;
  if (from === "Same") return namespace === gatewayNamespace;
  const labels = index.namespaceLabels(namespace);
  const wanted = listener.at("allowedRoutes", "namespaces", "selector", "matchLabels").labels();
  // Where the namespace is not declared, its labels are not known.
  return labels === undefined || Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function refused(
  route: KubeObject,
  parent: Field,
  gateway: KubeObject,
  index: ObjectIndex,
): string | undefined {
  const [section, port] = [parent.at("sectionName").text(), parent.at("port").number()];
  const own = namespaceOf(route);
  const named = listenersOf(gateway).filter(
    (one) => (section === undefined || one.name === section) && (port === undefined || one.port === port),
  );
  if (named.length === 0) return `has no listener ${section ?? port}`;
  const open = named.filter(({ field }) => lets(field, namespaceOf(gateway), own, index));
  if (open.length === 0) return `takes no routes of the namespace ${own}`;
  const hosts = specOf(route).at("hostnames").texts();
  if (hosts.length === 0) return undefined;
  const meets = open.some(
    ({ hostname }) => hostname === "" || hosts.some((host) => hostsMeet(host, hostname)),
  );
  return meets ? undefined : `takes none of the hosts ${hosts.join(", ")}`;
}

/** A route takes effect through the Gateways or Services that it names as parents. */
export const existingParents = kindCheck(["KIA1401"], routeKinds, (route, index) =>
  specOf(route)
    .at("parentRefs")
    .items()
    .flatMap((parent): TrafficDraft[] => {
      if ((parent.at("kind").text() ?? "Gateway") !== "Gateway") return [];
      const namespace = parent.at("namespace").text() ?? namespaceOf(route);
      const name = parent.at("name").text() ?? "";
      const gateway = index.find(kubeGatewayKind, namespace, name);
      if (gateway === undefined) {
        const certain = index.owns(namespace);
        return [
          note(
            "KIA1401",
            parent,
            `there is no Gateway ${namespace}/${name}${certain ? ": the route has no effect" : " here; whether others make it is not known"}`,
            "declare it, or correct name and namespace",
            certain ? "error" : "info",
          ),
        ];
      }
      const why = refused(route, parent, gateway, index);
      return why === undefined
        ? []
        : [
            note(
              "KIA1401",
              parent,
              `the Gateway ${namespace}/${name} ${why}: the route has no effect`,
              "widen the listener, or correct the route",
            ),
          ];
    }),
);

/** Namespaces whose routes may lead to Services of another one. */
const grants = (index: ObjectIndex) =>
  gather(
    index,
    "grants",
    ["gateway.networking.k8s.io/ReferenceGrant"],
    () => new Map<string, { readonly from: string; readonly to: string }[]>(),
    (all, grant) => {
      const targets = specOf(grant)
        .at("to")
        .items()
        .filter((to) => (to.at("kind").text() ?? "") === "Service");
      for (const from of specOf(grant).at("from").items()) {
        for (const to of targets) {
          put(all, namespaceOf(grant), {
            from: `${from.at("kind").text()} ${from.at("namespace").text()}`,
            to: to.at("name").text() ?? "",
          });
        }
      }
    },
  );

function backend(route: KubeObject, reference: Field, index: ObjectIndex): TrafficDraft[] {
  const [group, kind] = [reference.at("group").text() ?? "", reference.at("kind").text() ?? "Service"];
  const name = reference.at("name").text() ?? "";
  if (kind !== "Service" || group !== "" || name === "") return [];
  const own = namespaceOf(route);
  const namespace = reference.at("namespace").text() ?? own;
  const service = index.find("Service", namespace, name);
  if (service === undefined) {
    const places = namesakes(name, index);
    const certain = index.owns(namespace) || places.length > 0;
    return [
      note(
        "KIA1402",
        reference,
        `there is no Service ${namespace}/${name}${certain ? ": requests end in 500" : " here; whether others make it is not known"}`,
        places.length > 0 ? `add namespace: ${listed(places)}` : "declare it, or correct the name",
        certain ? "error" : "info",
      ),
    ];
  }
  const port = reference.at("port").number();
  const numbers = portsOf(service).map(({ number }) => number);
  if (port !== undefined && numbers.length > 0 && !numbers.includes(port)) {
    return [
      note(
        "KIA1402",
        reference.at("port"),
        `the Service ${namespace}/${name} has the ports ${numbers.join(", ")}, not ${port}`,
        "write one of its ports",
      ),
    ];
  }
  if (namespace === own) return [];
  const { entries, vague } = grants(index);
  const granted = (entries.get(namespace) ?? []).some(
    ({ from, to }) => from === `${route.kind} ${own}` && (to === "" || to === name),
  );
  if (granted || (!index.owns(namespace) && !index.closed)) return [];
  if (vague !== undefined) throw vague;
  return [
    note(
      "KIA1402",
      reference,
      `no ReferenceGrant in ${namespace} lets a ${route.kind} of ${own} lead to ${name}: requests end in 500`,
      `add a ReferenceGrant to ${namespace}`,
    ),
  ];
}

/** Services that routes lead and mirror to. */
export const existingBackends = kindCheck(["KIA1402"], routeKinds, (route, index) =>
  specOf(route)
    .at("rules")
    .items()
    .flatMap((rule) => [
      ...rule.at("backendRefs").items(),
      ...rule
        .at("filters")
        .items()
        .map((filter) => filter.at("requestMirror", "backendRef"))
        .filter((at) => at.given),
    ])
    .flatMap((reference) => backend(route, reference, index)),
);
