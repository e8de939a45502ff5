import type { MirrorItem } from "./item";
import { debianItems, fileItems } from "./items-files";
import { goItems } from "./items-go";
import { imageItems } from "./items-images";
import type { MirrorArch } from "./versions";

/** All items of an architecture, each after those that it is made from. */
export function mirrorItems(arch: MirrorArch): MirrorItem[] {
  return [...goItems, ...debianItems, ...fileItems(arch), ...imageItems];
}
