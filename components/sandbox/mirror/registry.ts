import { readFileSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { blobPath, type IndexEntry, refAnnotation } from "./oci";

/** What to send: a short text, or a file to stream. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | { file: string; size: number };
}

const json = { "Content-Type": "application/json", "Docker-Distribution-Api-Version": "registry/2.0" };

/** Answers by path: `/healthz`, `/files/…`, and the read side of the distribution API. */
export function createRoutes(dir: string): (path: string) => Answer {
  const images = join(dir, "images");
  const index = indexReader(join(images, "index.json"));
  return (path) => {
    if (path === "/healthz") return { status: 200, headers: { "Content-Type": "text/plain" }, body: "ok" };
    if (path === "/v2" || path === "/v2/") return { status: 200, headers: json, body: "{}" };
    if (path.startsWith("/files/")) return fileBelow(join(dir, "files"), path.slice("/files/".length));
    const [, name, kind, reference = ""] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(path) ?? [];
    if (name === undefined) return failure(404, "NAME_UNKNOWN", `nothing is served at ${path}`);
    if (kind === "blobs") return blob(images, reference);
    return kind === "tags" ? tags(index(), name, reference) : manifest(images, index(), name, reference);
  };
}

/** Whatever the path says, only a regular file below the root is given out. */
function fileBelow(root: string, path: string): Answer {
  const file = resolve(root, `./${path}`);
  const inside = file.startsWith(root + sep) && !path.includes("\0");
  return (inside && fromFile(file)) || failure(404, "UNKNOWN", `no file ${path}`);
}

function blob(images: string, digest: string): Answer {
  const known = /^sha256:[0-9a-f]{64}$/.test(digest);
  const answer = known && fromFile(blobPath(images, digest), { "Docker-Content-Digest": digest });
  return answer || failure(404, "BLOB_UNKNOWN", `no blob ${digest}`);
}

function tags(index: IndexEntry[], name: string, verb: string): Answer {
  const list = tagsOf(index, name).map(({ tag }) => tag);
  if (list.length === 0 || verb !== "list") return failure(404, "NAME_UNKNOWN", `no image ${name}`);
  return { status: 200, headers: json, body: JSON.stringify({ name, tags: list.sort() }) };
}

function manifest(images: string, index: IndexEntry[], name: string, reference: string): Answer {
  const found = tagsOf(index, name).find(({ tag, entry }) => tag === reference || entry.digest === reference);
  const { digest = "", mediaType = "" } = found?.entry ?? {};
  const headers = { "Docker-Content-Digest": digest, "Content-Type": mediaType };
  return (
    (found && fromFile(blobPath(images, digest), headers)) ||
    failure(404, "MANIFEST_UNKNOWN", `no image ${name} with the tag or digest ${reference}`)
  );
}

function tagsOf(index: IndexEntry[], name: string): { tag: string; entry: IndexEntry }[] {
  return index.flatMap((entry) => {
    const ref = entry.annotations[refAnnotation] ?? "";
    const colon = ref.lastIndexOf(":");
    return ref.slice(0, colon) === name ? [{ tag: ref.slice(colon + 1), entry }] : [];
  });
}

/** A regular file as it is; undefined where there is none. */
export function fromFile(file: string, more: Record<string, string> = {}): Answer | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  const headers = { "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes", ...more };
  return { status: 200, headers, body: { file, size: stat.size } };
}

/** The error form of the distribution specification; used for plain files too. */
export function failure(status: number, code: string, message: string): Answer {
  return { status, headers: json, body: JSON.stringify({ errors: [{ code, message }] }) };
}

/** Reads the index again only when it has changed: a fill may add images while this runs. */
function indexReader(path: string): () => IndexEntry[] {
  let seen = "";
  let entries: IndexEntry[] = [];
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return [];
    const now = `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (now !== seen) entries = JSON.parse(readFileSync(path, "utf8")).manifests;
    seen = now;
    return entries;
  };
}
