import type { MirrorItem } from "./item";
import { debianItems, fileItems, previousFileItems } from "./items-files";
import { goItems, previousGoItems } from "./items-go";
import { imageItems, previousImageItems } from "./items-images";
import type { MirrorArch } from "./versions";

/** All items of an architecture, each after those that it is made from; with `previous` those of the minor before too. */
export function mirrorItems(arch: MirrorArch, previous = false): MirrorItem[] {
  const common = [...goItems, ...debianItems, ...fileItems(arch), ...imageItems];
  return previous
    ? [...common, ...previousGoItems, ...previousFileItems(arch), ...previousImageItems]
    : common;
}
