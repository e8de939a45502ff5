import type { Platform } from "./config/load";
import { buildPlatform } from "./platform";

/** A highly available cluster to try failures on; what makes it so is in Pulumi.lab.yaml. Names every way in. */
export async function lab(platform: Platform) {
  const { kubernetes } = platform.config;
  const apiServers = platform.members
    .filter(({ roles }) => roles.includes("controlPlane"))
    .map(({ name, address }) => [name, `https://${address}:${kubernetes.bindPort}`]);
  return { ...(await buildPlatform(platform)), apiServers: Object.fromEntries(apiServers) };
}
