import { chooseArtifacts } from "./artifacts";
import type { Platform } from "./config/load";
import { createHosts } from "./hosts";

/**
 * The hosts and, where they need one, the artifact mirror; nothing on them. For trying other things on disposable
 * hosts, and for measuring what comes after them.
 */
export async function machines(platform: Platform) {
  const { artifacts, mirror } = chooseArtifacts(platform);
  const { all } = createHosts(platform, mirror);
  return {
    artifacts: artifacts.description,
    nodes: Object.fromEntries(all.map(({ name, address, roles }) => [name, { address, roles }])),
  };
}
