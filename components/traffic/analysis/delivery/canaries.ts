import { titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { gather, kindCheck, note, type TrafficDraft } from "../define";
import { hostOf, subsetNames } from "../destination-rules";
import { milliseconds } from "../duration";
import { type Field, specOf } from "../field";
import { canaryKind, destinationRuleKind, rolloutKind, virtualServiceKind } from "../kinds";
import { canaryName, targetOf } from "../registry";

interface Ownership {
  /** Hosts whose VirtualService Flagger makes. */
  readonly routes: Map<string, string>;
  /** Hosts whose DestinationRule Flagger makes. */
  readonly rules: Map<string, string>;
}

const owned = (index: ObjectIndex) =>
  gather(
    index,
    "canary hosts",
    [canaryKind],
    (): Ownership => ({ routes: new Map(), rules: new Map() }),
    ({ routes, rules }, canary) => {
      const provider = specOf(canary).at("provider").text() ?? "istio";
      if (provider !== "istio") return;
      const [name, namespace, title] = [canaryName(canary), namespaceOf(canary), titleFor(canary)];
      for (const host of [name, ...specOf(canary).at("service", "hosts").texts()]) {
        if (host !== "*") routes.set(targetOf(host, namespace).host, title);
      }
      for (const suffix of ["-primary", "-canary"])
        rules.set(targetOf(`${name}${suffix}`, namespace).host, title);
    },
  ).entries;

/** What Flagger writes, it writes alone: it overwrites changes, and a second object competes with its own. */
export const onlyFlagger = kindCheck(
  ["MP0801"],
  [virtualServiceKind, destinationRuleKind],
  (object, index) => {
    const rule = object.kind === "DestinationRule";
    const hosts = rule ? [specOf(object).at("host")] : [...specOf(object).at("hosts").items()];
    return hosts.flatMap((field): TrafficDraft[] => {
      const { host } = targetOf(field.text() ?? "", namespaceOf(object));
      const canary = (rule ? owned(index).rules : owned(index).routes).get(host);
      if (canary === undefined) return [];
      return [
        note(
          "MP0801",
          field,
          `Flagger makes the ${object.kind} for ${host}, for ${canary}: this one competes with it`,
          `take it away, and say in ${canary} what it should have`,
        ),
      ];
    });
  },
);

/** The Deployment that is rolled out. */
export const existingTarget = kindCheck(["MP0802"], [canaryKind], (canary, index) =>
  ["targetRef", "autoscalerRef"].flatMap((name): TrafficDraft[] => {
    const reference = specOf(canary).at(name);
    const [kind, target] = [reference.at("kind").text() ?? "", reference.at("name").text() ?? ""];
    const namespace = namespaceOf(canary);
    const group = (reference.at("apiVersion").text() ?? "").split("/");
    const full = group.length > 1 ? `${group[0]}/${kind}` : kind;
    if (target === "" || index.find(full, namespace, target) !== undefined) return [];
    const certain = index.owns(namespace);
    return [
      note(
        "MP0802",
        reference,
        `there is no ${kind} ${namespace}/${target}${certain ? ": Flagger waits for it for ever" : " here; whether others make it is not known"}`,
        "declare it, or correct the name",
        certain ? "error" : "info",
      ),
    ];
  }),
);

function steps(analysis: Field): TrafficDraft[] {
  const wrong = (at: Field, message: string, change: string) => note("MP0803", at, message, change);
  const [step, most] = [analysis.at("stepWeight").number() ?? 0, analysis.at("maxWeight").number() ?? 0];
  const list = analysis
    .at("stepWeights")
    .items()
    .map((weight) => weight.number() ?? 0);
  const iterations = analysis.at("iterations").number() ?? 0;
  const interval = analysis.at("interval").text();
  const ms = interval === undefined ? undefined : milliseconds(interval);
  const timing =
    ms === undefined || ms <= 0
      ? [wrong(analysis.at("interval"), `${interval ?? "nothing"} is no interval`, "write one such as 30s")]
      : [];
  if (list.length > 0) {
    const rising = list.every((weight, place) => weight > (list[place - 1] ?? 0) && weight <= 100);
    return rising
      ? timing
      : [
          ...timing,
          wrong(
            analysis.at("stepWeights"),
            `the weights ${list.join(", ")} do not rise up to 100 at most`,
            "order them, each larger than the one before",
          ),
        ];
  }
  if (iterations > 0) {
    return step > 0
      ? [
          ...timing,
          wrong(
            analysis.at("stepWeight"),
            "steps beside iterations: Flagger goes by iterations alone",
            "keep one of them",
          ),
        ]
      : timing;
  }
  if (analysis.at("match").items().length > 0)
    return [
      ...timing,
      wrong(analysis, "a match without iterations: nobody is ever promoted", "add iterations"),
    ];
  if (step <= 0)
    return [
      ...timing,
      wrong(
        analysis,
        "neither stepWeight, stepWeights nor iterations: the new version gets no requests",
        "add stepWeight and maxWeight",
      ),
    ];
  const limit = most === 0 ? 100 : most;
  if (limit > 100)
    return [...timing, wrong(analysis.at("maxWeight"), `${most} is more than everything`, "write 1 to 100")];
  if (step > limit)
    return [
      ...timing,
      wrong(
        analysis.at("stepWeight"),
        `the first step of ${step} is beyond maxWeight ${limit}`,
        "lower stepWeight",
      ),
    ];
  return timing;
}

export const soundSteps = kindCheck(["MP0803"], [canaryKind], (canary) => {
  const spec = specOf(canary);
  const analysis = spec.at("analysis").given ? spec.at("analysis") : spec.at("canaryAnalysis");
  if (!analysis.given || spec.at("skipAnalysis").flag()) return [];
  return steps(analysis);
});

function rolloutRoutes(reference: Field, rollout: KubeObject, index: ObjectIndex): TrafficDraft[] {
  const name = reference.at("name").text() ?? "";
  const namespace = namespaceOf(rollout);
  const found = index.find(virtualServiceKind, namespace, name);
  if (found === undefined) {
    return [
      note(
        "MP0804",
        reference,
        `there is no VirtualService ${namespace}/${name}`,
        "declare it, or correct the name",
        index.owns(namespace) ? "error" : "info",
      ),
    ];
  }
  const names = specOf(found)
    .at("http")
    .items()
    .map((rule) => rule.at("name").text() ?? "");
  return reference
    .at("routes")
    .items()
    .filter((route) => !names.includes(route.text() ?? ""))
    .map((route) =>
      note(
        "MP0804",
        route,
        `${namespace}/${name} has no rule called ${route.text()}`,
        `write ${names.filter(Boolean).join(" or ") || "a name into the rule"}`,
      ),
    );
}

/** What Argo Rollouts moves weights in. */
export const existingTraffic = kindCheck(["MP0804"], [rolloutKind], (rollout, index) => {
  const istio = specOf(rollout).at("strategy", "canary", "trafficRouting", "istio");
  const one = istio.at("virtualService");
  const references = [...(one.given ? [one] : []), ...istio.at("virtualServices").items()];
  const rule = istio.at("destinationRule");
  const namespace = namespaceOf(rollout);
  const found = rule.given
    ? index.find(destinationRuleKind, namespace, rule.at("name").text() ?? "")
    : undefined;
  const subsets = found === undefined ? [] : subsetNames(hostOf(found), index);
  const lost = ["canarySubsetName", "stableSubsetName"]
    .map((name) => rule.at(name))
    .filter((at) => found !== undefined && at.given && !subsets.includes(at.text() ?? ""));
  return [
    ...references.flatMap((reference) => rolloutRoutes(reference, rollout, index)),
    ...(rule.given && found === undefined
      ? [
          note(
            "MP0804",
            rule,
            `there is no DestinationRule ${namespace}/${rule.at("name").text()}`,
            "declare it, or correct the name",
            index.owns(namespace) ? "error" : "info",
          ),
        ]
      : []),
    ...lost.map((at) =>
      note(
        "MP0804",
        at,
        `the DestinationRule has no subset ${at.text()}`,
        `write ${subsets.join(" or ") || "the subset into it"}`,
      ),
    ),
  ];
});
