import { fieldOf, itemsAt, numberAt, showLabels, titleFor } from "../../lib/fields";
import type { ObjectIndex } from "../../lib/object-index";
import type { KubeObject } from "../../lib/objects";
import { kindCheck, type MeshDraft } from "./define";
import { gatewayKind, seatOf, serversOf } from "./gateway-parts";

/** Selectors that would reach a gateway: what pods and Services have under the same label. */
const knownSeats = (key: string, index: ObjectIndex): readonly string[] =>
  index.once(`gateways by ${key}`, () => readSeats(key, index));

function readSeats(key: string, index: ObjectIndex): string[] {
  const values = [
    ...index.workloads.map(({ labels }) => labels?.[key]),
    ...index.ofKind("Service").map((service) => {
      const selector = fieldOf(service, "spec.selector") as Record<string, unknown> | undefined;
      return selector?.[key];
    }),
  ];
  const texts = values.filter((value) => typeof value === "string" && value !== "pilot");
  return [...new Set(texts)].sort().map((value) => `${key}=${String(value)}`);
}

/** Without a workload the Gateway opens no port anywhere. */
export const gatewayWorkload = kindCheck(["IST0101"], [gatewayKind], (gateway, index) => {
  const { selector, namespaces } = seatOf(gateway, index);
  const key = Object.keys(selector)[0];
  if (key === undefined || namespaces.length > 0) return [];
  const known = knownSeats(key, index);
  const certain = index.closed || known.length > 0;
  return [
    {
      code: "IST0101",
      severity: certain ? "error" : "info",
      path: "spec.selector",
      message: `no pods have ${showLabels(selector)}${certain ? ": the Gateway opens no port" : " here; whether others make them is not known"}`,
      change:
        known.length > 0
          ? `write ${known.join(" or ")}`
          : "add the gateway's workload, or declare one that is there already as external",
    },
  ];
});

/** Ports at which Services reach the pods, and those that they are asked at. */
function servedPorts(services: readonly KubeObject[]): Set<number> {
  const ports = services.flatMap((service) =>
    itemsAt(service, "spec.ports").flatMap((path) => [
      numberAt(service, `${path}.targetPort`),
      numberAt(service, `${path}.port`),
    ]),
  );
  return new Set(ports.filter((port) => port !== undefined));
}

/** Envoy would listen, and nobody outside the pod could ask. */
export const gatewayPorts = kindCheck(["IST0162"], [gatewayKind], (gateway, index) => {
  const { services, workloads } = seatOf(gateway, index);
  const direct = workloads.some(({ object, spec }) => fieldOf(object, `${spec}.hostNetwork`) === true);
  if (services.length === 0 || direct) return [];
  const served = servedPorts(services);
  return serversOf(gateway)
    .filter(({ port }) => port > 0 && !served.has(port))
    .map(({ path, port }): MeshDraft => {
      const names = services.map(titleFor).sort().join(", ");
      const list = [...served].sort((a, b) => a - b).join(", ");
      return {
        code: "IST0162",
        path: `${path}.port.number`,
        message: `${names} has no port ${port}: from outside the pod it cannot be reached`,
        change: `add port ${port} to the Service, or use one of ${list}`,
      };
    });
});

const secure = ["HTTPS", "TLS"];
const needsCertificate = ["SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"];

/** What istiod's own webhook refuses, so that `up` would end in the middle. */
export const validGateway = kindCheck(["IST0106"], [gatewayKind], (gateway) => {
  const servers = serversOf(gateway);
  const names = new Map<string, string>();
  return servers.flatMap(({ path, portName, protocol, hosts, tlsMode, credentialName }): MeshDraft[] => {
    const refuse = (field: string, message: string, change: string): MeshDraft => ({
      code: "IST0106",
      path: `${path}.${field}`,
      message,
      change,
    });
    const first = names.get(portName);
    if (first === undefined) names.set(portName, path);
    const given = ["credentialNames", "serverCertificate", "tlsCertificates"].some(
      (field) => fieldOf(gateway, `${path}.tls.${field}`) !== undefined,
    );
    const redirects = fieldOf(gateway, `${path}.tls.httpsRedirect`) === true;
    return [
      ...(first === undefined
        ? []
        : [
            refuse(
              "port.name",
              `the port name ${portName} is also that of ${first}`,
              "give each server's port a name of its own",
            ),
          ]),
      ...(hosts.length > 0
        ? []
        : [refuse("hosts", "the server has no hosts", 'name its hosts, or "*" for all')]),
      ...(secure.includes(protocol) && tlsMode === undefined
        ? [
            refuse(
              "tls",
              `${protocol} without tls: nothing says what to do with the encryption`,
              "add tls with a mode, like SIMPLE and a credentialName, or PASSTHROUGH",
            ),
          ]
        : []),
      ...(!secure.includes(protocol) && tlsMode !== undefined && !redirects
        ? [
            refuse(
              "tls",
              `tls on a port with the protocol ${protocol}`,
              "make the protocol HTTPS or TLS, or take tls away",
            ),
          ]
        : []),
      ...(secure.includes(protocol) &&
      needsCertificate.includes(tlsMode ?? "") &&
      credentialName === undefined &&
      !given
        ? [
            refuse(
              "tls.credentialName",
              `mode ${tlsMode} without a certificate`,
              "name the Secret with the certificate by credentialName",
            ),
          ]
        : []),
    ];
  });
});
