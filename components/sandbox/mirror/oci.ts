import { existsSync, mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageConfig } from "./item";
import { sha256 } from "./recipe";
import type { MirrorArch } from "./versions";

export const mediaType = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  /** Not compressed: it never leaves this computer, and a host unpacks it faster. */
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

/** How OCI refers to a blob. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
}

export interface IndexEntry extends Descriptor {
  platform: { architecture: MirrorArch; os: "linux" };
  annotations: Record<string, string>;
}

export const refAnnotation = "org.opencontainers.image.ref.name";

/** An image's configuration. No time of creation, or every fill would give another digest. */
export function renderConfig(
  arch: MirrorArch,
  ref: string,
  config: ImageConfig,
  layerDigest: string,
): string {
  const epoch = "1970-01-01T00:00:00Z";
  return JSON.stringify({
    created: epoch,
    architecture: arch,
    os: "linux",
    config: {
      ...config,
      Labels: {
        "org.opencontainers.image.title": ref.replace(/:[^:]*$/, ""),
        "org.opencontainers.image.version": ref.replace(/^.*:/, ""),
        "org.opencontainers.image.vendor": "mesh-platform sandbox mirror",
      },
    },
    rootfs: { type: "layers", diff_ids: [layerDigest] },
    history: [{ created: epoch, created_by: "mesh-platform sandbox mirror" }],
  });
}

export function renderManifest(config: Descriptor, layer: Descriptor): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: mediaType.manifest, config, layers: [layer] });
}

/** The layout's index: one entry per ref, so two refs may name one manifest. */
export function renderIndex(entries: { ref: string; manifest: Descriptor }[], arch: MirrorArch): object {
  const manifests: IndexEntry[] = entries.map(({ ref, manifest }) => ({
    ...manifest,
    platform: { architecture: arch, os: "linux" },
    annotations: { [refAnnotation]: ref },
  }));
  return { schemaVersion: 2, mediaType: mediaType.index, manifests };
}

export function blobPath(images: string, digest: string): string {
  return join(images, "blobs", ...digest.split(":"));
}

/** Stores text under its digest. */
export function putBlob(images: string, type: string, text: string): Descriptor {
  const digest = `sha256:${sha256(text)}`;
  const path = blobPath(images, digest);
  if (!existsSync(path)) {
    mkdirSync(join(images, "blobs/sha256"), { recursive: true });
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  }
  return { mediaType: type, digest, size: Buffer.byteLength(text) };
}

/** Moves a file to where its digest says. */
export function moveBlob(images: string, type: string, file: string, hash: string): Descriptor {
  const digest = `sha256:${hash}`;
  mkdirSync(join(images, "blobs/sha256"), { recursive: true });
  renameSync(file, blobPath(images, digest));
  return { mediaType: type, digest, size: statSync(blobPath(images, digest)).size };
}
