import type { RuleName } from "./rules";

/** The rules as the CustomResourceDefinitions write them (CEL), for reading those of a new version. */
export const ruleNames: Readonly<Record<string, RuleName>> = {
  "duration(self) >= duration('1ms')": "duration",
  "self.size() == 0": "empty",
  'self.all(key, !key.contains("*"))': "plainKeys",
  "self.all(key, key.size() != 0)": "namedKeys",
  '!self.contains("*")': "plain",
  "0 < self && self <= 65535": "port",
  "(has(self.selector) ? 1 : 0) + (has(self.targetRef) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1":
    "oneTarget",
  "(has(self.selector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1": "oneTarget",
  '(has(self.address) ? self.address : "").startsWith("unix://") ? !has(self.ports) : true':
    "socketWithoutPorts",
  'self.startsWith("unix://") ? (self.substring(7, 8) == "/" || self.substring(7, 8) == "@") : true':
    "absoluteSocket",
  'self.startsWith("unix://") ? !self.endsWith("/") : true': "socketFile",
  'self.all(key, size(key) < 63 && key.matches("^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$"))': "portNames",
  '(has(self.valueFrom) ? self.valueFrom : "") != "HOST" || !has(self.value)': "noHostValue",
  "(has(self.tlsCertificates) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1":
    "oneOfCertificatesAndNames",
  "(has(self.credentialNames) ? 1 : 0) + (has(self.tlsCertificates) ? 1 : 0) <= 1":
    "oneOfCertificatesAndNames",
  "(has(self.credentialName) ? 1 : 0) + (has(self.credentialNames) ? 1 : 0) <= 1": "oneOfNameAndNames",
  "has(self.address) || has(self.network)": "addressOrNetwork",
  'url(self).getScheme() in ["http", "https"]': "webUrl",
  "has(self.wasm) != has(self.lua)": "wasmOrLua",
  'isURL(self) ? (url(self).getScheme() in ["", "http", "https", "file", "oci"]) : (isURL("http://" + self) && url("http://" + self).getScheme() in ["", "http", "https", "file", "oci"])':
    "moduleUrl",
  'isURL(self) ? (url(self).getScheme() in ["", "http", "https", "oci", "file"]) : (isURL("http://" + self) && url("http://" + self).getScheme() in ["", "http", "https", "oci", "file"])':
    "moduleUrl",
  "(has(self.workloadSelector) ? 1 : 0) + (has(self.endpoints) ? 1 : 0) <= 1": "selectorOrEndpoints",
  '!((has(self.addresses) ? self.addresses : []).exists(k, k.contains("/")) && !((has(self.resolution) ? self.resolution : "NONE") in ["STATIC", "NONE"]))':
    "rangesNeedStatic",
  '((has(self.resolution) ? self.resolution : "NONE") == "NONE") ? !has(self.endpoints) : true':
    "noneWithoutEndpoints",
  '((has(self.resolution) ? self.resolution : "") == "DNS_ROUND_ROBIN") ? ((has(self.endpoints) ? self.endpoints : []).size() <= 1) : true':
    "oneRoundRobinEndpoint",
  'self != "*"': "notEveryHost",
  "self.all(l1, self.exists_one(l2, l1.number == l2.number))": "distinctNumbers",
  'self in ["", "HTTP", "HTTPS"]': "httpScheme",
  "(has(self.serviceAccounts) || has(self.notServiceAccounts)) ? (!has(self.principals) && !has(self.notPrincipals) && !has(self.namespaces) && !has(self.notNamespaces)) : true":
    "accountsAlone",
  "has(self.portLevelMtls) ? (((has(self.selector) && has(self.selector.matchLabels)) ? self.selector.matchLabels : {}).size() > 0) : true":
    "portsNeedSelector",
  "self.all(key, 0 < int(key) && int(key) <= 65535)": "portKeys",
  "(has(self.jwksUri) ? 1 : 0) + (has(self.jwks_uri) ? 1 : 0) + (has(self.jwks) ? 1 : 0) <= 1":
    "oneKeySource",
  '((has(self.operation) ? self.operation : "") == "UPSERT") ? (self.value != "") : true': "upsertWithValue",
  '((has(self.operation) ? self.operation : "") == "REMOVE") ? !has(self.value) : true': "removeWithoutValue",
  "(has(self.workloadSelector) ? 1 : 0) + (has(self.targetRefs) ? 1 : 0) <= 1": "oneTarget",
  'has(self.context) ? ((self.context == "WAYPOINT") ? has(self.waypoint) : !has(self.waypoint)) : !has(self.waypoint)':
    "waypointContext",
};
