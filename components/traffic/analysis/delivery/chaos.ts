import { defineCheck } from "../../../lib/checks";
import type { Check } from "../../../lib/findings";
import type { ObjectIndex } from "../../../lib/object-index";
import type { Workload } from "../../../lib/workloads";
import { catalogue } from "../catalogue";
import { listed, note, type TrafficDraft } from "../define";
import { type Field, specOf } from "../field";
import { chaosBladeKind } from "../kinds";

const scopes = ["node", "pod", "container"];

const matcher = (experiment: Field, name: string): Field | undefined =>
  experiment
    .at("matchers")
    .items()
    .find((one) => one.at("name").text() === name);

const values = (experiment: Field, name: string): readonly Field[] =>
  matcher(experiment, name)
    ?.at("value")
    .items()
    .filter((value) => (value.text() ?? "") !== "") ?? [];

/** What an experiment needs to find its victims, and to do something to them. */
function needs(experiment: Field): TrafficDraft[] {
  const wrong = (at: Field, message: string, change: string) => note("MP0806", at, message, change);
  const scope = experiment.at("scope").text() ?? "";
  if (!scopes.includes(scope))
    return [wrong(experiment.at("scope"), `${scope || "nothing"} is no scope`, `write ${scopes.join(", ")}`)];
  const found: TrafficDraft[] = [];
  const named = ["names", "labels"].some((name) => values(experiment, name).length > 0);
  if (!named)
    found.push(
      wrong(
        experiment.at("matchers"),
        `neither names nor labels: no ${scope} is chosen`,
        "add a matcher names or labels",
      ),
    );
  if (scope !== "node" && values(experiment, "namespace").length === 0)
    found.push(
      wrong(
        experiment.at("matchers"),
        "no namespace: pods are looked for in none",
        "add a matcher namespace",
      ),
    );
  if (
    scope === "container" &&
    !["container-ids", "container-names", "container-index"].some(
      (name) => values(experiment, name).length > 0,
    )
  ) {
    found.push(wrong(experiment.at("matchers"), "no container is chosen", "add a matcher container-names"));
  }
  if (
    experiment.at("target").text() === "network" &&
    ["loss", "delay", "corrupt", "duplicate", "reorder"].includes(experiment.at("action").text() ?? "") &&
    values(experiment, "interface").length === 0
  ) {
    found.push(
      wrong(
        experiment.at("matchers"),
        "no interface: the tool refuses it",
        "add a matcher interface, such as eth0",
      ),
    );
  }
  for (const name of ["percent", "cpu-percent", "mem-percent"]) {
    for (const value of values(experiment, name)) {
      const number = Number(value.text());
      if (!(number >= 0 && number <= 100))
        found.push(wrong(value, `${value.text()} is no percentage`, "write 0 to 100, as text"));
    }
  }
  return found;
}

/** Whether a pod of a workload may have a name. */
function mayBe(pod: string, { object }: Workload): boolean {
  const { name } = object.metadata;
  return object.kind === "Pod" ? pod === name : pod.startsWith(`${name}-`);
}

function victims(experiment: Field, index: ObjectIndex, nodes: readonly string[]): TrafficDraft[] {
  const lost = (at: Field, message: string, change: string, certain: boolean) =>
    note(
      "MP0805",
      at,
      `${message}${certain ? ": nothing happens" : " here; whether others make it is not known"}`,
      change,
      certain ? "error" : "info",
    );
  const scope = experiment.at("scope").text() ?? "";
  if (scope === "node") {
    if (nodes.length === 0) return [];
    return values(experiment, "names")
      .filter((at) => !nodes.includes(at.text() ?? ""))
      .map((at) => lost(at, `there is no node ${at.text()}`, `write ${listed(nodes)}`, true));
  }
  return values(experiment, "namespace").flatMap((space): TrafficDraft[] => {
    const namespace = space.text() ?? "";
    if (index.namespace(namespace) === undefined && index.workloadsIn(namespace).length === 0) {
      return [lost(space, `there is no namespace ${namespace}`, "correct the name", index.closed)];
    }
    const pods = index.workloadsIn(namespace);
    const certain = index.owns(namespace);
    const names = values(experiment, "names").filter(
      (at) => !pods.some((workload) => mayBe(at.text() ?? "", workload)),
    );
    const labels = values(experiment, "labels").filter((at) => {
      const pairs = (at.text() ?? "").split(",").map((pair) => pair.split("=") as [string, string]);
      return index.selected(Object.fromEntries(pairs), namespace).length === 0;
    });
    return [
      ...names.map((at) =>
        lost(
          at,
          `no workload of ${namespace} makes a pod ${at.text()}`,
          "go by labels: names of pods change with each rollout",
          certain,
        ),
      ),
      ...labels.map((at) =>
        lost(at, `no pods in ${namespace} have ${at.text()}`, "correct the labels", certain),
      ),
    ];
  });
}

/** Experiments of ChaosBlade. Nodes are those of the inventory, and those that are declared. */
export const chaosCheck = (inventory: readonly string[] = []): Check =>
  defineCheck(catalogue, {
    codes: ["MP0805", "MP0806"],
    over: (index) => index.ofKind(chaosBladeKind),
    look: (blade, index) => {
      const nodes = [...inventory, ...index.ofKind("Node").map(({ metadata }) => metadata.name)];
      return specOf(blade)
        .at("experiments")
        .items()
        .flatMap((experiment) => [...needs(experiment), ...victims(experiment, index, nodes)]);
    },
  });
