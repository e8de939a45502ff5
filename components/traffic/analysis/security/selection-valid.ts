import type { Field } from "../field";
import type { Notes } from "../notes";

const targets = [
  "/Service",
  "networking.istio.io/ServiceEntry",
  "gateway.networking.k8s.io/Gateway",
  "gateway.networking.k8s.io/GatewayClass",
];

/** By which pods or objects a policy is found. */
export function validSelection(spec: Field, notes: Notes): void {
  const selector = spec.at("selector");
  if (selector.given && selector.at("matchLabels").keys().length === 0) {
    notes.warn(
      selector,
      "a selector without labels is for everything here",
      "add matchLabels, or take it away",
    );
  }
  const references = [spec.at("targetRef"), ...spec.at("targetRefs").items()].filter((at) => at.given);
  for (const reference of references) {
    const [group, kind] = [reference.at("group").text() ?? "", reference.at("kind").text() ?? ""];
    if ((reference.at("name").text() ?? "") === "") notes.refuse(reference, "no name", "add name");
    if (!targets.includes(`${group === "core" ? "" : group}/${kind}`)) {
      notes.refuse(
        reference,
        `${group}/${kind} is nothing that policies can be put on`,
        "name a Service, a ServiceEntry, or a Gateway of gateway.networking.k8s.io",
      );
    }
  }
}
