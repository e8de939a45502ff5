import { kindCheck, note, type TrafficDraft } from "../define";
import type { Field } from "../field";
import { virtualServiceKind } from "../kinds";
import { type Destination, mirrorDestinations, routeDestinations, rulesOf } from "../virtual-services";

const lists = ["http", "tls", "tcp"] as const;

function sum(rule: Field): TrafficDraft[] {
  const routes = rule.at("route").items();
  const weights = routes.map((route) => route.at("weight"));
  const numbers = weights.map((weight) => weight.number() ?? 0);
  const total = numbers.reduce((all, weight) => all + weight, 0);
  const [only] = weights;
  if (routes.length === 1 && only?.given === true && total !== 100) {
    return [
      note(
        "KIA1104",
        only,
        `a lone destination gets everything, whatever its weight ${total} says`,
        "take the weight away",
      ),
    ];
  }
  // Istio itself refuses 0 and what is below.
  if (routes.length < 2 || total === 100 || total === 0 || numbers.some((weight) => weight < 0)) return [];
  const shares = numbers.map((weight) => `${Math.round((weight / total) * 1000) / 10} %`).join(", ");
  return [
    note(
      "MP0402",
      rule.at("route"),
      `the weights ${numbers.join(" + ")} sum to ${total}: Istio takes them as parts of it (${shares})`,
      "make them sum to 100; where parts are meant, suppress this with the reason",
    ),
  ];
}

const key = ({ target, subset, port }: Destination) => `${target.host} ${subset ?? ""} ${port ?? ""}`;

function repeated(destinations: readonly Destination[]): TrafficDraft[] {
  const seen = new Set<string>();
  return destinations.flatMap((destination): TrafficDraft[] => {
    const text = key(destination);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    return [
      note(
        "KIA1105",
        destination.field,
        `${destination.text} ${destination.subset ?? ""} stands here twice`.trim(),
        "add the weights up in one",
      ),
    ];
  });
}

/** The weights of a route, and destinations that stand twice. */
export const soundWeights = kindCheck(["MP0402", "KIA1104", "KIA1105"], [virtualServiceKind], (object) =>
  lists.flatMap((list) =>
    rulesOf(object, list).flatMap((rule) => [...sum(rule), ...repeated(routeDestinations(rule, list))]),
  ),
);

/** A copy sent to the same pods doubles their work and compares nothing. */
export const mirrorElsewhere = kindCheck(["MP0411"], [virtualServiceKind], (object) =>
  rulesOf(object, "http").flatMap((rule) => {
    const routes = new Set(routeDestinations(rule).map(key));
    return mirrorDestinations(rule)
      .filter((mirror) => routes.has(key(mirror)))
      .map(({ field, text, subset }) =>
        note(
          "MP0411",
          field,
          `requests go to ${[text, subset].filter(Boolean).join(" ")} already: it gets each one twice`,
          "mirror to another subset, or take the mirror away",
        ),
      );
  }),
);
