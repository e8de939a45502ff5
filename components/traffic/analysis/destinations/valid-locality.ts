import type { Field } from "../field";
import type { Notes } from "../notes";

/** Whether two places, `region/zone/subzone` with a wildcard at the end, have something in common. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one.split("/"), other.split("/")];
  for (let place = 0; place < Math.min(a.length, b.length); place++) {
    if (a[place] === "*" || b[place] === "*") return true;
    if (a[place] !== b[place]) return false;
  }
  return true;
}

function validPlaces(at: Field, places: readonly string[], notes: Notes): void {
  for (const [index, place] of places.entries()) {
    if (
      place.split("/").some((part) => part === "") ||
      (place.indexOf("*") < place.length - 1 && place.includes("*"))
    ) {
      notes.refuse(
        at,
        `${place || "nothing"} is no place`,
        "write region/zone/subzone, perhaps with * at the end",
      );
    }
    if (places.slice(0, index).some((other) => overlap(place, other))) {
      notes.refuse(at, `${place} stands for something that another one has`, "keep them apart");
    }
  }
}

/** Where requests go first by the region of who sends them. */
export function validLocality(setting: Field, outlier: Field, notes: Notes): void {
  const [distribute, failover] = [setting.at("distribute").items(), setting.at("failover").items()];
  const priority = setting.at("failoverPriority").texts();
  if (distribute.length > 0 && failover.length > 0) {
    notes.refuse(setting, "distribute beside failover", "keep one of them");
    return;
  }
  const topology = priority.filter((label) =>
    /^topology\.(kubernetes|istio)\.io\/(region|zone|subzone)$/.test(label),
  );
  if (failover.length > 0 && topology.length > 0) {
    notes.refuse(
      setting.at("failoverPriority"),
      `${topology.join(", ")} beside failover`,
      "keep one of them",
    );
  }
  for (const entry of distribute) {
    const to = entry.at("to").entries();
    const weights = to.map(([, weight]) => weight.number() ?? 0);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total !== 100 || weights.some((weight) => weight < 1)) {
      notes.refuse(
        entry.at("to"),
        `weights ${weights.join(" + ")} = ${total}`,
        "give each at least 1, and 100 together",
      );
    }
    validPlaces(
      entry.at("to"),
      to.map(([place]) => place),
      notes,
    );
  }
  validPlaces(
    setting.at("distribute"),
    distribute.map((entry) => entry.at("from").text() ?? ""),
    notes,
  );
  for (const entry of failover) {
    const [from, to] = [entry.at("from").text() ?? "", entry.at("to").text() ?? ""];
    if (from === to) notes.refuse(entry, `from ${from} to the same`, "name another region");
    if (/[/*]/.test(from + to)) notes.refuse(entry, "more than the name of a region", "name regions alone");
  }
  if ((failover.length > 0 || priority.length > 0) && !outlier.given) {
    notes.warn(
      setting,
      "without outlierDetection nobody sees that a region is down, and nothing fails over",
      "add outlierDetection",
    );
  }
}
