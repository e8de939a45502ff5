import { entryAt, titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { gather, kindCheck, note, others, put, type TrafficDraft } from "../define";
import { type Field, rootOf, specOf } from "../field";
import { serviceEntryKind } from "../kinds";
import { meshSettings } from "../mesh";
import { isAddress, isLabel, isName, isRange, isWildcardName, Notes } from "../notes";
import { isHttp, portsOf, seenFrom } from "../registry";

const protocols = [
  "HTTP",
  "HTTP2",
  "HTTPS",
  "GRPC",
  "GRPC-WEB",
  "GRPC-WEB",
  "TLS",
  "TCP",
  "UDP",
  "MONGO",
  "REDIS",
  "MYSQL",
  "HTTP_PROXY",
];

/** Whether Istio knows a protocol of a port. */
export const isProtocol = (text: string) => text === "" || protocols.includes(text.toUpperCase());

function validHosts(spec: Field, resolution: string, notes: Notes): void {
  const hosts = spec.at("hosts").items();
  const endpoints = spec.at("endpoints").items().length;
  if (hosts.length === 0) notes.refuse(spec, "an entry without hosts", "name the hosts");
  for (const host of hosts) {
    const text = host.text() ?? "";
    if (!isWildcardName(text))
      notes.refuse(host, `${text || "nothing"} is no host`, "write a name, or *.name");
    else if (resolution === "DYNAMIC_DNS") {
      if (!text.startsWith("*"))
        notes.refuse(
          host,
          `${text} is no wildcard, and DYNAMIC_DNS is for those`,
          "write *.name, or use DNS",
        );
    } else if (text !== "*" && text.startsWith("*") && !text.startsWith("*.")) {
      notes.warn(host, `${text} is half a wildcard`, "write *.name");
    }
    if (resolution.startsWith("DNS") && endpoints === 0 && isWildcardName(text) && !isName(text)) {
      notes.refuse(
        host,
        `${text} cannot be resolved: it is no full name, and there are no endpoints`,
        "name hosts in full, or use DYNAMIC_DNS or NONE",
      );
    }
  }
}

function validPorts(spec: Field, allocated: boolean, notes: Notes): void {
  const names = new Set<string>();
  for (const port of spec.at("ports").items()) {
    const [name, protocol] = [port.at("name").text() ?? "", port.at("protocol").text() ?? ""];
    if (names.has(name))
      notes.refuse(port.at("name"), `there is a port ${name} already`, "give each its own name");
    names.add(name);
    if (!isLabel(name))
      notes.refuse(
        port.at("name"),
        `${name || "nothing"} is no name of a port`,
        "write letters, digits and -",
      );
    if (!isProtocol(protocol))
      notes.refuse(
        port.at("protocol"),
        `${protocol} is no protocol that Istio knows`,
        "write HTTP, HTTPS, TLS, TCP, GRPC or HTTP2",
      );
    if (
      ["", "TCP"].includes(protocol.toUpperCase()) &&
      spec.at("addresses").items().length === 0 &&
      !allocated
    ) {
      notes.drafts.push(
        note(
          "IST0134",
          port,
          "a TCP port without addresses: it takes whatever goes to this port, wherever it goes",
          "add addresses, or let Istio allocate them",
        ),
      );
    }
  }
}

function validEndpoints(spec: Field, resolution: string, notes: Notes): void {
  const names = spec
    .at("ports")
    .items()
    .map((port) => port.at("name").text() ?? "");
  for (const endpoint of spec.at("endpoints").items()) {
    const address = endpoint.at("address").text() ?? "";
    const socket = address.startsWith("unix://");
    if (resolution === "STATIC" && address !== "" && !socket && !isAddress(address)) {
      notes.refuse(
        endpoint.at("address"),
        `${address} is no address, and the resolution is STATIC`,
        "write an address, or use DNS",
      );
    }
    if (resolution.startsWith("DNS") && !isAddress(address) && !isName(address)) {
      notes.refuse(
        endpoint.at("address"),
        `${address || "nothing"} is neither a name nor an address`,
        "write one of them",
      );
    }
    for (const [name, port] of endpoint.at("ports").entries()) {
      if (!names.includes(name))
        notes.refuse(port, `the entry has no port ${name}`, `write one of ${names.join(", ")}`);
    }
  }
}

function validDynamic(spec: Field, notes: Notes): void {
  for (const name of ["addresses", "endpoints"]) {
    if (spec.at(name).items().length > 0)
      notes.refuse(
        spec.at(name),
        `${name} beside DYNAMIC_DNS, which asks for the name of each request`,
        "take them away",
      );
  }
  for (const port of spec.at("ports").items()) {
    const protocol = (port.at("protocol").text() ?? "").toUpperCase();
    if (!["HTTP", "TLS", "GRPC", "HTTP2"].includes(protocol)) {
      notes.refuse(
        port.at("protocol"),
        `${protocol || "nothing"} does not name the host that is meant`,
        "write HTTP, HTTP2, GRPC or TLS",
      );
    }
  }
}

/** What Istio's webhook refuses or warns of in a ServiceEntry. */
export const validServiceEntry = kindCheck(
  ["IST0106", "IST0133", "IST0134"],
  [serviceEntryKind],
  (entry, index) => {
    const notes = new Notes();
    const spec = specOf(entry);
    const resolution = spec.at("resolution").text() ?? "NONE";
    const disabled =
      entryAt(entry, "metadata.labels", "networking.istio.io/enable-autoallocate-ip") === "false";
    const status = rootOf(entry, "status").at("addresses").items().length > 0;
    const allocated = status || (!disabled && meshSettings(index).allocatesAddresses);
    validHosts(spec, resolution, notes);
    validPorts(spec, allocated, notes);
    validEndpoints(spec, resolution, notes);
    if (resolution === "DYNAMIC_DNS") validDynamic(spec, notes);
    for (const address of spec.at("addresses").items()) {
      if (!isRange(address.text() ?? ""))
        notes.refuse(
          address,
          `${address.text()} is neither an address nor a range`,
          "write one like 10.0.0.0/8",
        );
    }
    const plain = portsOf(entry).find(
      ({ protocol }) => !isHttp(protocol) && !["HTTPS", "TLS"].includes(protocol),
    );
    const many = spec.at("hosts").items().length > 1;
    if (resolution !== "NONE" && many && plain !== undefined) {
      notes.refuse(
        spec.at("hosts"),
        `several hosts at port ${plain.number}, whose protocol names no host`,
        "make an entry for each",
      );
    }
    const tcp = portsOf(entry).some(({ protocol }) => protocol === "TCP");
    if (resolution.startsWith("DNS") && many && tcp && spec.at("addresses").items().length > 0) {
      notes.warn(
        spec.at("hosts"),
        "several hosts with addresses and a TCP port cannot be told apart",
        "make an entry for each",
      );
    }
    const selector = spec.at("workloadSelector");
    if (resolution === "NONE" && selector.given)
      notes.warn(selector, "a workloadSelector without resolution has no effect", "write STATIC");
    if (selector.given && selector.at("labels").keys().length === 0)
      notes.warn(selector, "no labels: it is for every workload", "add labels");
    notes.exportTo(entry, spec.at("exportTo"), true);
    return notes.drafts;
  },
);

interface Claim {
  readonly title: string;
  readonly protocol: string;
}

const keysOf = (entry: KubeObject) =>
  seenFrom(entry).flatMap((scope) =>
    specOf(entry)
      .at("hosts")
      .texts()
      .flatMap((host) =>
        portsOf(entry).map((port) => ({ key: `${scope}/${host}:${port.number}`, scope, host, port })),
      ),
  );

const claims = (index: ObjectIndex) =>
  gather(
    index,
    "service entry ports",
    [serviceEntryKind],
    () => new Map<string, Claim[]>(),
    (all, entry) => {
      for (const { key, port } of keysOf(entry))
        put(all, key, { title: titleFor(entry), protocol: port.protocol });
    },
  ).entries;

/** Several entries for a host are put together; what differs is lost. */
export const oneEntryPerPort = kindCheck(["IST0177", "KIA1211"], [serviceEntryKind], (entry, index) => {
  const seen = new Set<string>();
  return keysOf(entry).flatMap(({ key, scope, host, port }): TrafficDraft[] => {
    const wider = scope === "*" ? [] : (claims(index).get(`*/${host}:${port.number}`) ?? []);
    const all = [...(claims(index).get(key) ?? []).slice(0, 8), ...wider.slice(0, 8)];
    const names = others(
      all.map(({ title }) => title),
      titleFor(entry),
    );
    const own = `${host}:${port.number}`;
    if (names === "" || seen.has(own)) return [];
    seen.add(own);
    const spoken = [...new Set(all.map(({ protocol }) => protocol))].sort();
    return spoken.length > 1
      ? [
          note(
            "IST0177",
            "spec.ports",
            `${names} gives port ${own} another protocol (${spoken.join(", ")}): proxies take one of them`,
            "agree on one protocol",
          ),
        ]
      : [note("KIA1211", "spec.ports", `${names} also has ${own}`, "keep one entry for it")];
  });
});
