import { namespaceOf } from "../../../lib/workloads";
import { kindCheck, note, type TrafficDraft } from "../define";
import { hostOf, podsBehind, policiesOf, replicasOf } from "../destination-rules";
import { type Field, specOf } from "../field";
import { destinationRuleKind } from "../kinds";
import { behind, portsOf } from "../registry";

const unchecked = (tls: Field, selected: boolean): boolean =>
  ["SIMPLE", "MUTUAL"].includes(tls.at("mode").text() ?? "") &&
  (tls.at("caCertificates").text() ?? "") === "" &&
  !((tls.at("credentialName").text() ?? "") !== "" && selected);

/** Without an authority to check against, anybody can be the server. */
export const checkedServers = kindCheck(["IST0128", "IST0129"], [destinationRuleKind], (rule) => {
  const selected = specOf(rule).at("workloadSelector").given;
  return policiesOf(rule)
    .filter(({ field }) => unchecked(field.at("tls"), selected))
    .map(({ field, level }) =>
      note(
        level === "port" ? "IST0129" : "IST0128",
        field.at("tls"),
        "the server's certificate is checked against no authority that is named here",
        "add caCertificates, such as /etc/ssl/certs/ca-certificates.crt",
      ),
    );
});

function hash(
  {
    field,
    subset,
    rule,
  }: { field: Field; subset: Field | undefined; rule: Parameters<typeof podsBehind>[0] },
  index: Parameters<typeof podsBehind>[2],
): TrafficDraft[] {
  const at = field.at("loadBalancer", "consistentHash");
  if (!at.given) return [];
  const pods = podsBehind(rule, subset, index);
  if (pods === undefined || pods.length === 0 || replicasOf(pods) !== 1) return [];
  const whose = subset === undefined ? "the host" : `the subset ${subset.at("name").text()}`;
  return [
    note(
      "MP0502",
      at,
      `${whose} has one pod: every request goes there, whatever its hash`,
      "raise replicas, or hash over the host instead of the subset",
    ),
  ];
}

/** Clients that are kept at one of one pod. */
export const hashHasChoice = kindCheck(["MP0502"], [destinationRuleKind], (rule, index) =>
  policiesOf(rule).flatMap(({ field, subset }) => hash({ field, subset, rule }, index)),
);

/** Envoy ejects no more than this part of the pods; by Istio's default 10 %. */
export const ejectsSomeone = kindCheck(["MP0503"], [destinationRuleKind], (rule, index) =>
  policiesOf(rule).flatMap(({ field, subset }): TrafficDraft[] => {
    const outlier = field.at("outlierDetection");
    if (!outlier.given) return [];
    const given = outlier.at("maxEjectionPercent");
    const percent = given.number() ?? 10;
    const pods = podsBehind(rule, subset, index);
    const count = pods === undefined || pods.length === 0 ? undefined : replicasOf(pods);
    if (count === undefined || count === 0 || percent <= 0 || (percent / 100) * count >= 1) return [];
    return [
      note(
        "MP0503",
        given.given ? given : outlier,
        `${percent} % of ${count} pods is less than one: whether Envoy ejects any depends on its version`,
        `write at least ${Math.ceil(100 / count)}, or 100`,
      ),
    ];
  }),
);

const kept = ["connectionPool", "outlierDetection", "loadBalancer", "tls"];

/** What is set for a port replaces what is set for all, as a whole. */
export const portsRepeat = kindCheck(["MP0504"], [destinationRuleKind], (rule) =>
  policiesOf(rule)
    .filter(({ level }) => level !== "port")
    .flatMap(({ field }) =>
      field
        .at("portLevelSettings")
        .items()
        .flatMap((port): TrafficDraft[] => {
          const lost = kept.filter((name) => field.at(name).given && !port.at(name).given);
          if (lost.length === 0) return [];
          return [
            note(
              "MP0504",
              port,
              `port ${port.at("port", "number").number() ?? "?"} does not inherit ${lost.join(", ")} from the settings above`,
              `repeat ${lost.join(", ")} for the port where they are meant for it, too`,
            ),
          ];
        }),
    ),
);

/** A proxy that encrypts has to be given what is not encrypted yet. */
export const plainBeforeTls = kindCheck(["MP0506"], [destinationRuleKind], (rule, index) => {
  const target = hostOf(rule);
  if (target.service !== undefined || target.host === "") return [];
  const ports = behind(target, namespaceOf(rule), index).flatMap(portsOf);
  return policiesOf(rule).flatMap(({ field, level }): TrafficDraft[] => {
    const mode = field.at("tls", "mode");
    if (!["SIMPLE", "MUTUAL"].includes(mode.text() ?? "")) return [];
    const own = level === "port" ? field.at("port", "number").number() : undefined;
    const bad = ports.filter(
      ({ number, protocol }) => ["HTTPS", "TLS"].includes(protocol) && (own === undefined || own === number),
    );
    // Where other ports are meant, too, the rule is for those.
    if (bad.length === 0 || (own === undefined && bad.length < ports.length)) return [];
    return [
      note(
        "MP0506",
        mode,
        `port ${bad[0]?.number} of ${target.host} is ${bad[0]?.protocol}: what clients have encrypted is encrypted again, and the server cannot read it`,
        "call the port HTTP in the ServiceEntry, and let clients speak plain HTTP to it; or take tls away",
      ),
    ];
  });
});
