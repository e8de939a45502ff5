import { join } from "node:path";

/** Git-ignored files of this checkout: kubeconfigs, the answer to `auto`. `MESH_PLATFORM_STATE` puts them elsewhere. */
export function stateFolder(): string {
  return process.env.MESH_PLATFORM_STATE || join(__dirname, "..", ".state");
}
