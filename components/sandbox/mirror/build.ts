import { buildCharts } from "./build-charts";
import { buildDebian } from "./build-debian";
import { buildFiles } from "./build-files";
import { buildGo } from "./build-go";
import { buildImage } from "./build-image";
import { buildModule } from "./build-module";
import { buildTree } from "./build-tree";
import { buildWheel } from "./build-wheel";
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
    case "module":
      return buildModule(item, build);
    case "charts":
      return buildCharts(item, build);
    case "wheel":
      return buildWheel(item, build);
    case "tree":
      return buildTree(item, build);
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
    case "module":
      return `files of ${item.module}`;
    case "charts":
      return `charts ${Object.keys(item.members).join(", ")}`;
    case "wheel":
      return `${Object.keys(item.programs).join(", ")} of the Python package ${item.package}`;
    case "tree":
      return `a tree${item.base === undefined ? "" : ` on top of ${item.base}`}`;
  }
}
