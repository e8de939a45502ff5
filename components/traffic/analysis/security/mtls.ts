import { titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { containersOf } from "../../../mesh/injection-objects";
import { gather, kindCheck, listed, note, put, type TrafficDraft } from "../define";
import { hostOf, podsBehind, policiesOf } from "../destination-rules";
import { type Field, specOf } from "../field";
import { destinationRuleKind, peerAuthenticationKind } from "../kinds";
import { meshSettings, rootNamespace } from "../mesh";
import { dataPlaneOf } from "../planes";
import { isWide, selectedBy } from "../selection";
import { namespaceMode, peerMode } from "./peer-modes";

/** `shop` for a rule over all Services of a namespace, `*` for one over all of the mesh. */
function wideHost(rule: KubeObject): string | undefined {
  const { host } = hostOf(rule);
  if (host === "*" || host === "*.local" || /^\*\.svc\.[a-z0-9.-]+$/.test(host)) return "*";
  return /^\*\.([^.]+)\.svc\.[a-z0-9.-]+$/.exec(host)?.[1];
}

const modeAt = (policy: Field) => policy.at("tls", "mode");
const plain = ["DISABLE", "SIMPLE", "MUTUAL"];

/** What a rule makes proxies do, against what pods take. */
function against(
  rule: KubeObject,
  at: Field,
  port: number | undefined,
  subset: Field | undefined,
  index: ObjectIndex,
): TrafficDraft[] {
  const mode = at.text() ?? "";
  const wide = wideHost(rule);
  const decisions =
    wide === undefined
      ? (podsBehind(rule, subset, index) ?? [])
          .filter((workload) => dataPlaneOf(workload, index) !== "none")
          .map((workload) => peerMode(workload, port, index))
      : [namespaceMode(wide === "*" ? rootNamespace(index) : wide, index)];
  const strict = decisions.find((one) => one.mode === "STRICT");
  if (plain.includes(mode) && strict !== undefined) {
    const who = strict.policy === undefined ? "the default" : titleFor(strict.policy);
    return [
      note(
        wide === "*" ? "KIA0208" : "KIA0207",
        at,
        `${mode} sends no mutual TLS, and ${who} makes the pods insist on it: requests end in 503`,
        "write ISTIO_MUTUAL, or take tls away so that Istio decides; or make the policy PERMISSIVE",
      ),
    ];
  }
  const off = decisions.find((one) => one.mode === "DISABLE");
  if (mode === "ISTIO_MUTUAL" && off?.policy !== undefined) {
    return [
      note(
        wide === "*" ? "KIA0506" : "KIA0505",
        at,
        `ISTIO_MUTUAL encrypts, and ${titleFor(off.policy)} makes the pods take plain connections alone: requests end in 503`,
        "take tls away so that Istio decides, or make the policy PERMISSIVE",
      ),
    ];
  }
  if (
    mode === "ISTIO_MUTUAL" &&
    wide !== undefined &&
    decisions.every(({ policy }) => policy === undefined)
  ) {
    return [
      note(
        wide === "*" ? "KIA0205" : "KIA0206",
        at,
        "clients encrypt, and the pods take plain connections, too, as no PeerAuthentication says otherwise",
        `add a PeerAuthentication with mode STRICT in ${wide === "*" ? rootNamespace(index) : wide}, or take the rule away: Istio encrypts by itself`,
      ),
    ];
  }
  return [];
}

/** Both ends of a connection have to want the same. */
export const bothEndsAgree = kindCheck(
  ["KIA0205", "KIA0206", "KIA0207", "KIA0208", "KIA0505", "KIA0506"],
  [destinationRuleKind],
  (rule, index) =>
    policiesOf(rule).flatMap(({ field, level, subset }) => {
      const at = modeAt(field);
      const port = level === "port" ? field.at("port", "number").number() : undefined;
      return at.given ? against(rule, at, port, subset, index) : [];
    }),
);

/** Rules over many hosts that say something of TLS, by what they are over. */
const wideTls = (index: ObjectIndex) =>
  gather(
    index,
    "wide tls",
    [destinationRuleKind],
    () => new Map<string, KubeObject[]>(),
    (all, rule) => {
      const wide = wideHost(rule);
      if (wide !== undefined && modeAt(specOf(rule).at("trafficPolicy")).given) put(all, wide, rule);
    },
  ).entries;

/** A rule for one host replaces the wider one as a whole, and its TLS settings with it. */
export const keepsWiderTls = kindCheck(["KIA0204"], [destinationRuleKind], (rule, index) => {
  const policy = specOf(rule).at("trafficPolicy");
  const { service } = hostOf(rule);
  if (wideHost(rule) !== undefined || service === undefined || modeAt(policy).given) return [];
  const wider = [...(wideTls(index).get(service.namespace) ?? []), ...(wideTls(index).get("*") ?? [])][0];
  if (wider === undefined) return [];
  const mode = modeAt(specOf(wider).at("trafficPolicy")).text();
  return [
    note(
      "KIA0204",
      policy.given ? policy : specOf(rule).at("host"),
      `${titleFor(wider)} says tls ${mode} for more hosts, and this rule replaces it for ${hostOf(rule).host}`,
      `repeat tls.mode ${mode} in trafficPolicy where it is meant here, too`,
    ),
  ];
});

/** Without automatic mutual TLS nobody encrypts but who is told to. */
export const strictNeedsRules = kindCheck(
  ["KIA0401", "KIA0501"],
  [peerAuthenticationKind],
  (policy, index) => {
    if (meshSettings(index).autoMtls || !isWide(policy)) return [];
    const at = specOf(policy).at("mtls", "mode");
    const namespace = namespaceOf(policy);
    const mesh = namespace === rootNamespace(index);
    const wide = [...(wideTls(index).get("*") ?? []), ...(mesh ? [] : (wideTls(index).get(namespace) ?? []))];
    const told = wide.some((rule) => modeAt(specOf(rule).at("trafficPolicy")).text() === "ISTIO_MUTUAL");
    if (at.text() !== "STRICT" || told) return [];
    return [
      note(
        mesh ? "KIA0401" : "KIA0501",
        at,
        "the mesh config turns automatic mutual TLS off, and no DestinationRule asks for it: all requests end in 503",
        `add a DestinationRule for ${mesh ? "*.local" : `*.${namespace}.svc.cluster.local`} with tls.mode ISTIO_MUTUAL, or turn enableAutoMtls on`,
      ),
    ];
  },
);

const strictAt = (policy: KubeObject) => specOf(policy).at("mtls", "mode");

/** Pods without a proxy cannot speak mutual TLS; they lose what they call. */
export const everyoneSpeaksTls = kindCheck(["MP0601"], [peerAuthenticationKind], (policy, index) => {
  if (strictAt(policy).text() !== "STRICT" || !isWide(policy)) return [];
  const namespace = namespaceOf(policy);
  const mesh = namespace === rootNamespace(index);
  const all = mesh ? index.workloads : index.workloadsIn(namespace);
  const bare = all.filter(({ namespace: own }) => own !== rootNamespace(index) && own !== "kube-system");
  const names = bare
    .filter((workload) => dataPlaneOf(workload, index) === "none")
    .map(({ object }) => titleFor(object));
  if (names.length === 0) return [];
  return [
    note(
      "MP0601",
      strictAt(policy),
      `${listed(names)} has no proxy: it cannot call pods that insist on mutual TLS`,
      "bring its pods into the mesh, or write PERMISSIVE until they are",
    ),
  ];
});

/** It counts ports of pods, not of Services. */
export const portsOfPods = kindCheck(["MP0602"], [peerAuthenticationKind], (policy, index) => {
  const pods = selectedBy(policy, index);
  if (pods.length === 0) return [];
  const declared = pods.flatMap((workload) =>
    containersOf(workload).flatMap(({ path }) => {
      const list = new Set<number>();
      const value = path
        .split(/[.[\]]+/)
        .filter(Boolean)
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], workload.object);
      for (const port of (value as { ports?: { containerPort?: number }[] })?.ports ?? [])
        if (port?.containerPort) list.add(port.containerPort);
      return [...list];
    }),
  );
  const served = pods.flatMap((workload) =>
    index.servicesOf(workload).flatMap((service) =>
      specOf(service)
        .at("ports")
        .items()
        .map((port) => port.at("targetPort").number() ?? port.at("port").number() ?? 0),
    ),
  );
  const known = new Set([...declared, ...served]);
  // Pods that name no port at all may listen anywhere.
  if (known.size === 0) return [];
  return specOf(policy)
    .at("portLevelMtls")
    .entries()
    .filter(([port]) => !known.has(Number(port)))
    .map(([port, at]) =>
      note(
        "MP0602",
        at,
        `its pods have the ports ${[...known].sort((a, b) => a - b).join(", ")}, not ${port}: the setting has no effect`,
        "write the port of the container, not that of the Service",
      ),
    );
});

/** Whoever comes from outside the mesh has no certificate of it. */
export const outsideCanCall = kindCheck(["MP0607"], ["Service"], (service, index) => {
  const type = specOf(service).at("type").text() ?? "ClusterIP";
  const selector = specOf(service).at("selector").labels();
  if (!["NodePort", "LoadBalancer"].includes(type) || Object.keys(selector).length === 0) return [];
  const pods = index.selected(selector, namespaceOf(service));
  return specOf(service)
    .at("ports")
    .items()
    .flatMap((port): TrafficDraft[] => {
      const target = port.at("targetPort").number() ?? port.at("port").number();
      const gateway = (workload: (typeof pods)[number]) =>
        containersOf(workload).every(({ name }) => name === "istio-proxy");
      const strict = pods.find(
        (workload) =>
          !gateway(workload) &&
          dataPlaneOf(workload, index) === "sidecar" &&
          peerMode(workload, target, index).mode === "STRICT",
      );
      if (strict === undefined) return [];
      const who = peerMode(strict, target, index).policy;
      return [
        note(
          "MP0607",
          port,
          `it is open to the outside (${type}), and ${who === undefined ? "the default" : titleFor(who)} takes mutual TLS alone: clients from outside are cut off`,
          "let them come through a gateway, or make this port PERMISSIVE by portLevelMtls",
        ),
      ];
    });
});
