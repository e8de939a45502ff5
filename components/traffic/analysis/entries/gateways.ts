import { kindCheck } from "../define";
import { type Field, specOf } from "../field";
import { gatewayKind } from "../kinds";
import { isAddress, isLabel, isWildcardName, Notes } from "../notes";
import { isProtocol } from "./service-entries";

const terminating = ["SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"];
const sources = ["credentialName", "credentialNames", "tlsCertificates"];
const files = ["serverCertificate", "privateKey", "caCertificates"];

/** Ciphers that Envoy has; others are passed over. */
const ciphers = [
  ...["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"],
  ...["ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"],
  ...["ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA"],
  ...["AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA", "ECDHE-PSK-AES128-CBC-SHA"],
  ...["ECDHE-PSK-AES256-CBC-SHA", "PSK-AES128-CBC-SHA", "PSK-AES256-CBC-SHA", "DES-CBC3-SHA"],
];

const filled = (at: Field) =>
  at.given && at.value !== "" && (!Array.isArray(at.value) || at.items().length > 0);

function validCertificates(tls: Field, mode: string, notes: Notes): void {
  const given = sources.filter((name) => filled(tls.at(name)));
  if (filled(tls.at("serverCertificate")) && filled(tls.at("privateKey"))) given.push("serverCertificate");
  if (mode === "ISTIO_MUTUAL") {
    const beside = [...sources, ...files].filter((name) => filled(tls.at(name)));
    if (beside.length > 0)
      notes.refuse(
        tls,
        `${beside.join(", ")} beside ISTIO_MUTUAL, which has the mesh's own`,
        "take them away",
      );
    return;
  }
  if (mode.endsWith("PASSTHROUGH")) {
    const ignored = [...sources, ...files, "caCrl"].filter((name) => filled(tls.at(name)));
    if (ignored.length > 0)
      notes.warn(tls, `${ignored.join(", ")} is ignored with ${mode}`, "take it away, or write SIMPLE");
    return;
  }
  if (given.length > 1) notes.refuse(tls, `${given.join(" and ")} exclude each other`, "keep one of them");
  if (!terminating.includes(mode) || given.some((name) => name.startsWith("credentialName"))) return;
  if (mode !== "SIMPLE" && !filled(tls.at("caCertificates"))) {
    notes.refuse(
      tls,
      `${mode} without an authority for the clients' certificates`,
      "use credentialName with a Secret that has ca.crt, or add caCertificates",
    );
  }
  if (mode === "SIMPLE" && filled(tls.at("caCrl")))
    notes.refuse(
      tls.at("caCrl"),
      "a list of revoked certificates where clients show none",
      "write MUTUAL, or take it away",
    );
}

function validTls(tls: Field, http: boolean, notes: Notes): void {
  if (!tls.given) return;
  const mode = tls.at("mode").text() ?? "PASSTHROUGH";
  const oldest = tls.at("minProtocolVersion").text() ?? "";
  const wanted = tls.at("cipherSuites").texts();
  if (["TLSV1_0", "TLSV1_1"].includes(oldest) && wanted.length === 0) {
    notes.warn(
      tls.at("minProtocolVersion"),
      `${oldest} has no cipher among those that are on by default`,
      "add cipherSuites, or write TLSV1_2",
    );
  }
  const odd = wanted.filter((name) => !ciphers.includes(name));
  if (odd.length > 0)
    notes.warn(
      tls.at("cipherSuites"),
      `${odd.join(", ")} is ignored: Envoy does not have it`,
      "take it away, or correct it",
    );
  if (new Set(wanted).size < wanted.length)
    notes.warn(tls.at("cipherSuites"), "a cipher stands twice", "keep it once");
  if (tls.at("httpsRedirect").flag() && !http)
    notes.warn(
      tls.at("httpsRedirect"),
      "a redirect to HTTPS where everything is HTTPS already",
      "move it to the server of port 80",
    );
  if (tls.at("mode").given) validCertificates(tls, mode, notes);
}

function validHost(host: Field, notes: Notes): void {
  const text = host.text() ?? "";
  const [place, name = place] = text.includes("/") ? text.split("/") : [undefined, text];
  if (place !== undefined && !["*", "."].includes(place) && !isLabel(place))
    notes.refuse(host, `${place || "nothing"} is no namespace`, "write NAMESPACE/host, ./host or */host");
  if (name === "*" || isAddress(name ?? "")) return;
  if (!(name ?? "").includes("."))
    notes.refuse(
      host,
      `${name || "nothing"} is no full name`,
      "write the name that clients use, with its domain",
    );
  else if (!isWildcardName(name ?? "") || ((name ?? "").startsWith("*") && !(name ?? "").startsWith("*.")))
    notes.refuse(host, `${name} is no host`, "write a name, or *.name");
}

/** What Istio's webhook refuses or warns of in a Gateway, beyond what the checks of the mesh look at. */
export const validServers = kindCheck(["IST0106", "IST0133"], [gatewayKind], (gateway) => {
  const notes = new Notes();
  const servers = specOf(gateway).at("servers").items();
  if (servers.length === 0) notes.refuse(specOf(gateway), "a Gateway without servers", "add one");
  for (const server of servers) {
    const port = server.at("port");
    const protocol = (port.at("protocol").text() ?? "").toUpperCase();
    if (!isProtocol(protocol) || protocol === "UDP")
      notes.refuse(
        port.at("protocol"),
        `${protocol} is no protocol that gateways speak`,
        "write HTTP, HTTP2, GRPC, HTTPS, TLS, TCP or MONGO",
      );
    if ((port.at("targetPort").number() ?? 0) > 0)
      notes.refuse(port.at("targetPort"), "targetPort means nothing on a Gateway", "take it away");
    const bind = server.at("bind").text() ?? "";
    const number = port.at("number").number() ?? 0;
    if (bind.startsWith("unix://") ? number !== 0 : number < 1)
      notes.refuse(
        port.at("number"),
        `port ${number} does not go with ${bind || "an address"}`,
        "write 1 to 65535, or 0 for a socket",
      );
    if (bind !== "" && !bind.startsWith("unix://") && !isAddress(bind))
      notes.refuse(server.at("bind"), `${bind} is no address`, "write one");
    for (const host of server.at("hosts").items()) validHost(host, notes);
    validTls(server.at("tls"), ["HTTP", "HTTP2", "GRPC", "GRPC-WEB"].includes(protocol), notes);
  }
  return notes.drafts;
});
