import type { Check } from "../../../lib/findings";
import { kindCheck, note } from "../define";
import { type Field, specOf } from "../field";
import { telemetryKind } from "../kinds";
import { meshSettings } from "../mesh";
import { Notes } from "../notes";
import { validSelection } from "../security/selection-valid";
import { oneOfAKind } from "../selection";

function validProviders(at: Field, notes: Notes): void {
  for (const provider of at.at("providers").items()) {
    if ((provider.at("name").text() ?? "") === "")
      notes.refuse(provider, "a provider without a name", "name it as in the mesh config");
  }
}

function validTags(tracing: Field, notes: Notes): void {
  for (const [name, tag] of tracing.at("customTags").entries()) {
    if (name === "") notes.refuse(tag, "a tag without a name", "name it");
    const parts = [
      ["literal", "value"],
      ["header", "name"],
      ["environment", "name"],
    ] as const;
    for (const [kind, field] of parts) {
      const at = tag.at(kind);
      if (at.given && (at.at(field).text() ?? "") === "")
        notes.refuse(at, `${kind} without ${field}`, `add ${field}`);
    }
  }
}

/** What Istio's webhook refuses or warns of in a Telemetry. */
export const validTelemetry = kindCheck(["IST0106", "IST0133"], [telemetryKind], (telemetry) => {
  const notes = new Notes();
  const spec = specOf(telemetry);
  validSelection(spec, notes);
  const tracings = spec.at("tracing").items();
  if (tracings.length > 1)
    notes.warn(spec.at("tracing"), "Istio traces by one entry alone", "put them into one");
  for (const tracing of tracings) {
    validProviders(tracing, notes);
    if (tracing.at("providers").items().length > 1)
      notes.warn(tracing.at("providers"), "Istio traces to one provider alone", "keep one");
    notes.percent(tracing.at("randomSamplingPercentage"));
    validTags(tracing, notes);
  }
  for (const entry of [...spec.at("metrics").items(), ...spec.at("accessLogging").items()])
    validProviders(entry, notes);
  for (const override of spec
    .at("metrics")
    .items()
    .flatMap((metrics) => metrics.at("overrides").items())) {
    const custom = override.at("match", "customMetric");
    if (custom.given && custom.text() === "") notes.refuse(custom, "a metric without a name", "name it");
  }
  return notes.drafts;
});

/** Logs go where the mesh config says by default, or where the Telemetry says. */
export const logsGoSomewhere = kindCheck(["IST0157"], [telemetryKind], (telemetry, index) => {
  if (meshSettings(index).logsByDefault) return [];
  return specOf(telemetry)
    .at("accessLogging")
    .items()
    .filter((logging) => !logging.at("disabled").flag() && logging.at("providers").items().length === 0)
    .map((logging) =>
      note(
        "IST0157",
        logging,
        "no provider here, and none by default in the mesh config: nothing is logged",
        "add providers, such as envoy",
      ),
    );
});

export const telemetryChecks: readonly Check[] = [
  validTelemetry,
  logsGoSomewhere,
  oneOfAKind(telemetryKind, "IST0160", "IST0159"),
];
