import type { InstallPlan } from "./install";

/** Names of Istio's images by the chart that needs them; the hub stands before them, the version after. */
const names = {
  base: [],
  istiod: ["pilot", "proxyv2"],
  gateway: [],
  cni: ["install-cni"],
  ztunnel: ["ztunnel"],
} as const;

/** All images that a mesh pulls, sorted; for mirrors that have to be filled before. */
export function meshImages(plan: InstallPlan, hub: string): string[] {
  const releases = [plan.cni, ...plan.controlPlanes, plan.ztunnel].filter((release) => release !== undefined);
  const images = releases.flatMap(({ chart, version }) =>
    names[chart].map((name) => `${hub}/${name}:${version}`),
  );
  return [...new Set(images)].sort();
}
