import type { MeshSettings } from "../../../components/mesh/mesh-settings";
import { mesh } from "../../../stacks/config/mesh-schema";
import { type ChartValues, resolveMesh } from "../../../stacks/mesh-settings";

/** Settings as a config makes them; without one the defaults. */
export function settingsOf(config: object = {}, below: ChartValues = {}): MeshSettings {
  const parsed = mesh.parse({ version: "1.30.5", ...config });
  if (parsed === false) throw new Error("no mesh");
  return resolveMesh(parsed, { dnsDomain: "cluster.local", below });
}
