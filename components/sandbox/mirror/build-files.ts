import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Build, Built } from "./build";
import type { FilesItem } from "./item";
import { fileSha256, packTar, place, stage } from "./stage";

/** Puts an item's files, or one tarball of them, under `files/` with checksums. */
export async function buildFiles(item: FilesItem, build: Build): Promise<Built> {
  const [staged, out] = [join(build.temp, "staged"), join(build.temp, "out")];
  await stage(item.members, staged, build);
  mkdirSync(out, { recursive: true });
  if (item.tarball) await packTar(staged, join(out, item.tarball), build.log, true);

  const from = item.tarball ? out : staged;
  const files = readdirSync(from).sort();
  for (const file of files) {
    const hash = await fileSha256(join(from, file));
    const { name, text } = checksumFile(item.checksum, file, hash);
    writeFileSync(join(out, name), text, { flag: "a" });
  }
  for (const file of files) place(join(from, file), join(build.dir, "files", item.dir, file));
  for (const sum of readdirSync(out)) place(join(out, sum), join(build.dir, "files", item.dir, sum));
  const names = readdirSync(join(build.dir, "files", item.dir));
  return { outputs: names.map((name) => join("files", item.dir, name)), detail: {} };
}

/**
 * Upstreams differ: a `.sha256` beside each file with the bare hash, or one file
 * of `sha256sum` lines. A name that starts with a dot is a suffix.
 */
export function checksumFile(
  checksum: FilesItem["checksum"],
  file: string,
  hash: string,
): { name: string; text: string } {
  const name = checksum.name.startsWith(".") ? `${file}${checksum.name}` : checksum.name;
  return { name, text: checksum.form === "hex" ? hash : `${hash}  ${file}\n` };
}
