/**
 * What the mirror is made of, as data. An item's *sources* are paths below the
 * build folder, `<item>/<path>`, so their first segment names the item that has
 * to come first.
 */
export type MirrorItem = GoItem | DebianItem | FilesItem | ImageItem;

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
  return item.kind === "files" || item.kind === "image" ? Object.values(item.members) : [];
}
