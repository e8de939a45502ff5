import { milliseconds } from "../duration";

type Value = Readonly<Record<string, unknown>>;

const has = (self: unknown, ...fields: readonly string[]) =>
  fields.filter((field) => (self as Value)[field] !== undefined).length;
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const scheme = (url: unknown) => /^([a-zA-Z][a-zA-Z0-9+.-]*):\/\//.exec(text(url))?.[1] ?? "";
const keys = (self: unknown) => Object.keys(self as Value);
const inPorts = (port: number) => Number.isInteger(port) && port > 0 && port <= 65535;

interface Rule {
  readonly holds: (self: unknown) => boolean;
  /** What a value has to be. */
  readonly demand: string;
}

/** The rules that the API server applies beyond types, by names of our own. */
export const rules = {
  duration: {
    holds: (self) => (milliseconds(text(self)) ?? 0) >= 1,
    demand: "a duration of at least 1ms such as 2s or 500ms",
  },
  empty: { holds: (self) => text(self) === "", demand: "left out: other namespaces cannot be referred to" },
  plainKeys: {
    holds: (self) => keys(self).every((key) => !key.includes("*")),
    demand: "without * in its keys",
  },
  namedKeys: { holds: (self) => keys(self).every((key) => key !== ""), demand: "without an empty key" },
  plain: { holds: (self) => !text(self).includes("*"), demand: "without *" },
  port: { holds: (self) => inPorts(Number(self)), demand: "1 to 65535" },
  oneTarget: {
    holds: (self) => has(self, "selector", "workloadSelector", "targetRef", "targetRefs") <= 1,
    demand: "with one of selector and targetRefs, not both",
  },
  socketWithoutPorts: {
    holds: (self) => !text((self as Value).address).startsWith("unix://") || has(self, "ports") === 0,
    demand: "without ports where its address is a socket",
  },
  absoluteSocket: {
    holds: (self) => !text(self).startsWith("unix://") || /^unix:\/\/[/@]/.test(text(self)),
    demand: "a socket with an absolute path, or an abstract one",
  },
  socketFile: {
    holds: (self) => !text(self).startsWith("unix://") || !text(self).endsWith("/"),
    demand: "a socket, not a folder",
  },
  portNames: {
    holds: (self) =>
      keys(self).every((key) => key.length < 63 && /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(key)),
    demand: "with names of ports as keys",
  },
  noHostValue: {
    holds: (self) => (self as Value).valueFrom !== "HOST" || has(self, "value") === 0,
    demand: "without value where valueFrom is HOST",
  },
  oneOfCertificatesAndNames: {
    holds: (self) => has(self, "tlsCertificates", "credentialNames") <= 1,
    demand: "with one of tlsCertificates and credentialNames",
  },
  oneOfNameAndNames: {
    holds: (self) => has(self, "credentialName", "credentialNames") <= 1,
    demand: "with one of credentialName and credentialNames",
  },
  addressOrNetwork: {
    holds: (self) => has(self, "address", "network") > 0,
    demand: "with an address",
  },
  webUrl: {
    holds: (self) => ["http", "https"].includes(scheme(self)),
    demand: "a URL with http:// or https://",
  },
  wasmOrLua: { holds: (self) => has(self, "wasm", "lua") === 1, demand: "with exactly one of wasm and lua" },
  moduleUrl: {
    holds: (self) => ["", "http", "https", "file", "oci"].includes(scheme(self)),
    demand: "a URL with oci, https, http or file",
  },
  selectorOrEndpoints: {
    holds: (self) => has(self, "workloadSelector", "endpoints") <= 1,
    demand: "with one of workloadSelector and endpoints",
  },
  rangesNeedStatic: {
    holds: (self) =>
      !list((self as Value).addresses).some((address) => text(address).includes("/")) ||
      ["STATIC", "NONE", undefined].includes((self as Value).resolution as string | undefined),
    demand: "with resolution STATIC or NONE where an address is a range",
  },
  noneWithoutEndpoints: {
    holds: (self) =>
      !["NONE", undefined].includes((self as Value).resolution as string | undefined) ||
      has(self, "endpoints") === 0,
    demand: "without endpoints where its resolution is NONE",
  },
  oneRoundRobinEndpoint: {
    holds: (self) =>
      (self as Value).resolution !== "DNS_ROUND_ROBIN" || list((self as Value).endpoints).length <= 1,
    demand: "with one endpoint at most where its resolution is DNS_ROUND_ROBIN",
  },
  notEveryHost: { holds: (self) => self !== "*", demand: "a narrower host than *" },
  distinctNumbers: {
    holds: (self) => new Set(list(self).map((port) => (port as Value)?.number)).size === list(self).length,
    demand: "ports with different numbers",
  },
  httpScheme: { holds: (self) => ["", "HTTP", "HTTPS"].includes(text(self)), demand: "HTTP or HTTPS" },
  accountsAlone: {
    holds: (self) =>
      has(self, "serviceAccounts", "notServiceAccounts") === 0 ||
      has(self, "principals", "notPrincipals", "namespaces", "notNamespaces") === 0,
    demand: "with serviceAccounts, or with principals and namespaces",
  },
  portsNeedSelector: {
    holds: (self) => {
      const selector = (self as Value).selector as Value | undefined;
      return has(self, "portLevelMtls") === 0 || keys(selector?.matchLabels ?? {}).length > 0;
    },
    demand: "with a selector where portLevelMtls is given: it is for workloads, not for a namespace",
  },
  portKeys: {
    holds: (self) => keys(self).every((key) => inPorts(Number(key))),
    demand: "with ports as keys",
  },
  oneKeySource: {
    holds: (self) => has(self, "jwksUri", "jwks_uri", "jwks") <= 1,
    demand: "with one of jwks and jwksUri",
  },
  upsertWithValue: {
    holds: (self) => (self as Value).operation !== "UPSERT" || text((self as Value).value) !== "",
    demand: "with a value where its operation is UPSERT",
  },
  waypointContext: {
    holds: (self) => ((self as Value).context === "WAYPOINT") === has(self, "waypoint") > 0,
    demand: "with waypoint where its context is WAYPOINT, and nowhere else",
  },
  removeWithoutValue: {
    holds: (self) => (self as Value).operation !== "REMOVE" || has(self, "value") === 0,
    demand: "without a value where its operation is REMOVE",
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;
