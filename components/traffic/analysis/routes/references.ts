import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { kindCheck, listed, note, type TrafficDraft } from "../define";
import { rulesByHost, rulesFor, subsetNames } from "../destination-rules";
import { specOf } from "../field";
import { destinationRuleKind, serviceEntryKind, virtualServiceKind } from "../kinds";
import { behind, namesakes, portsOf, surelyMissing, type Target } from "../registry";
import { type Destination, destinationsOf } from "../virtual-services";

/** What to write instead of a host that does not exist. */
export function betterHost(text: string, target: Target, index: ObjectIndex): string {
  const [name = ""] = text.split(".");
  const places = namesakes(name, index).slice(0, 3);
  if (places.length > 0) {
    return `write ${places.map((place) => `${name}.${place}.svc.cluster.local`).join(" or ")}`;
  }
  return target.service === undefined
    ? "declare it by a ServiceEntry, or correct the name"
    : `declare the Service ${target.service.name} in ${target.service.namespace}, or correct the name`;
}

function missingHost({ field, text, target, mirror }: Destination, index: ObjectIndex): TrafficDraft {
  const certain = surelyMissing(target, index) || namesakes(text, index).length > 0;
  const effect = mirror ? "nothing is mirrored" : "requests end in 503";
  return note(
    "IST0101",
    field.at("host"),
    `there is no ${target.host}${certain ? `: ${effect}` : " here; whether others make it is not known"}`,
    betterHost(text, target, index),
    certain ? "error" : "info",
  );
}

/** The port that is meant, if it can be told. */
function ports({ field, text, port }: Destination, found: readonly KubeObject[]): TrafficDraft[] {
  const numbers = [...new Set(found.flatMap(portsOf).map(({ number }) => number))].sort((a, b) => a - b);
  if (port === undefined) {
    if (numbers.length < 2) return [];
    const list = numbers.slice(0, 6).join(", ");
    return [note("IST0112", field, `${text} has the ports ${list}, and none is chosen`, "add port.number")];
  }
  if (numbers.includes(port)) return [];
  const list = numbers.length === 0 ? "no ports" : `the ports ${numbers.slice(0, 6).join(", ")}`;
  return [
    note(
      "IST0101",
      field.at("port", "number"),
      `${text} has ${list}, not ${port}: requests end in 503`,
      "write one of its ports",
    ),
  ];
}

function subset(destination: Destination, index: ObjectIndex): TrafficDraft[] {
  const { field, text, target, subset: name } = destination;
  if (name === undefined) return [];
  const names = subsetNames(target, index);
  if (names.includes(name)) return [];
  const { vague } = rulesByHost(index);
  if (vague !== undefined) throw vague;
  const certain = rulesFor(target, index).length > 0 || surelyMissing(target, index);
  return [
    note(
      "IST0101",
      field.at("subset"),
      `no DestinationRule has a subset ${name} of ${text}${certain ? ": requests end in 503" : " here; whether others make it is not known"}`,
      names.length > 0
        ? `write ${listed(names)}, or add the subset`
        : `add a DestinationRule for ${text} with the subset ${name}`,
      certain ? "error" : "info",
    ),
  ];
}

/** Hosts, ports and subsets that routes and mirrors lead to. */
export const existingDestinations = kindCheck(
  ["IST0101", "IST0112"],
  [virtualServiceKind],
  (virtualService, index) =>
    destinationsOf(virtualService).flatMap((destination) => {
      const found = behind(destination.target, namespaceOf(virtualService), index);
      return [
        ...(found.length === 0 ? [missingHost(destination, index)] : ports(destination, found)),
        ...subset(destination, index),
      ];
    }),
);

/** Namespaces that an object is for, and that nobody makes. Only where everything is declared. */
export const exportedSomewhere = kindCheck(
  ["KIA0005"],
  [virtualServiceKind, destinationRuleKind, serviceEntryKind],
  (object, index) =>
    specOf(object)
      .at("exportTo")
      .items()
      .flatMap((field): TrafficDraft[] => {
        const text = field.text() ?? "";
        if (["", ".", "*", "~"].includes(text) || !index.closed) return [];
        if (index.namespace(text) !== undefined) return [];
        return [note("KIA0005", field, `there is no namespace ${text}`, "correct the name, or take it away")];
      }),
);
