import { namespaceOf } from "../../../lib/workloads";
import { kindCheck, note, type TrafficDraft } from "../define";
import { validPool } from "../destinations/valid";
import { type Field, specOf } from "../field";
import { sidecarKind } from "../kinds";
import { rootNamespace } from "../mesh";
import { isAddress, isLabel, isName, isWildcardName, Notes } from "../notes";
import { dataPlaneOf, namespacePlane } from "../planes";
import { behind, isHttp, namesakes, surelyMissing, targetOf } from "../registry";
import { isWide, selectedBy, selectorOf } from "../selection";
import { isProtocol } from "./service-entries";

function validPort(port: Field, bind: string, notes: Notes): void {
  const name = port.at("name").text() ?? "";
  const protocol = port.at("protocol").text() ?? "";
  if (name !== "" && !isLabel(name))
    notes.refuse(port.at("name"), `${name} is no name of a port`, "write letters, digits and -");
  if (!isProtocol(protocol))
    notes.refuse(
      port.at("protocol"),
      `${protocol} is no protocol that Istio knows`,
      "write HTTP, TCP or the like",
    );
  if ((port.at("targetPort").number() ?? 0) > 0)
    notes.refuse(port.at("targetPort"), "targetPort means nothing here", "take it away");
  const number = port.at("number").number() ?? 0;
  const socket = bind.startsWith("unix://");
  if (number === 0 && !socket)
    notes.refuse(port.at("number"), "port 0 without a socket to bind to", "write 1 to 65535");
  if (number !== 0 && bind !== "" && !isAddress(bind))
    notes.refuse(port, `${bind} is no address to bind to`, "write one");
}

function validIngress(spec: Field, notes: Notes): void {
  const numbers = new Set<number>();
  for (const listener of spec.at("ingress").items()) {
    const port = listener.at("port");
    if (!port.given) {
      notes.refuse(listener, "a listener without port", "add port");
      continue;
    }
    const number = port.at("number").number() ?? 0;
    validPort(port, listener.at("bind").text() ?? "", notes);
    if (numbers.has(number))
      notes.refuse(port.at("number"), `there is a listener at ${number} already`, "keep one");
    numbers.add(number);
    const endpoint = listener.at("defaultEndpoint").text() ?? "";
    if (endpoint !== "" && !/^(unix:\/\/[/@].+|(127\.0\.0\.1|0\.0\.0\.0|\[::1?\])?:\d+)$/.test(endpoint)) {
      notes.refuse(
        listener.at("defaultEndpoint"),
        `${endpoint} is none of the pod's own`,
        "write 127.0.0.1:PORT or 0.0.0.0:PORT",
      );
    }
    const protocol = (port.at("protocol").text() ?? "").toUpperCase();
    if (listener.at("tls").given && !["HTTPS", "TLS"].includes(protocol))
      notes.refuse(listener.at("tls"), `tls on a port with the protocol ${protocol}`, "make it HTTPS or TLS");
    for (const name of [
      "credentialName",
      "credentialNames",
      "subjectAltNames",
      "tlsCertificates",
      "httpsRedirect",
    ]) {
      const at = listener.at("tls", name);
      if (at.given && at.value !== false) notes.refuse(at, `${name} is not for sidecars`, "take it away");
    }
    if (["ISTIO_MUTUAL", "AUTO_PASSTHROUGH"].includes(listener.at("tls", "mode").text() ?? "")) {
      notes.refuse(listener.at("tls", "mode"), "a mode of gateways", "write SIMPLE or MUTUAL");
    }
    validPool(listener.at("connectionPool"), notes);
    if (listener.at("connectionPool", "http").given && !isHttp(protocol))
      notes.warn(
        listener.at("connectionPool", "http"),
        `the port is ${protocol}, so that HTTP limits have no effect`,
        "set tcp limits",
      );
  }
}

function validEgressHosts(listener: Field, own: string, notes: Notes): void {
  const hosts = listener.at("hosts").items();
  if (hosts.length === 0)
    notes.refuse(listener, "a listener without hosts", 'name hosts as "namespace/host"');
  const seen = new Map<string, Set<string>>();
  for (const host of hosts) {
    const text = host.text() ?? "";
    const slash = text.indexOf("/");
    const [place, name] = [text.slice(0, Math.max(slash, 0)), text.slice(slash + 1)];
    const space = place.replace(/^~/, "");
    const good = slash > 0 && (["", "*", "."].includes(space) || isLabel(space)) && name !== "";
    if (!good)
      notes.refuse(
        host,
        `${text || "nothing"} is not of the form namespace/host`,
        `write ./${text} or */${text}`,
      );
    else if (
      name !== "*" &&
      (!name.includes(".") || !isWildcardName(name) || (name.includes("*") && !name.startsWith("*.")))
    ) {
      notes.refuse(
        host,
        `${name} is no full name`,
        `write ${place}/${name}.${place === "*" ? "NAMESPACE" : place === "." ? own : place}.svc.cluster.local`,
      );
    }
    if (!good || place.startsWith("~")) continue;
    const actual = place === "." ? own : place;
    const names = seen.get(actual) ?? new Set<string>();
    if (name === "*" ? names.size > 0 : names.has(name) || names.has("*"))
      notes.warn(host, `${text} is there already`, "keep it once");
    seen.set(actual, names.add(name));
  }
  if (seen.get("*")?.has("*") === true && seen.size > 1)
    notes.warn(
      listener.at("hosts"),
      "*/* is everything; the others add nothing",
      "keep */* alone, or take it away",
    );
}

function validEgress(spec: Field, own: string, notes: Notes): void {
  const listeners = spec.at("egress").items();
  const numbers = new Set<number>();
  for (const [place, listener] of listeners.entries()) {
    const port = listener.at("port");
    if (!port.given) {
      if (place < listeners.length - 1)
        notes.refuse(listener, "a listener for all other ports before the last", "put it last");
    } else {
      const number = port.at("number").number() ?? 0;
      validPort(port, listener.at("bind").text() ?? "", notes);
      if (number !== 0 && numbers.has(number))
        notes.refuse(port.at("number"), `there is a listener at ${number} already`, "keep one");
      numbers.add(number);
    }
    validEgressHosts(listener, own, notes);
  }
}

/** What Istio's webhook refuses or warns of in a Sidecar. */
export const validSidecar = kindCheck(["IST0106", "IST0133"], [sidecarKind], (sidecar) => {
  const notes = new Notes();
  const spec = specOf(sidecar);
  const parts = ["egress", "ingress"].some((name) => spec.at(name).items().length > 0);
  if (!parts && !spec.at("outboundTrafficPolicy").given && !spec.at("inboundConnectionPool").given) {
    notes.refuse(
      spec,
      "a Sidecar without anything in it",
      "give it egress, ingress or outboundTrafficPolicy",
    );
    return notes.drafts;
  }
  if (spec.at("workloadSelector").given && selectorOf(sidecar).keys().length === 0)
    notes.warn(
      spec.at("workloadSelector"),
      "no labels: it is for every workload of the namespace",
      "add labels, or take it away",
    );
  validIngress(spec, notes);
  validEgress(spec, namespaceOf(sidecar), notes);
  validPool(spec.at("inboundConnectionPool"), notes);
  const policy = spec.at("outboundTrafficPolicy");
  const mode = policy.at("mode").text() ?? "REGISTRY_ONLY";
  if (mode === "ALLOW_ANY_DYNAMIC_DNS")
    notes.refuse(
      policy.at("mode"),
      `${mode} is for the mesh config alone`,
      "write ALLOW_ANY or REGISTRY_ONLY",
    );
  const proxy = policy.at("egressProxy");
  if (proxy.given && mode !== "ALLOW_ANY")
    notes.refuse(proxy, "egressProxy without ALLOW_ANY", "write mode: ALLOW_ANY, or take it away");
  else if (proxy.given && (!proxy.at("port").given || !isName(proxy.at("host").text() ?? "")))
    notes.refuse(proxy, "host or port is missing", "add both");
  return notes.drafts;
});

/** Hosts that a Sidecar lets its pods know, and that nobody has. */
export const existingEgress = kindCheck(["KIA1004"], [sidecarKind], (sidecar, index) => {
  const own = namespaceOf(sidecar);
  return specOf(sidecar)
    .at("egress")
    .items()
    .flatMap((listener) => listener.at("hosts").items())
    .flatMap((field): TrafficDraft[] => {
      const [place = "", name = ""] = (field.text() ?? "").split("/");
      if (name === "" || name.includes("*") || place.startsWith("~")) return [];
      const target = targetOf(name, place === "." || place === "*" ? own : place);
      const space = place === "." ? own : place;
      const found = behind(target, own, index).filter(
        (object) => space === "*" || namespaceOf(object) === space,
      );
      if (found.length > 0) return [];
      const elsewhere = target.service === undefined ? [] : namesakes(target.service.name, index);
      if (!surelyMissing(target, index) && elsewhere.length === 0) return [];
      return [
        note(
          "KIA1004",
          field,
          `there is no ${name} in ${space === "*" ? "any namespace" : space}: the entry lets nothing through`,
          "correct the namespace or the name",
        ),
      ];
    });
});

/** The default of the mesh is for every pod, and a mode has to be said. */
export const meshDefault = kindCheck(
  ["KIA1006", "KIA1007"],
  [sidecarKind],
  (sidecar, index): TrafficDraft[] => {
    const policy = specOf(sidecar).at("outboundTrafficPolicy");
    const wide = isWide(sidecar) || namespaceOf(sidecar) !== rootNamespace(index);
    return [
      ...(wide
        ? []
        : [
            note(
              "KIA1006",
              selectorOf(sidecar),
              `a Sidecar in ${rootNamespace(index)} is the default of the mesh, and the selector makes it one for a few pods there`,
              "take the selector away, or move it to the pods' namespace",
            ),
          ]),
      ...(policy.given && !policy.at("mode").given
        ? [
            note(
              "KIA1007",
              policy,
              "without mode it means REGISTRY_ONLY, which is easily taken for no change",
              "write mode: REGISTRY_ONLY or ALLOW_ANY",
            ),
          ]
        : []),
    ];
  },
);

/** Pods of the ambient mode have no sidecar to configure. */
export const sidecarExists = kindCheck(["IST0167"], [sidecarKind], (sidecar, index) => {
  const pods = selectedBy(sidecar, index);
  const ambient = isWide(sidecar)
    ? namespacePlane(namespaceOf(sidecar), index) === "ambient"
    : pods.length > 0 && pods.every((workload) => dataPlaneOf(workload, index) === "ambient");
  if (!ambient) return [];
  return [
    note(
      "IST0167",
      isWide(sidecar) ? "metadata.namespace" : selectorOf(sidecar),
      "its pods are in ambient mode and have no sidecar: it has no effect",
      "take it away",
    ),
  ];
});
