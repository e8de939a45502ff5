import { hostsMeet } from "../../../lib/mesh-hosts";
import { kindCheck } from "../define";
import { type Field, specOf } from "../field";
import { virtualServiceKind } from "../kinds";
import { isAddress, isLabel, isName, isRange, isWildcardName, Notes } from "../notes";
import { validHttpRule } from "./valid-http";
import { isClaim, validWeights } from "./valid-values";

function validHosts(spec: Field, mesh: boolean, notes: Notes): void {
  const hosts = spec.at("hosts").items();
  for (const [place, host] of hosts.entries()) {
    const text = host.text() ?? "";
    const lone = text === "*" && mesh;
    if (lone)
      notes.refuse(
        host,
        "* for sidecars: they would take every request of the mesh",
        "name the hosts, or a gateway",
      );
    else if (!isWildcardName(text) && !isAddress(text)) {
      notes.refuse(host, `${text || "nothing"} is no host`, "write a name, *.name, or an address");
    }
    const same = hosts.slice(0, place).find((other) => hostsMeet(text, other.text() ?? ""));
    if (same !== undefined)
      notes.refuse(host, `${text} is covered by ${same.text()} already`, "keep the wider one");
  }
}

function validDelegate(spec: Field, notes: Notes): void {
  if (spec.at("hosts").items().length > 0) return;
  for (const name of ["gateways", "tls", "tcp"]) {
    if (spec.at(name).items().length > 0) {
      notes.refuse(
        spec.at(name),
        `${name} without hosts: it is a delegate, and has http alone`,
        "add hosts, or take it away",
      );
    }
  }
}

function validGatewayNames(at: Field, notes: Notes): void {
  for (const gateway of at.items()) {
    const text = gateway.text() ?? "";
    const parts = text.split("/");
    const good = parts.length === 2 ? parts.every((part) => isLabel(part) || part === ".") : isName(text);
    if (!good) notes.refuse(gateway, `${text || "nothing"} is no name of a gateway`, "write namespace/name");
    else if (parts.length === 1 && text.includes(".")) {
      const [name = "", namespace = ""] = text.split(".");
      notes.warn(gateway, `${text} is the old way to name a gateway`, `write ${namespace}/${name}`);
    }
  }
}

function validFourth(match: Field, notes: Notes): void {
  for (const subnet of match.at("destinationSubnets").items()) {
    if (!isRange(subnet.text() ?? ""))
      notes.refuse(subnet, `${subnet.text()} is no range of addresses`, "write one like 10.0.0.0/8");
  }
  validGatewayNames(match.at("gateways"), notes);
}

/** Whether every name that one host stands for is also one of the other's. */
const within = (narrow: string, wide: string) =>
  wide === "*" ||
  narrow === wide ||
  (wide.startsWith("*") && narrow.replace(/^\*/, "").endsWith(wide.slice(1)));

function validTls(spec: Field, notes: Notes): void {
  const hosts = spec.at("hosts").texts();
  for (const rule of spec.at("tls").items()) {
    const matches = rule.at("match").items();
    if (matches.length === 0) notes.refuse(rule, "a TLS rule without match", "match by sniHosts");
    for (const match of matches) {
      const names = match.at("sniHosts").items();
      if (names.length === 0) notes.refuse(match, "a TLS match without sniHosts", "name the hosts");
      for (const name of names) {
        const text = name.text() ?? "";
        if (isAddress(text)) notes.warn(name, "clients send no SNI for an address", "name a host");
        else if (!isWildcardName(text)) notes.refuse(name, `${text} is no host`, "correct it");
        else if (!hosts.some((host) => within(text, host))) {
          notes.refuse(
            name,
            `${text} is none of the hosts ${hosts.join(", ")}`,
            "add it to hosts, or correct it",
          );
        }
      }
      validFourth(match, notes);
    }
    if (rule.at("route").items().length === 0) notes.refuse(rule, "the rule does nothing", "give it a route");
    validWeights(rule, notes);
  }
}

function validTcp(spec: Field, notes: Notes): void {
  for (const rule of spec.at("tcp").items()) {
    for (const match of rule.at("match").items()) validFourth(match, notes);
    if (rule.at("route").items().length === 0) notes.refuse(rule, "the rule does nothing", "give it a route");
    validWeights(rule, notes);
  }
}

/** Tokens are read at gateways; sidecars know no claims when they choose a route. */
function claimsAtGateway(spec: Field, notes: Notes): void {
  for (const rule of spec.at("http").items()) {
    for (const match of rule.at("match").items()) {
      for (const name of ["headers", "withoutHeaders"]) {
        for (const [key, header] of match.at(name).entries()) {
          if (isClaim(key))
            notes.refuse(
              header,
              `${key} for sidecars: claims are known to gateways alone`,
              "put the VirtualService on a gateway, without mesh",
            );
        }
      }
    }
  }
}

/** What Istio's webhook refuses or warns of. */
export const validVirtualService = kindCheck(["IST0106", "IST0133"], [virtualServiceKind], (object) => {
  const notes = new Notes();
  const spec = specOf(object);
  const gateways = spec.at("gateways").texts();
  const mesh = gateways.length === 0 || gateways.includes("mesh");
  validDelegate(spec, notes);
  validGatewayNames(spec.at("gateways"), notes);
  validHosts(spec, mesh, notes);
  if (mesh) claimsAtGateway(spec, notes);
  if (["http", "tls", "tcp"].every((list) => spec.at(list).items().length === 0)) {
    notes.refuse(spec, "no rules: neither http, nor tls, nor tcp", "give it one");
  }
  const delegate = spec.at("hosts").items().length === 0;
  for (const rule of spec.at("http").items()) {
    validHttpRule(rule, delegate, notes);
    for (const match of rule.at("match").items()) validGatewayNames(match.at("gateways"), notes);
  }
  validTls(spec, notes);
  validTcp(spec, notes);
  notes.exportTo(object, spec.at("exportTo"), false);
  return notes.drafts;
});
