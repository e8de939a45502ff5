import { entryAt, fieldOf, itemsAt, mapAt, numberAt, showLabels, textAt, titleFor } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { namespaceOf, type Workload } from "../../lib/workloads";
import { containersOf, injectionOf } from "../injection-objects";
import { kindCheck, type MeshDraft } from "./define";

/** Protocols that Istio reads out of a port's name, before its first hyphen. */
const protocols = [
  ...["http", "http2", "https", "http_proxy", "grpc", "grpc-web"],
  ...["tcp", "tls", "udp", "mongo", "mysql", "redis"],
];
const kubernetesProtocols = ["kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss"];
/** SMTP, DNS, MySQL, MongoDB: there the server speaks first or sniffing breaks it, so that Istio takes them for TCP. */
const alwaysTcp = [25, 53, 3306, 27017];

/** Whether Istio knows what a port carries without listening to its traffic. */
export function tellsProtocol(port: {
  readonly name: string;
  readonly number: number;
  readonly protocol: string | undefined;
  readonly appProtocol: string | undefined;
}): boolean {
  const { appProtocol, protocol } = port;
  if (protocol === "UDP" || alwaysTcp.includes(port.number)) return true;
  if (appProtocol !== undefined && kubernetesProtocols.includes(appProtocol)) return true;
  const name = (appProtocol ?? port.name).toLowerCase();
  return name.startsWith("grpc-web") || protocols.includes(name.split("-")[0] ?? "");
}

/** Services that Istio makes for Gateways of the Gateway API, and those of Istio's own charts. */
const isIstios = (service: KubeObject) =>
  entryAt(service, "metadata.labels", "gateway.istio.io/managed") !== undefined ||
  entryAt(service, "metadata.labels", "istio") !== undefined ||
  entryAt(service, "metadata.labels", "release") === "istio";

export const portNames = kindCheck(["IST0118", "IST0150"], ["Service"], (service) => {
  if (isIstios(service)) return [];
  const outside = textAt(service, "spec.type") === "ExternalName";
  return itemsAt(service, "spec.ports").flatMap((path): MeshDraft[] => {
    const name = textAt(service, `${path}.name`) ?? "";
    const number = numberAt(service, `${path}.port`) ?? 0;
    const protocol = textAt(service, `${path}.protocol`);
    const appProtocol = textAt(service, `${path}.appProtocol`);
    const clear = tellsProtocol({ name, number, protocol, appProtocol });
    if (clear && !(outside && name === "tcp")) return [];
    const field = appProtocol === undefined ? `${path}.name` : `${path}.appProtocol`;
    const given = `port ${number} is called ${JSON.stringify(appProtocol ?? name)}`;
    if (outside) {
      return [
        {
          code: "IST0150",
          path: field,
          message: `${given} on an ExternalName Service: the proxy would take all traffic of this port for it`,
          change: "name the port by its protocol, like http or https",
        },
      ];
    }
    return [
      {
        code: "IST0118",
        path: field,
        message: `${given}, from which Istio reads no protocol: it listens to the first bytes, and HTTP rules are left out where that fails`,
        change: `name it PROTOCOL or PROTOCOL-WORD, like http-${name || "web"}; or set appProtocol`,
      },
    ];
  });
});

/** Requests to such a Service are refused at once. */
export const leadsSomewhere = kindCheck(["MP0201"], ["Service"], (service, index) => {
  const selector = mapAt(service, "spec.selector");
  const namespace = namespaceOf(service);
  if (Object.keys(selector).length === 0 || textAt(service, "spec.type") === "ExternalName") return [];
  if (!index.owns(namespace) || index.selected(selector, namespace).length > 0) return [];
  return [
    {
      code: "MP0201",
      path: "spec.selector",
      message: `no pods in ${namespace} have ${showLabels(selector)}: the Service has no endpoints, and requests end in 503`,
      change:
        "correct the selector or the labels of the pods; where others make the pods, declare them as external",
    },
  ];
});

const offers = (workload: Workload, index: ObjectIndex, target: string | number): boolean | undefined => {
  const { object } = workload;
  const containers = containersOf(workload);
  // A gateway opens what Gateways ask for.
  if (containers.every(({ name }) => name === "istio-proxy")) return undefined;
  const ports = containers.flatMap(({ path }) => itemsAt(object, `${path}.ports`));
  const field = typeof target === "string" ? "name" : "containerPort";
  if (ports.some((port) => fieldOf(object, `${port}.${field}`) === target)) return true;
  // A number needs no declaration; only pods that declare others make it doubtful. The sidecar brings ports of its own.
  if (typeof target === "number" && (ports.length === 0 || target >= 15000)) return undefined;
  return target === "http-envoy-prom" && injectionOf(workload, index)?.injected === true;
};

/** A named target port has to be there; a number only raises doubts. */
export const offeredPorts = kindCheck(["KIA0701"], ["Service"], (service, index) => {
  const selector = mapAt(service, "spec.selector");
  if (Object.keys(selector).length === 0) return [];
  const workloads = index.selected(selector, namespaceOf(service));
  return itemsAt(service, "spec.ports").flatMap((path): MeshDraft[] => {
    const target = fieldOf(service, `${path}.targetPort`) ?? numberAt(service, `${path}.port`);
    if (typeof target !== "number" && typeof target !== "string") return [];
    const without = workloads.filter((workload) => offers(workload, index, target) === false);
    if (without.length === 0 || without.length < workloads.length) return [];
    return [
      {
        code: "KIA0701",
        severity: typeof target === "string" ? "error" : "warning",
        path: `${path}.targetPort`,
        message: `no container of ${without.map(({ object }) => titleFor(object)).join(", ")} has a port ${target}`,
        change: "name a port that the containers declare, or declare it there",
      },
    ];
  });
});
