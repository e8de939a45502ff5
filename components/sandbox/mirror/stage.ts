import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Build } from "./build";
import { run } from "./run";

/**
 * Lays an item's members out below `target` as hard links of what was built: a
 * copy of every root and program would cost a gigabyte.
 */
export async function stage(members: Record<string, string>, target: string, build: Build): Promise<void> {
  mkdirSync(target, { recursive: true });
  for (const [path, source] of Object.entries(members)) {
    const from = join(build.dir, "build", source);
    mkdirSync(dirname(join(target, path)), { recursive: true });
    const args = path === "" ? [`${from}/.`, target] : [from, join(target, path)];
    await run("cp", ["--archive", "--link", "--", ...args], { log: build.log });
  }
}

/**
 * Packs a folder so that equal content gives equal bytes: names sorted, no
 * times, no owners, no links between files. Otherwise every fill would give
 * images new digests and hosts would pull them again.
 */
export async function packTar(folder: string, tarball: string, log: string, gzip = false): Promise<void> {
  const compress = gzip ? ["--use-compress-program=gzip -n -1"] : [];
  const same = ["--sort=name", "--format=gnu", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  const names = readdirSync(folder).sort();
  const from = ["--file", tarball, "--directory", folder, "--", ...names];
  await run("tar", ["--create", ...compress, ...same, "--hard-dereference", ...from], { log });
}

export async function fileSha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Moves a finished file or folder to where it belongs, in place of an older one. */
export function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
}
