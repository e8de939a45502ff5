import { namespaceOf } from "../../../lib/workloads";
import { kindCheck, note, type TrafficDraft } from "../define";
import { policiesOf } from "../destination-rules";
import { type Field, specOf } from "../field";
import { destinationRuleKind, sidecarKind, virtualServiceKind } from "../kinds";
import { gatewayName, gatewaysOf, rulesOf } from "../virtual-services";

/** A prefix goes, and what stands for it is put before the rest of the path: the slash between is in one of the two. */
function slashes(rule: Field): TrafficDraft[] {
  const to = rule.at("rewrite", "uri").text() ?? "";
  if (to === "") return [];
  const prefixes = rule
    .at("match")
    .items()
    .map((match) => match.at("uri", "prefix").text() ?? "");
  return prefixes.flatMap((prefix, place): TrafficDraft[] => {
    if (prefix === "" || prefix.endsWith("/") === to.endsWith("/")) return [];
    // The pair /x/ and /x: only what is exactly /x comes to the second one with a rest that begins with a slash.
    const paired = prefixes.slice(0, place).includes(`${prefix}/`);
    if (paired) return [];
    const at = rule.at("rewrite", "uri");
    return to.endsWith("/")
      ? [
          note(
            "MP0408",
            at,
            `${prefix}/a becomes ${to}/a, with two slashes: many servers answer 404`,
            `match ${prefix}/ before ${prefix} in this rule, or use uriRegexRewrite`,
          ),
        ]
      : [
          note(
            "MP0408",
            at,
            `${prefix}a becomes ${to}a: the slash between is lost`,
            `write ${to}/ , or match ${prefix.slice(0, -1)}`,
          ),
        ];
  });
}

export const soundRewrite = kindCheck(["MP0408"], [virtualServiceKind], (object) =>
  rulesOf(object, "http").flatMap(slashes),
);

/** The routes of another VirtualService, which has no hosts of its own. */
export const existingDelegate = kindCheck(["MP0412"], [virtualServiceKind], (object, index) =>
  rulesOf(object, "http").flatMap((rule): TrafficDraft[] => {
    const delegate = rule.at("delegate");
    const name = delegate.at("name").text();
    if (name === undefined) return [];
    const namespace = delegate.at("namespace").text() || namespaceOf(object);
    const found = index.find(virtualServiceKind, namespace, name);
    if (found === undefined) {
      const certain = index.owns(namespace);
      return [
        note(
          "MP0412",
          delegate,
          `there is no VirtualService ${namespace}/${name}${certain ? ": these requests get 404" : " here; whether others make it is not known"}`,
          "declare it, or correct the name",
          certain ? "error" : "info",
        ),
      ];
    }
    if (specOf(found).at("hosts").items().length === 0) return [];
    return [
      note(
        "MP0412",
        delegate,
        `${namespace}/${name} has hosts of its own, so that nothing is delegated to it`,
        "take hosts and gateways out of it",
      ),
    ];
  }),
);

/** A match for gateways narrows those of the VirtualService, and adds none. */
export const matchOnOwnGateways = kindCheck(["MP0413"], [virtualServiceKind], (object) => {
  const gateways = gatewaysOf(object);
  if (specOf(object).at("hosts").items().length === 0) return [];
  return (["http", "tls", "tcp"] as const).flatMap((list) =>
    rulesOf(object, list).flatMap((rule) =>
      rule
        .at("match")
        .items()
        .flatMap((match) => match.at("gateways").items())
        .flatMap((gateway): TrafficDraft[] => {
          const text = gateway.text() ?? "";
          if (text === "" || gateways.includes(gatewayName(text, namespaceOf(object)))) return [];
          return [
            note(
              "MP0413",
              gateway,
              `the VirtualService is on ${gateways.join(", ")}, and not on ${text}: the match never hits`,
              "add it to spec.gateways, or correct the name",
            ),
          ];
        }),
    ),
  );
});

const given = (at: Field, message: string, change: string): TrafficDraft[] =>
  at.given && at.value !== 0 ? [note("IST0002", at, message, change)] : [];

/** Fields that still work, or are ignored, and will go. */
export const noOldFields = kindCheck(
  ["IST0002"],
  [virtualServiceKind, sidecarKind, destinationRuleKind],
  (object) => {
    if (object.kind === "VirtualService") {
      return rulesOf(object, "http").flatMap((rule) =>
        given(rule.at("fault", "delay", "percent"), "percent is deprecated", "write percentage with a value"),
      );
    }
    if (object.kind === "Sidecar") {
      const at = specOf(object).at("outboundTrafficPolicy", "egressProxy");
      return given(at, "egressProxy is ignored", "take it away");
    }
    return policiesOf(object)
      .map(({ field }) => field.at("loadBalancer", "simple"))
      .filter((at) => at.text() === "LEAST_CONN")
      .map((at) => note("IST0002", at, "LEAST_CONN is deprecated", "write LEAST_REQUEST, which is the same"));
  },
);
