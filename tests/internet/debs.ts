/** Debian packages and signed trees of them, with the programs of the sandbox mirror inside. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { sha256 } from "../support/file-server";
import { must } from "../support/must";

/** What a package consists of. */
export interface DebianPackage {
  readonly name: string;
  /** As its publisher spells it. */
  readonly version: string;
  readonly depends?: readonly string[];
  /** Path in the package -> what is there: a text, or a file or the members of a tarball of the mirror's `files/`. */
  readonly content: Readonly<
    Record<string, { readonly text: string } | { readonly file: string } | { readonly unpack: string }>
  >;
  /** What runs after it was unpacked, as a shell script. */
  readonly afterwards?: string;
}

/** Keys that sign a tree; the public one in the armoured form in which publishers offer it. */
export interface Signer {
  readonly publicKey: string;
  readonly sign: (file: string, how: "--clearsign" | "--detach-sign", out: string) => void;
}

/** Makes a signing key in `folder`. */
export function makeSigner(folder: string): Signer {
  const home = join(folder, "gnupg");
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const gpg = (...args: string[]) => must("gpg", "--homedir", home, "--batch", "--yes", "--quiet", ...args);
  gpg("--passphrase", "", "--quick-generate-key", "test packages", "rsa2048", "sign", "2d");
  return {
    publicKey: gpg("--armor", "--export"),
    sign: (file, how, out) => void gpg("--armor", "--digest-algo", "SHA512", "--output", out, how, file),
  };
}

/** Builds a package with dpkg-deb; returns its file. */
export function buildPackage(mirror: string, folder: string, arch: string, each: DebianPackage): string {
  const { name, version, depends = [], content } = each;
  const root = join(folder, "build", `${name}-${version}`);
  for (const [path, part] of Object.entries(content)) {
    const target = join(root, path);
    mkdirSync("unpack" in part ? target : dirname(target), { recursive: true });
    if ("text" in part) writeFileSync(target, part.text);
    else if ("file" in part) cpSync(join(mirror, "files", part.file), target);
    else must("tar", "-xzf", join(mirror, "files", part.unpack), "-C", target);
    if ("file" in part) must("chmod", "755", target);
  }
  mkdirSync(join(root, "DEBIAN"), { recursive: true });
  const control = [
    `Package: ${name}`,
    `Version: ${version}`,
    `Architecture: ${arch}`,
    "Maintainer: tests of mesh-platform <nobody@example.com>",
    ...(depends.length > 0 ? [`Depends: ${depends.join(", ")}`] : []),
    `Description: ${name}, from the sandbox mirror`,
    "",
  ];
  writeFileSync(join(root, "DEBIAN", "control"), control.join("\n"));
  if (each.afterwards !== undefined)
    writeFileSync(join(root, "DEBIAN", "postinst"), `#!/bin/sh\n${each.afterwards}\n`, { mode: 0o755 });
  const file = join(folder, `${name}_${version.replace(/^\d+:/, "")}_${arch}.deb`);
  // Not compressed: it is built and unpacked once, on this computer.
  must("dpkg-deb", "--build", "--root-owner-group", "-Znone", root, file);
  return file;
}

/** Where a tree has its parts, below the address that apt is given. */
export interface TreeLayout {
  /** Folder of Release; empty in a tree that is flat. */
  readonly release: string;
  /** Path of Packages, from there on. */
  readonly packages: string;
  /** Folder of the packages themselves. */
  readonly pool: string;
  readonly suite?: string;
  readonly component?: string;
}

/** Lays packages out as a tree in `folder`, with signed indexes. */
export function layTree(
  folder: string,
  layout: TreeLayout,
  packages: readonly string[],
  signer: Signer,
): void {
  const at = (...parts: string[]) => join(folder, ...parts);
  mkdirSync(at(layout.pool), { recursive: true });
  mkdirSync(dirname(at(layout.release, layout.packages)), { recursive: true });
  for (const file of packages) cpSync(file, at(layout.pool, basename(file)));
  const index = packages.map((file) => stanza(file, join(layout.pool, basename(file)))).join("\n");
  writeFileSync(at(layout.release, layout.packages), index);
  writeFileSync(at(layout.release, `${layout.packages}.gz`), gzipSync(index));
  const release = at(layout.release, "Release");
  writeFileSync(release, releaseOf(layout, at(layout.release)));
  signer.sign(release, "--clearsign", at(layout.release, "InRelease"));
  signer.sign(release, "--detach-sign", at(layout.release, "Release.gpg"));
}

/** A package's entry in the index: its control fields, and where it is. */
function stanza(file: string, path: string): string {
  const content = readFileSync(file);
  return [
    must("dpkg-deb", "--field", file).trimEnd(),
    `Filename: ${path}`,
    `Size: ${content.length}`,
    `SHA256: ${sha256(content)}`,
    "",
  ].join("\n");
}

function releaseOf({ packages, suite, component }: TreeLayout, folder: string): string {
  const sums = [packages, `${packages}.gz`].map((name) => {
    const content = readFileSync(join(folder, name));
    return ` ${sha256(content)} ${content.length} ${name}`;
  });
  return [
    "Origin: tests of mesh-platform",
    ...(suite === undefined ? [] : [`Suite: ${suite}`, `Codename: ${suite}`]),
    ...(component === undefined ? [] : [`Components: ${component}`]),
    "Architectures: amd64 arm64",
    `Date: ${new Date().toUTCString()}`,
    "SHA256:",
    ...sums,
    "",
  ].join("\n");
}
