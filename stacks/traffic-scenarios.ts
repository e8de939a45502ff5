import type { KubeObject } from "../components/lib/objects";
import { type Place, TrafficFault } from "../components/traffic/faults";
import { scenarios } from "../components/traffic/scenarios";
import type { Scenario, ScenarioContext } from "../components/traffic/scenarios/types";
import { fence } from "../components/traffic/tiers";
import type { PlannedPart } from "./traffic-host";
import type { TrafficSite } from "./traffic-site";

/** What a scenario may know of the platform. */
export function scenarioContext({ context, apps, mesh, canaryWeight }: TrafficSite): ScenarioContext {
  const { bookinfo, httpbin, fortio, istioLab, webDemo, billDemo } = apps;
  const on = Object.entries({ bookinfo, httpbin, fortio, istioLab, webDemo, billDemo });
  return {
    ...context,
    canaryWeight,
    namespaces: Object.fromEntries(on.flatMap(([name, app]) => (app ? [[name, app.namespace]] : []))),
    ...(mesh?.ingress === undefined ? {} : { ingress: mesh.ingress }),
  };
}

/** Whether a setting is as it is wanted; of a list the wanted items have to be among those that there are. */
const fits = (given: unknown, wanted: unknown): boolean =>
  Array.isArray(wanted)
    ? Array.isArray(given) && wanted.every((item) => given.includes(item))
    : given === wanted;

const asText = (value: unknown) => JSON.stringify(value).replaceAll('"', "");

/** `{ httpbin: { versions: [v1, v2] } }`, to be written into the config. */
const asConfig = (app: string, settings: readonly (readonly [string, unknown])[]) => {
  const fields = settings.map(([field, value]) => `${field}: ${asText(value).replaceAll(",", ", ")}`);
  return `{ ${app}: ${fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`} }`;
};

/** Whether the applications that a scenario needs are there, as it needs them; a fault for each that is not. */
function hasNeeds({ needs, name }: Scenario, { apps }: TrafficSite, at: Place): boolean {
  let met = true;
  for (const [app, settings = {}] of Object.entries(needs)) {
    const given = apps[app as keyof typeof needs];
    const wanted = Object.entries(settings as Readonly<Record<string, unknown>>);
    if (given === false) {
      at.fault(name, `with the application ${app}`, `switch it on: apps: ${asConfig(app, wanted)}`);
      met = false;
      continue;
    }
    for (const [field, value] of wanted) {
      const own = (given as Readonly<Record<string, unknown>>)[field];
      if (fits(own, value)) continue;
      at.fault(name, `with apps.${app}.${field} ${asText(value)}, and not ${asText(own)}`, "set it so");
      met = false;
    }
  }
  return met;
}

/** Its objects. What the mesh's Istio does not have yet is a fault of the scenario, whose arguments are no user's. */
function rendered(scenario: Scenario, site: TrafficSite, at: Place): readonly KubeObject[] {
  try {
    return scenario.render(scenarioContext(site));
  } catch (error) {
    if (!(error instanceof TrafficFault)) throw error;
    for (const { given, allowed } of error.faults)
      at.fault(
        `${scenario.name} with ${given.replaceAll('"', "")}`,
        allowed,
        "take it out, or change the version of the mesh",
      );
    return [];
  }
}

export interface PlannedScenario extends PlannedPart {
  readonly name: string;
  readonly at: Place;
}

/** Objects of each scenario that is on. */
export function planScenarios(names: readonly string[], site: TrafficSite, at: Place): PlannedScenario[] {
  return names.flatMap((name, index) => {
    const here = at.in(index);
    const scenario = scenarios[name];
    if (scenario === undefined) {
      here.fault(name, Object.keys(scenarios).join(", "), "name one of these");
      return [];
    }
    if (names.indexOf(name) < index) {
      here.fault(name, "each scenario once", "remove one");
      return [];
    }
    for (const hazard of scenario.hazards) fence({ name: site.tier }, hazard, here);
    if (!hasNeeds(scenario, site, here)) return [];
    return [{ name, at: here, objects: rendered(scenario, site, here), findings: [] }];
  });
}
