import { showLabels } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf, type Workload } from "../../../lib/workloads";
import { kindCheck, note, type TrafficDraft } from "../define";
import { type Field, specOf } from "../field";
import { authorizationPolicyKind } from "../kinds";
import { builtInProviders, meshSettings, rootNamespace } from "../mesh";
import { dataPlaneOf } from "../planes";
import { behind, isHttp, portsOf, surelyMissing, targetOf } from "../registry";
import { isWide, selectorOf } from "../selection";
import { peerMode } from "./peer-modes";

/** What makes the pods that a policy is for, of those that are declared. */
export function podsOf(policy: KubeObject, index: ObjectIndex): readonly Workload[] {
  const own = namespaceOf(policy);
  const mesh = own === rootNamespace(index);
  const labels = selectorOf(policy).labels();
  if (Object.keys(labels).length > 0) return index.selected(labels, mesh ? "" : own);
  return mesh ? index.workloads : index.workloadsIn(own);
}

const targeted = (policy: KubeObject) =>
  ["targetRef", "targetRefs"].some((name) => specOf(policy).at(name).given);

/** A policy counts only where a proxy carries it out. */
export const hitsSomeone = kindCheck(["IST0127"], [authorizationPolicyKind], (policy, index) => {
  const own = namespaceOf(policy);
  if (targeted(policy) || (isWide(policy) && own === rootNamespace(index))) return [];
  const pods = podsOf(policy, index);
  if (pods.some((workload) => dataPlaneOf(workload, index) !== "none")) return [];
  const labels = selectorOf(policy).labels();
  if (pods.length === 0 && index.servicesAsking(labels).length > 0 && !isWide(policy) && !index.closed)
    return [];
  const certain = pods.length > 0 || index.owns(own);
  const whose = isWide(policy) ? `no pods in ${own}` : `no pods in ${own} with ${showLabels(labels)}`;
  return [
    note(
      "IST0127",
      isWide(policy) ? "metadata.namespace" : selectorOf(policy),
      certain
        ? `${whose} have a proxy: nobody carries the policy out`
        : `${whose} are declared here; whether others make them is not known`,
      "correct the selector, or bring the pods into the mesh",
      certain ? "warning" : "info",
    ),
  ];
});

const rulesIn = (policy: KubeObject) => specOf(policy).at("rules").items();
const sourcesIn = (policy: KubeObject) =>
  rulesIn(policy).flatMap((rule) =>
    rule
      .at("from")
      .items()
      .map((from) => from.at("source")),
  );
const operationsIn = (policy: KubeObject) =>
  rulesIn(policy).flatMap((rule) =>
    rule
      .at("to")
      .items()
      .map((to) => to.at("operation")),
  );

const fits = (pattern: string, name: string) => {
  if (pattern === "*") return true;
  if (pattern.startsWith("*")) return name.endsWith(pattern.slice(1));
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
};

/** Namespaces that rules name. Others may make them, unless everything is declared. */
export const existingNamespaces = kindCheck(["IST0101"], [authorizationPolicyKind], (policy, index) =>
  sourcesIn(policy)
    .flatMap((source) => [...source.at("namespaces").items(), ...source.at("notNamespaces").items()])
    .flatMap((field): TrafficDraft[] => {
      const text = field.text() ?? "";
      const known = text.includes("*")
        ? index.ofKind("Namespace").some(({ metadata }) => fits(text, metadata.name))
        : index.namespace(text) !== undefined;
      if (text === "" || known) return [];
      return [
        note(
          "IST0101",
          field,
          `there is no namespace ${text}${index.closed ? ": the rule hits nobody" : " here; whether others make it is not known"}`,
          "correct the name, or declare the namespace",
          index.closed ? "error" : "info",
        ),
      ];
    }),
);

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/** Methods are compared as they are written. */
export const knownMethods = kindCheck(["KIA0102"], [authorizationPolicyKind], (policy) =>
  operationsIn(policy)
    .flatMap((operation) => [...operation.at("methods").items(), ...operation.at("notMethods").items()])
    .filter((field) => {
      const text = field.text() ?? "";
      const bare = text.replaceAll("*", "");
      // Paths of gRPC, as older guides write them.
      return (
        !methods.includes(text) &&
        !/^\/[\w.]+\/[\w*]+$/.test(text) &&
        !(text.includes("*") && methods.some((method) => method.includes(bare)))
      );
    })
    .map((field) =>
      note(
        "KIA0102",
        field,
        `${field.text()} is no method that a request can have`,
        "write it in capitals: GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS",
      ),
    ),
);

/** Hosts of the cluster that rules name. */
export const existingHosts = kindCheck(["KIA0104"], [authorizationPolicyKind], (policy, index) =>
  operationsIn(policy)
    .flatMap((operation) => [...operation.at("hosts").items(), ...operation.at("notHosts").items()])
    .flatMap((field): TrafficDraft[] => {
      const text = (field.text() ?? "").replace(/:\d+$/, "");
      const target = targetOf(text, namespaceOf(policy));
      if (target.service === undefined || text.includes("*") || !text.includes(".")) return [];
      if (behind(target, namespaceOf(policy), index).length > 0 || !surelyMissing(target, index)) return [];
      return [
        note(
          "KIA0104",
          field,
          `there is no ${text}: no request has this host`,
          "correct the name, or take it away",
        ),
      ];
    }),
);

const identities = [
  "principals",
  "notPrincipals",
  "namespaces",
  "notNamespaces",
  "serviceAccounts",
  "notServiceAccounts",
  "trustDomains",
  "notTrustDomains",
];

/** Who somebody is, proxies know from his certificate. */
export const identityNeedsTls = kindCheck(["KIA0105"], [authorizationPolicyKind], (policy, index) => {
  const used = sourcesIn(policy).flatMap((source) =>
    identities.map((name) => source.at(name)).filter((at) => at.given),
  );
  if (used.length === 0 || targeted(policy)) return [];
  const open = podsOf(policy, index).find(
    (workload) =>
      dataPlaneOf(workload, index) === "sidecar" && peerMode(workload, undefined, index).mode === "DISABLE",
  );
  if (open === undefined) return [];
  return used.map((at) =>
    note(
      "KIA0105",
      at,
      "mutual TLS is off for its pods: nobody's identity is known, and the rule hits nobody",
      "write STRICT or PERMISSIVE in the PeerAuthentication, or go by addresses",
    ),
  );
});

/** A rule for an account that does not exist, nor may exist where others make it. */
function missingAccount(
  field: Field,
  namespace: string,
  account: string,
  index: ObjectIndex,
): TrafficDraft[] {
  if (account === "default" || account.includes("*") || namespace.includes("*")) return [];
  if (index.find("ServiceAccount", namespace, account) !== undefined || !index.owns(namespace)) return [];
  return [
    note(
      "KIA0106",
      field,
      `there is no ServiceAccount ${namespace}/${account}: the rule hits nobody`,
      "declare it, or correct the name",
    ),
  ];
}

function principal(field: Field, index: ObjectIndex): TrafficDraft[] {
  const text = field.text() ?? "";
  if (text === "" || text.startsWith("*") || text.endsWith("*")) return [];
  const [, domain = "", namespace = "", account = ""] =
    /^([^/]+)\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(text) ?? [];
  if (domain === "") {
    return [
      note(
        "MP0608",
        field,
        text.startsWith("spiffe://")
          ? "principals are written without spiffe://"
          : `${text} is no identity of the mesh: the rule hits nobody`,
        "write TRUST-DOMAIN/ns/NAMESPACE/sa/ACCOUNT, such as cluster.local/ns/shop/sa/cart",
      ),
    ];
  }
  const { trustDomain, trustDomainAliases, providers } = meshSettings(index);
  if (trustDomainAliases.includes(domain)) {
    return [
      note(
        "KIA0107",
        field,
        `${domain} is an alias of the trust domain: the account may be of another cluster`,
        "nothing, if it is meant",
      ),
    ];
  }
  if (domain !== trustDomain && domain !== "cluster.local") {
    return [
      note(
        "KIA0108",
        field,
        `the mesh has the trust domain ${trustDomain}, not ${domain}`,
        `write ${trustDomain}, or add ${domain} to trustDomainAliases`,
        providers === undefined ? "info" : "warning",
      ),
    ];
  }
  return missingAccount(field, namespace, account, index);
}

/** Identities that rules name. */
export const existingIdentities = kindCheck(
  ["KIA0106", "KIA0107", "KIA0108", "MP0608"],
  [authorizationPolicyKind],
  (policy, index) => {
    const principals = sourcesIn(policy).flatMap((source) => [
      ...source.at("principals").items(),
      ...source.at("notPrincipals").items(),
    ]);
    const accounts = sourcesIn(policy).flatMap((source) => [
      ...source.at("serviceAccounts").items(),
      ...source.at("notServiceAccounts").items(),
    ]);
    return [
      ...principals.flatMap((field) => principal(field, index)),
      ...accounts.flatMap((field): TrafficDraft[] => {
        const [first = "", second] = (field.text() ?? "").split("/");
        const [namespace, account] = second === undefined ? [namespaceOf(policy), first] : [first, second];
        return missingAccount(field, namespace, account, index);
      }),
    ];
  },
);

/** Without rules ALLOW allows nothing, and everything else is denied for its pods. */
export const allowsSomething = kindCheck(["MP0604"], [authorizationPolicyKind], (policy) => {
  const action = specOf(policy).at("action").text() ?? "ALLOW";
  if (action !== "ALLOW" || rulesIn(policy).length > 0) return [];
  return [
    note(
      "MP0604",
      specOf(policy).at("rules"),
      "it has no rules: every request to its pods is denied that no other policy allows",
      "nothing, if that is meant; else add rules, or [{}] to allow everything",
    ),
  ];
});

const http = ["hosts", "methods", "paths", "notHosts", "notMethods", "notPaths"];

/** Proxies read no requests at ports that are not HTTP: ALLOW then never hits, and DENY hits everything. */
export const httpAtHttpPorts = kindCheck(["MP0605"], [authorizationPolicyKind], (policy, index) => {
  if (targeted(policy) || isWide(policy)) return [];
  const ports = podsOf(policy, index)
    .flatMap((workload) => index.servicesOf(workload))
    .flatMap((service) =>
      portsOf(service).map((port, place) => ({
        ...port,
        target: specOf(service).at("ports").items()[place]?.at("targetPort").number() ?? port.number,
      })),
    );
  return operationsIn(policy).flatMap((operation): TrafficDraft[] => {
    const used = http.filter((name) => operation.at(name).given);
    if (used.length === 0) return [];
    const named = operation.at("ports").texts().map(Number);
    const meant = ports.filter(({ target }) => named.length === 0 || named.includes(target));
    const raw = meant.find(({ protocol }) =>
      ["TCP", "MONGO", "REDIS", "MYSQL", "TLS", "HTTPS"].includes(protocol),
    );
    if (raw === undefined || meant.some(({ protocol }) => isHttp(protocol) || protocol === "")) return [];
    return [
      note(
        "MP0605",
        operation,
        `port ${raw.target} is ${raw.protocol}: proxies see no ${used.join(", ")} there, so that the rule allows nothing, or denies everything`,
        "go by ports and principals, or call the port http",
      ),
    ];
  });
});

/** Who is asked for a decision has to be in the mesh config. */
export const existingProvider = kindCheck(
  ["MP0606"],
  [authorizationPolicyKind, "telemetry.istio.io/Telemetry"],
  (object, index) => {
    const { providers } = meshSettings(index);
    if (providers === undefined) return [];
    const spec = specOf(object);
    const named =
      object.kind === "AuthorizationPolicy"
        ? [spec.at("provider", "name")]
        : ["tracing", "metrics", "accessLogging"].flatMap((part) =>
            spec
              .at(part)
              .items()
              .flatMap((entry) =>
                entry
                  .at("providers")
                  .items()
                  .map((provider) => provider.at("name")),
              ),
          );
    const known = [...providers, ...(object.kind === "Telemetry" ? builtInProviders : [])];
    return named
      .filter((at) => (at.text() ?? "") !== "" && !known.includes(at.text() ?? ""))
      .map((at) =>
        note(
          "MP0606",
          at,
          `the mesh config has no extension provider ${at.text()}${object.kind === "Telemetry" ? ": nothing is sent" : ": every request is denied"}`,
          providers.length > 0
            ? `write ${[...providers].sort().join(" or ")}, or add it to extensionProviders`
            : "add it to extensionProviders of the mesh config",
        ),
      );
  },
);
