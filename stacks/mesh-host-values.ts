import type { MeshSettings, Resources, Scaling, Values } from "../components/mesh/mesh-settings";
import type { ProfilePreset } from "../components/mesh/profiles";

/** Values by chart that a kind of host needs, laid below those of the config. */
export type ChartValues = MeshSettings["values"];

type Path = readonly string[];

const at = (values: Values | undefined, [key = "", ...rest]: Path): unknown => {
  const inner = values?.[key];
  return rest.length === 0 ? inner : at(inner as Values | undefined, rest);
};

function without(values: Values, [key = "", ...rest]: Path): Values {
  if (!(key in values)) return values;
  const { [key]: inner, ...others } = values;
  const left = rest.length === 0 ? {} : without(inner as Values, rest);
  return Object.keys(left).length === 0 ? others : { ...others, [key]: left };
}

const requests = (resources: Resources, given: unknown): Resources =>
  given === undefined ? resources : { ...resources, requests: given as Record<string, string> };
const fixed = (scaling: Scaling, autoscaled: unknown): Scaling =>
  autoscaled === false ? { replicas: 1 } : scaling;

/** Places of values that hosts give and that have a field of their own in the config, which must win. */
const typed = {
  istiodScaling: ["istiod", "autoscaleEnabled"],
  istiodResources: ["istiod", "resources", "requests"],
  proxyResources: ["istiod", "global", "proxy", "resources", "requests"],
  gatewayScaling: ["gateway", "autoscaling", "enabled"],
  gatewayResources: ["gateway", "resources", "requests"],
} as const satisfies Record<string, Path>;

/** What hosts say about things that the config can say too, as part of the profile; and the rest of their values. */
export function hostPreset(
  preset: ProfilePreset,
  below: ChartValues,
): { preset: ProfilePreset; below: ChartValues } {
  const said = (place: Path) => at(below as Values, place);
  return {
    preset: {
      ...preset,
      istiodScaling: fixed(preset.istiodScaling, said(typed.istiodScaling)),
      istiodResources: requests(preset.istiodResources, said(typed.istiodResources)),
      proxyResources: requests(preset.proxyResources, said(typed.proxyResources)),
      gatewayScaling: fixed(preset.gatewayScaling, said(typed.gatewayScaling)),
      gatewayResources: requests(preset.gatewayResources, said(typed.gatewayResources)),
    },
    below: Object.values(typed).reduce<Values>(without, below as Values) as ChartValues,
  };
}
