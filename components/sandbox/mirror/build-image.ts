import { join, relative } from "node:path";
import type { Build, Built } from "./build";
import type { ImageItem } from "./item";
import { blobPath, type Descriptor, mediaType, moveBlob, putBlob, renderConfig, renderManifest } from "./oci";
import { run } from "./run";
import { fileSha256, packTar, stage } from "./stage";

/** What an image's stamp remembers for the indexes. */
export interface ImageDetail extends Record<string, unknown> {
  refs: string[];
  manifest: Descriptor;
}

/** Lays out an image's root, tries its programs, and stores it as blobs. */
export async function buildImage(item: ImageItem, build: Build): Promise<Built> {
  const [root, tar] = [join(build.temp, "root"), join(build.temp, "layer.tar")];
  await stage(item.members, root, build);
  for (const check of item.checks) await tryInside(root, check, build.log);
  await packTar(root, tar, build.log);

  const images = join(build.dir, "images");
  const layer = moveBlob(images, mediaType.layer, tar, await fileSha256(tar));
  const text = renderConfig(build.arch, item.refs[0] ?? "", item.config, layer.digest);
  const config = putBlob(images, mediaType.config, text);
  const manifest = putBlob(images, mediaType.manifest, renderManifest(config, layer));

  const outputs = [layer, config, manifest].map(({ digest }) =>
    relative(build.dir, blobPath(images, digest)),
  );
  return { outputs, detail: { refs: item.refs, manifest } satisfies ImageDetail };
}

/**
 * Runs a command inside the root: a library missing from the package list shows
 * here and not as a crash loop in a cluster. Without root there is no chroot,
 * and a user namespace stands in.
 */
async function tryInside(root: string, command: string[], log: string): Promise<void> {
  const asRoot = process.getuid?.() === 0;
  const [first = "", ...rest] = asRoot ? ["chroot"] : ["unshare", "--map-root-user", "chroot"];
  const env = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
  await run("timeout", ["60", first, ...rest, root, ...command], { log, env });
}
