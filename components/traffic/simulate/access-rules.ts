import {
  type AccessSubject,
  accountFits,
  any,
  claimFits,
  every,
  inBlock,
  type Maybe,
  namespaceFits,
  not,
  pathFits,
  requestPrincipalFits,
  simple,
} from "./access-values";
import { type Fields, fieldsIn, fieldsOf, textOf, textsOf } from "./objects";

type Fits = (subject: AccessSubject, value: string, policyNamespace: string) => Maybe;

interface Attribute {
  readonly fits: Fits;
  /** Cannot be seen of a bare connection. */
  readonly http?: true;
}

const sourceIp: Attribute = { fits: ({ ip }, value) => inBlock(ip, value) };
const remoteIp: Attribute = { fits: ({ remoteIp: ip }, value) => inBlock(ip, value) };
const namespace: Attribute = { fits: ({ principal }, value) => namespaceFits(principal, value) };
const principal: Attribute = { fits: (subject, value) => simple(subject.principal, value) };
const account: Attribute = { fits: (subject, value, own) => accountFits(subject.principal, value, own) };
const trustDomain: Attribute = {
  fits: (subject, value) => simple(subject.principal?.split("/")[0], value),
};
const requestPrincipal: Attribute = {
  http: true,
  fits: ({ token }, value) => requestPrincipalFits(token, value),
};
const port: Attribute = {
  fits: (subject, value) => (subject.port === undefined ? undefined : String(subject.port) === value),
};
const claims = (...keys: readonly string[]): Attribute => ({
  http: true,
  fits: ({ token }, value) => claimFits(token, keys, value),
});
const header = (name: string): Attribute => ({
  http: true,
  fits: ({ message }, value) => {
    const found = [":authority", "host"].includes(name) ? message.authority : message.headers[name];
    return value === "*" ? found !== undefined : simple(found, value);
  },
});

/** Fields of `from[].source`; each has a twin that starts with `not`. */
const sources: Readonly<Record<string, Attribute>> = {
  principals: principal,
  requestPrincipals: requestPrincipal,
  namespaces: namespace,
  serviceAccounts: account,
  trustDomains: trustDomain,
  ipBlocks: sourceIp,
  remoteIpBlocks: remoteIp,
};

/** Fields of `to[].operation`. */
const operations: Readonly<Record<string, Attribute>> = {
  hosts: { http: true, fits: ({ message }, value) => simple(message.authority, value, true) },
  ports: port,
  methods: { http: true, fits: ({ message }, value) => simple(message.method, value) },
  paths: { http: true, fits: ({ message }, value) => pathFits(message.path, value) },
};

const keyed: Readonly<Record<string, Attribute>> = {
  "source.ip": sourceIp,
  "remote.ip": remoteIp,
  "source.namespace": namespace,
  "source.principal": principal,
  "source.serviceAccount": account,
  "source.trustDomain": trustDomain,
  "request.auth.principal": requestPrincipal,
  "request.auth.audiences": claims("aud"),
  "request.auth.presenter": claims("azp"),
  "destination.port": port,
  "destination.ip": { fits: () => undefined },
  "connection.sni": { fits: ({ sni }, value) => simple(sni, value) },
};

const bracketed = (text: string): string[] => [...text.matchAll(/\[([^\]]+)\]/g)].map(([, key = ""]) => key);

function attributeOf(key: string): Attribute | undefined {
  if (key.startsWith("request.headers[")) return header((bracketed(key)[0] ?? "").toLowerCase());
  if (key.startsWith("request.auth.claims[")) return claims(...bracketed(key));
  if (key.startsWith("experimental.")) return { fits: () => undefined };
  return keyed[key];
}

/** How a rule is read: of a bare connection, ALLOW ignores rules about HTTP, and DENY what they say about HTTP. */
export interface Reading {
  readonly namespace: string;
  readonly allows: boolean;
}

function holds(
  attribute: Attribute,
  values: readonly string[],
  notValues: readonly string[],
  subject: AccessSubject,
  { namespace: own, allows }: Reading,
): Maybe {
  if (values.length === 0 && notValues.length === 0) return true;
  if (attribute.http === true && subject.tcp) return !allows;
  const hits = (list: readonly string[]) => any(list.map((value) => attribute.fits(subject, value, own)));
  return every([values.length === 0 || hits(values), notValues.length === 0 || not(hits(notValues))]);
}

const twin = (name: string): string => `not${name.charAt(0).toUpperCase()}${name.slice(1)}`;

const all = (
  table: Readonly<Record<string, Attribute>>,
  given: Fields,
  subject: AccessSubject,
  how: Reading,
) =>
  every(
    Object.entries(table).map(([name, attribute]) =>
      holds(attribute, textsOf(given[name]), textsOf(given[twin(name)]), subject, how),
    ),
  );

/** Whether a rule is about a request: one source, one operation and all conditions. */
export function ruleHolds(rule: Fields, subject: AccessSubject, how: Reading): Maybe {
  const from = fieldsIn(rule.from).map(({ source }) => all(sources, fieldsOf(source), subject, how));
  const to = fieldsIn(rule.to).map(({ operation }) => all(operations, fieldsOf(operation), subject, how));
  const when = fieldsIn(rule.when).map(({ key, values, notValues }) => {
    const attribute = attributeOf(textOf(key) ?? "");
    // A rule with a key that Istio does not know is left out.
    return attribute === undefined
      ? false
      : holds(attribute, textsOf(values), textsOf(notValues), subject, how);
  });
  return every([from.length === 0 || any(from), to.length === 0 || any(to), ...when]);
}
