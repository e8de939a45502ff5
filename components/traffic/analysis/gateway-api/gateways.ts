import { titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { gather, kindCheck, note, others, put, type TrafficDraft } from "../define";
import { type Field, specOf } from "../field";
import { kubeGatewayKind } from "../kinds";

export interface Listener {
  readonly field: Field;
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  /** Empty for every host. */
  readonly hostname: string;
}

export const listenersOf = (gateway: KubeObject): Listener[] =>
  specOf(gateway)
    .at("listeners")
    .items()
    .map((field) => ({
      field,
      name: field.at("name").text() ?? "",
      port: field.at("port").number() ?? 0,
      protocol: field.at("protocol").text() ?? "",
      hostname: field.at("hostname").text() ?? "",
    }));

/** Listeners with one of these protocols share a port, each for its hosts; others have it alone. */
const distinctKey = ({ port, protocol, hostname }: Listener) =>
  ["TCP", "UDP"].includes(protocol) ? `${port} ${protocol}` : `${port} ${protocol} ${hostname}`;

/** A Gateway with two of a kind is not accepted. */
export const distinctListeners = kindCheck(["KIA1503"], [kubeGatewayKind], (gateway) => {
  const seen = new Map<string, string>();
  return listenersOf(gateway).flatMap((listener): TrafficDraft[] => {
    const keys = [distinctKey(listener), `name ${listener.name}`];
    const first = keys.map((key) => seen.get(key)).find((name) => name !== undefined);
    for (const key of keys) if (!seen.has(key)) seen.set(key, listener.name);
    if (first === undefined) return [];
    return [
      note(
        "KIA1503",
        listener.field,
        `the listener ${first} has the same ${first === listener.name ? "name" : "port, protocol and hostname"}: neither is accepted`,
        "give each a name and a hostname or port of its own",
      ),
    ];
  });
});

const addresses = (gateway: KubeObject) =>
  specOf(gateway)
    .at("addresses")
    .items()
    .map((address) => `${address.at("type").text() ?? "IPAddress"} ${address.at("value").text() ?? ""}`);

interface Claims {
  readonly addresses: Map<string, string[]>;
  readonly listeners: Map<string, string[]>;
}

const claims = (index: ObjectIndex) =>
  gather(
    index,
    "kube gateways",
    [kubeGatewayKind],
    (): Claims => ({ addresses: new Map(), listeners: new Map() }),
    (all, gateway) => {
      for (const address of addresses(gateway)) {
        put(all.addresses, address, titleFor(gateway));
        for (const listener of listenersOf(gateway))
          put(all.listeners, `${address} ${distinctKey(listener)}`, titleFor(gateway));
      }
    },
  ).entries;

/** What one address can have only once. */
export const ownAddresses = kindCheck(["KIA1501", "KIA1502"], [kubeGatewayKind], (gateway, index) => {
  const own = titleFor(gateway);
  const listeners = listenersOf(gateway);
  return addresses(gateway).flatMap((address): TrafficDraft[] => {
    const same = listeners
      .map(
        (listener) =>
          [
            listener,
            others(claims(index).listeners.get(`${address} ${distinctKey(listener)}`) ?? [], own),
          ] as const,
      )
      .filter(([, names]) => names !== "");
    if (same.length > 0) {
      return same.map(([{ field, port, protocol }, names]) =>
        note(
          "KIA1501",
          field,
          `${names} has ${protocol} at port ${port} of ${address}, too, for the same hosts`,
          "give each its own hosts, port or address",
        ),
      );
    }
    const names = others(claims(index).addresses.get(address) ?? [], own);
    return names === ""
      ? []
      : [
          note(
            "KIA1502",
            "spec.addresses",
            `${names} asks for ${address}, too: one of them gets it`,
            "give each its own address, or put the listeners into one Gateway",
          ),
        ];
  });
});

/** Classes that Istio has by itself. */
const builtIn = [
  "istio",
  "istio-remote",
  "istio-waypoint",
  "istio-east-west",
  "agentgateway",
  "istio-agentgateway",
];

export const existingClass = kindCheck(["KIA1504"], [kubeGatewayKind], (gateway, index) => {
  const at = specOf(gateway).at("gatewayClassName");
  const name = at.text() ?? "";
  if (name === "" || builtIn.includes(name)) return [];
  if (index.find("gateway.networking.k8s.io/GatewayClass", "", name) !== undefined) return [];
  return [
    note(
      "KIA1504",
      at,
      `there is no GatewayClass ${name}${index.closed ? ": nobody makes the gateway" : " here; whether others make it is not known"}`,
      `write ${builtIn[0]}, or declare the class`,
      index.closed ? "error" : "info",
    ),
  ];
});

/** Grants for namespaces that nobody makes. */
export const grantedNamespaces = kindCheck(
  ["KIA1601"],
  ["gateway.networking.k8s.io/ReferenceGrant"],
  (grant, index) =>
    specOf(grant)
      .at("from")
      .items()
      .map((from) => from.at("namespace"))
      .filter(
        (at) =>
          (at.text() ?? "") !== "" &&
          index.namespace(at.text() ?? "") === undefined &&
          at.text() !== namespaceOf(grant),
      )
      .map((at) =>
        note(
          "KIA1601",
          at,
          `there is no namespace ${at.text()}${index.closed ? "" : " here; whether others make it is not known"}`,
          "correct the name, or declare the namespace",
          index.closed ? undefined : "info",
        ),
      ),
);
