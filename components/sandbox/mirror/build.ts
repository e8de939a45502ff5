import { buildDebian } from "./build-debian";
import { buildFiles } from "./build-files";
import { buildGo } from "./build-go";
import { buildImage } from "./build-image";
import type { MirrorItem } from "./item";
import type { MirrorArch } from "./versions";

/** Where one item's build reads and writes. */
export interface Build {
  /** The mirror itself. */
  dir: string;
  arch: MirrorArch;
  /** A folder of this build's own on the same file system; removed afterwards. */
  temp: string;
  log: string;
}

/** What came of it: paths below the mirror, and facts for the stamp. */
export interface Built {
  outputs: string[];
  detail: Record<string, unknown>;
}

export function buildItem(item: MirrorItem, build: Build): Promise<Built> {
  switch (item.kind) {
    case "go":
      return buildGo(item, build);
    case "debian":
      return buildDebian(item, build);
    case "files":
      return buildFiles(item, build);
    case "image":
      return buildImage(item, build);
  }
}

/** One phrase for the progress line. */
export function describeItem(item: MirrorItem): string {
  switch (item.kind) {
    case "go":
      return `go build of ${Object.values(item.programs).join(", ")}`;
    case "debian":
      return `${item.packages.length} Debian package${item.packages.length === 1 ? "" : "s"}`;
    case "files":
      return `packing files/${item.dir}`;
    case "image":
      return `image ${item.refs.join(" and ")}`;
  }
}
