import type { MirrorItem } from "./item";
import { addonItems, tracingItems } from "./items-addons";
import { appItems } from "./items-apps";
import { chartItems } from "./items-charts";
import { debianItems, fileItems, previousFileItems } from "./items-files";
import { goItems, previousGoItems } from "./items-go";
import { imageItems, previousImageItems } from "./items-images";
import { meshItems } from "./items-mesh";
import type { MirrorArch } from "./versions";

/** What a mirror may hold besides the parts of a bare cluster. */
export type MirrorGroup = "previous" | "mesh" | "addons" | "tracing" | "apps";

/** What each group adds. A group may build on the base and on no other group. */
const groups: Record<MirrorGroup, (arch: MirrorArch) => MirrorItem[]> = {
  previous: (arch) => [...previousGoItems, ...previousFileItems(arch), ...previousImageItems],
  mesh: meshItems,
  addons: () => addonItems,
  tracing: () => tracingItems,
  apps: () => appItems,
};

export const mirrorGroups = Object.keys(groups) as MirrorGroup[];

/** All items of an architecture, each after those that it is made from. Groups come in their own order. */
export function mirrorItems(arch: MirrorArch, wanted: readonly MirrorGroup[] = []): MirrorItem[] {
  const base = [...goItems, ...debianItems, ...fileItems(arch), ...imageItems];
  return [
    ...base,
    ...mirrorGroups.filter((group) => wanted.includes(group)).flatMap((group) => groups[group](arch)),
  ];
}

/** What a preview has to read: files that need no compiler and no other item. */
export const previewItems: MirrorItem[] = chartItems;
