import { namespaceOf } from "../../../lib/workloads";
import { kindCheck } from "../define";
import { policiesOf, subsetsOf } from "../destination-rules";
import { type Field, specOf } from "../field";
import { destinationRuleKind } from "../kinds";
import { isAddress, isName, isWildcardName, Notes } from "../notes";
import { validLocality } from "./valid-locality";

const fields = [
  ...["outlierDetection", "connectionPool", "loadBalancer", "tls", "portLevelSettings", "tunnel"],
  ...["proxyProtocol", "retryBudget"],
];

function validOutlier(outlier: Field, notes: Notes): void {
  if (!outlier.given) return;
  notes.duration(outlier.at("baseEjectionTime"));
  notes.duration(outlier.at("interval"));
  notes.percent(outlier.at("maxEjectionPercent"));
  notes.percent(outlier.at("minHealthPercent"));
  const old = outlier.at("consecutiveErrors");
  if ((old.number() ?? 0) !== 0) {
    notes.warn(
      old,
      "consecutiveErrors is deprecated",
      "write consecutiveGatewayErrors or consecutive5xxErrors",
    );
  }
  const local = outlier.at("consecutiveLocalOriginFailures");
  if ((local.number() ?? 0) > 0 && !outlier.at("splitExternalLocalOriginErrors").flag()) {
    notes.refuse(
      local,
      "local failures are counted apart only where they are split off",
      "add splitExternalLocalOriginErrors: true",
    );
  }
}

const counts = [
  "http1MaxPendingRequests",
  "http2MaxRequests",
  "maxRequestsPerConnection",
  "maxRetries",
  "maxConcurrentStreams",
];

/** Limits of connections, also those of a Sidecar. */
export function validPool(pool: Field, notes: Notes): void {
  if (!pool.given) return;
  const [http, tcp] = [pool.at("http"), pool.at("tcp")];
  if (!http.given && !tcp.given) notes.refuse(pool, "a pool without limits", "give it tcp or http");
  for (const count of [...counts.map((name) => http.at(name)), tcp.at("maxConnections")]) {
    if ((count.number() ?? 0) < 0) notes.refuse(count, `${count.number()} is below 0`, "write 0 or more");
  }
  for (const name of ["connectTimeout", "maxConnectionDuration"]) notes.duration(tcp.at(name));
  notes.duration(http.at("idleTimeout"));
  if (http.at("h2UpgradePolicy").text() === "UPGRADE" && http.at("useClientProtocol").flag()) {
    notes.refuse(
      http.at("useClientProtocol"),
      "the client's protocol beside an upgrade to HTTP/2",
      "keep one of them",
    );
  }
  const alive = http.at("http2KeepAlive");
  for (const name of ["interval", "timeout"]) {
    if (alive.given && !alive.at(name).given) notes.refuse(alive, `${name} is missing`, `add ${name}`);
  }
}

function isPrime(number: number): boolean {
  if (number < 4) return number > 0;
  if (number % 2 === 0) return false;
  for (let factor = 3; factor * factor <= number; factor += 2) if (number % factor === 0) return false;
  return true;
}

function validBalancer(balancer: Field, outlier: Field, notes: Notes): void {
  if (!balancer.given) return;
  const hash = balancer.at("consistentHash");
  const cookie = hash.at("httpCookie");
  if (cookie.given && (cookie.at("name").text() ?? "") === "")
    notes.refuse(cookie, "a cookie without a name", "name it");
  const names = cookie
    .at("attributes")
    .items()
    .map((attribute) => attribute.at("name").text() ?? "");
  if (names.includes("")) notes.refuse(cookie.at("attributes"), "an attribute without a name", "name it");
  if (new Set(names).size < names.length)
    notes.refuse(cookie.at("attributes"), "an attribute twice", "keep it once");
  const ring = hash.at("minimumRingSize");
  if (ring.given && ring.value !== 0) {
    notes.warn(ring, "minimumRingSize is deprecated", "write ringHash.minimumRingSize");
    if (hash.at("ringHash").given || hash.at("maglev").given)
      notes.refuse(ring, "minimumRingSize beside ringHash or maglev", "keep one of them");
  }
  const table = hash.at("maglev", "tableSize");
  const size = table.number() ?? 0;
  if (hash.at("maglev").given && (size <= 0 || size >= 5_000_011 || !isPrime(size))) {
    notes.refuse(
      table,
      `${size} is no size for a table of maglev`,
      "write a prime number below 5000011, such as 65537",
    );
  }
  if (balancer.at("localityLbSetting").given && balancer.at("zoneAwareLbSetting").given) {
    notes.refuse(
      balancer.at("zoneAwareLbSetting"),
      "zoneAwareLbSetting beside localityLbSetting",
      "keep one of them",
    );
  }
  validLocality(balancer.at("localityLbSetting"), outlier, notes);
  const warmup = balancer.at("warmup");
  if (warmup.given && !warmup.at("duration").given)
    notes.refuse(warmup, "a warm-up without duration", "add duration");
  if ((warmup.at("minimumPercent").number() ?? 0) > 100)
    notes.refuse(warmup.at("minimumPercent"), "more than 100 %", "write 0 to 100");
  const aggression = warmup.at("aggression");
  if (aggression.given && (aggression.number() ?? 1) <= 0)
    notes.refuse(aggression, "no growth at all", "write more than 0");
}

function validTls(tls: Field, namespace: string, notes: Notes): void {
  if (!tls.given) return;
  const mode = tls.at("mode").text() ?? "DISABLE";
  const set = (name: string) => ![undefined, null, ""].includes(tls.at(name).value as string);
  const credential = tls.at("credentialName").text() ?? "";
  if (credential.startsWith("configmap://")) {
    const [place, name, more] = credential.slice("configmap://".length).split("/");
    if (name !== undefined && (more !== undefined || place !== namespace)) {
      notes.refuse(tls.at("credentialName"), "a ConfigMap of another namespace", `use one of ${namespace}`);
    }
  }
  const authenticates = mode === "SIMPLE" || mode === "MUTUAL";
  if (tls.at("insecureSkipVerify").flag() && authenticates) {
    const names = ["caCertificates", "subjectAltNames", ...(mode === "SIMPLE" ? ["credentialName"] : [])];
    const beside = names.filter(set);
    if (beside.length > 0)
      notes.refuse(
        tls.at("insecureSkipVerify"),
        `${beside.join(", ")} beside insecureSkipVerify`,
        "check the certificate, or do not",
      );
  }
  const files = ["clientCertificate", "caCertificates", "privateKey", "caCrl"].filter(set);
  if (authenticates && set("credentialName")) {
    if (files.length > 0)
      notes.refuse(tls.at("credentialName"), `${files.join(", ")} beside credentialName`, "keep one of them");
    return;
  }
  for (const name of mode === "MUTUAL" ? ["clientCertificate", "privateKey"] : []) {
    if (!set(name)) notes.refuse(tls, `MUTUAL without ${name}`, `add ${name}, or credentialName`);
  }
}

function validTunnel(tunnel: Field, notes: Notes): void {
  if (!tunnel.given) return;
  const protocol = tunnel.at("protocol").text() ?? "";
  if (!["", "CONNECT", "POST"].includes(protocol))
    notes.refuse(tunnel.at("protocol"), `${protocol} is no way to tunnel`, "write CONNECT or POST");
  const host = tunnel.at("targetHost").text() ?? "";
  if (!isName(host) && !isAddress(host))
    notes.refuse(tunnel.at("targetHost"), `${host || "nothing"} is no host`, "write a name or an address");
  const port = tunnel.at("targetPort").number() ?? 0;
  if (port < 1 || port > 65535)
    notes.refuse(tunnel.at("targetPort"), `${port} is no port`, "write 1 to 65535");
}

/** What Istio's webhook refuses or warns of in a DestinationRule. */
export const validDestinationRule = kindCheck(["IST0106", "IST0133"], [destinationRuleKind], (rule) => {
  const notes = new Notes();
  const spec = specOf(rule);
  const host = spec.at("host").text() ?? "";
  if (host !== "" && !isWildcardName(host))
    notes.refuse(spec.at("host"), `${host} is no host`, "write a name, or *.name");
  const names = new Set<string>();
  for (const subset of subsetsOf(rule)) {
    const name = subset.at("name").text() ?? "";
    if (names.has(name))
      notes.refuse(subset.at("name"), `there is a subset ${name} already`, "give each its own name");
    if (name !== "" && !/^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(name)) {
      notes.refuse(subset.at("name"), `${name} is no name of a subset`, "write letters, digits and -");
    }
    names.add(name);
  }
  for (const { field, level } of policiesOf(rule)) {
    const own = level === "port" ? fields.slice(0, 4) : fields;
    if (!own.some((name) => field.at(name).given))
      notes.refuse(field, "a policy without anything in it", "fill it, or take it away");
    if (level === "port" && !field.at("port").given)
      notes.refuse(field, "settings of a port without the port", "add port.number");
    validOutlier(field.at("outlierDetection"), notes);
    validPool(field.at("connectionPool"), notes);
    validBalancer(field.at("loadBalancer"), field.at("outlierDetection"), notes);
    validTls(field.at("tls"), namespaceOf(rule), notes);
    validTunnel(field.at("tunnel"), notes);
    if (field.at("tunnel").given && field.at("proxyProtocol").given)
      notes.refuse(field.at("tunnel"), "tunnel beside proxyProtocol", "keep one of them");
  }
  notes.exportTo(rule, spec.at("exportTo"), false);
  const places = spec.at("exportTo").texts();
  if (
    spec.at("workloadSelector").given &&
    places.some((place) => place !== "." && place !== namespaceOf(rule))
  ) {
    notes.refuse(
      spec.at("exportTo"),
      "a rule for some workloads goes to its own namespace alone",
      'write "."',
    );
  }
  return notes.drafts;
});
