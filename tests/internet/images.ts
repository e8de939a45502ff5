/** Images of the sandbox mirror as a public registry holds them: a tag is an index of several architectures. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type IndexEntry, mediaType, refAnnotation } from "../../components/sandbox/mirror/oci";
import { type Answer, createRoutes } from "../../components/sandbox/mirror/registry";
import { sha256 } from "../support/file-server";
import { heldTags } from "./record";

/** What is asked of a registry below `/v2/`. */
export interface ImageRequest {
  readonly name: string;
  readonly kind: "manifests" | "blobs";
  readonly reference: string;
}

export function readImageRequest(path: string): ImageRequest | undefined {
  const [, name = "", kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
  return kind === "manifests" || kind === "blobs" ? { name, kind, reference } : undefined;
}

/** An architecture that nobody here has: a client that takes the first entry of an index gets what it cannot run. */
const FOREIGN = {
  mediaType: mediaType.manifest,
  digest: `sha256:${"0".repeat(64)}`,
  size: 2,
  platform: { architecture: "s390x", os: "linux" },
};

/** Answers a request for an image by the name and tag of its release. */
export function imageAnswers(mirror: string): (request: ImageRequest) => Answer | undefined {
  const routes = createRoutes(mirror);
  const indexes = readIndexes(mirror);
  const found = (answer: Answer) => (answer.status === 200 ? answer : undefined);
  return ({ name, kind, reference }) => {
    if (kind === "blobs") return found(routes(`/v2/${name}/blobs/${reference}`));
    const byTag = indexes.get(name) ?? new Map<string, Index>();
    const index =
      byTag.get(heldTags[name]?.[reference] ?? reference) ??
      [...byTag.values()].find(({ digest }) => digest === reference);
    if (index === undefined) return found(routes(`/v2/${name}/manifests/${reference}`));
    const headers = { "Content-Type": mediaType.index, "Docker-Content-Digest": index.digest };
    return { status: 200, headers, body: index.text };
  };
}

interface Index {
  readonly text: string;
  readonly digest: string;
}

/** The index of each tag, by image. */
function readIndexes(mirror: string): Map<string, Map<string, Index>> {
  const { manifests } = JSON.parse(readFileSync(join(mirror, "images", "index.json"), "utf8")) as {
    manifests: IndexEntry[];
  };
  const indexes = new Map<string, Map<string, Index>>();
  for (const { annotations, ...entry } of manifests) {
    const ref = annotations[refAnnotation] ?? "";
    const colon = ref.lastIndexOf(":");
    const name = ref.slice(0, colon);
    const tags = indexes.get(name) ?? new Map<string, Index>();
    indexes.set(name, tags.set(ref.slice(colon + 1), indexOf(entry)));
  }
  return indexes;
}

function indexOf(entry: Omit<IndexEntry, "annotations">): Index {
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaType.index,
    manifests: [FOREIGN, entry],
  });
  return { text, digest: `sha256:${sha256(text)}` };
}
