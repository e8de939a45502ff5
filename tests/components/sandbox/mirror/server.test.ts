import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Descriptor, mediaType, putBlob, renderIndex } from "../../../../components/sandbox/mirror/oci";
import { createMirrorServer, parseRange } from "../../../../components/sandbox/mirror/server";

let dir: string;
let server: Server;
let manifest: Descriptor;
let layer: Descriptor;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "mirror-"));
  mkdirSync(join(dir, "files/runc/v1"), { recursive: true });
  writeFileSync(join(dir, "files/runc/v1/runc.amd64"), "0123456789");
  writeFileSync(join(dir, "files/empty"), "");
  writeFileSync(join(dir, "secret"), "not to be given out");
  layer = putBlob(join(dir, "images"), mediaType.layer, "a layer");
  manifest = putBlob(join(dir, "images"), mediaType.manifest, '{"schemaVersion":2}');
  index(["coredns/coredns:v1", "coredns:v1", "coredns:v0"]);
  server = createMirrorServer(dir).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
});

afterAll(() => {
  server.close();
  rmSync(dir, { recursive: true });
});

/** Written aside and renamed, as a fill does. */
function index(refs: string[]): void {
  const entries = refs.map((ref) => ({ ref, manifest }));
  writeFileSync(join(dir, "images/index.json"), JSON.stringify(renderIndex(entries, "amd64")));
}

/** Not fetch: that one tidies `..` away before it sends anything. */
function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  const { port } = server.address() as AddressInfo;
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, path, headers, method }, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      sent.once("error", reject).end();
    },
  );
}

describe("files", () => {
  const path = "/files/runc/v1/runc.amd64";

  it("gives a file with its length", async () => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status: 200, body: "0123456789" });
    expect(answer.headers).toMatchObject({ "content-length": "10", "accept-ranges": "bytes" });
  });

  it("answers HEAD with the same headers and no body", async () => {
    const answer = await get(path, {}, "HEAD");
    expect(answer).toMatchObject({ status: 200, body: "" });
    expect(answer.headers).toMatchObject({ "content-length": "10" });
  });

  it("gives a range, and 416 beyond the end", async () => {
    const middle = await get(path, { Range: "bytes=2-4" });
    expect(middle).toMatchObject({ status: 206, body: "234" });
    expect(middle.headers).toMatchObject({ "content-range": "bytes 2-4/10", "content-length": "3" });
    expect(await get(path, { Range: "bytes=10-" })).toMatchObject({ status: 416 });
  });

  it("gives an empty file", async () => {
    expect(await get("/files/empty")).toMatchObject({ status: 200, body: "" });
  });

  it.each([
    "/files/../secret",
    "/files/%2e%2e/secret",
    "/files/..%2fsecret",
    "/files//../../secret",
    "/files/runc/../../secret",
    "/files/%00",
    "/files/",
    "/files/runc",
    "/files/none",
  ])("gives nothing for %s", async (outside) => {
    expect((await get(outside)).status).toBe(404);
  });

  it("does not take a bad escape for a crash", async () => {
    expect((await get("/files/%zz")).status).toBe(400);
  });

  it("is read only", async () => {
    expect((await get(path, {}, "DELETE")).status).toBe(405);
  });
});

describe("registry", () => {
  it("says that it is one, and that it is well", async () => {
    expect(await get("/v2/")).toMatchObject({ status: 200, body: "{}" });
    expect(await get("/healthz")).toMatchObject({ status: 200, body: "ok" });
  });

  it("gives a manifest by tag and by digest, whatever ?ns= says", async () => {
    for (const reference of ["v1", manifest.digest]) {
      const answer = await get(`/v2/coredns/coredns/manifests/${reference}?ns=registry.example`);
      expect(answer).toMatchObject({ status: 200, body: '{"schemaVersion":2}' });
      expect(answer.headers).toMatchObject({
        "content-type": mediaType.manifest,
        "docker-content-digest": manifest.digest,
      });
    }
  });

  it("answers HEAD on a manifest: containerd resolves tags so", async () => {
    const answer = await get("/v2/coredns/manifests/v1", {}, "HEAD");
    expect(answer).toMatchObject({ status: 200, body: "" });
    expect(answer.headers).toMatchObject({ "content-length": String(manifest.size) });
  });

  it("gives a blob by its digest", async () => {
    const answer = await get(`/v2/coredns/blobs/${layer.digest}`);
    expect(answer).toMatchObject({ status: 200, body: "a layer" });
    expect(answer.headers).toMatchObject({ "docker-content-digest": layer.digest });
  });

  it("lists tags", async () => {
    expect(JSON.parse((await get("/v2/coredns/tags/list")).body)).toEqual({
      name: "coredns",
      tags: ["v0", "v1"],
    });
  });

  it.each([
    ["/v2/coredns/manifests/v9", "MANIFEST_UNKNOWN"],
    ["/v2/none/manifests/v1", "MANIFEST_UNKNOWN"],
    [`/v2/coredns/blobs/sha256:${"0".repeat(64)}`, "BLOB_UNKNOWN"],
    ["/v2/coredns/blobs/..", "BLOB_UNKNOWN"],
    ["/v2/coredns/blobs/sha256:..%2f..%2f..%2findex.json", "NAME_UNKNOWN"],
    ["/v2/none/tags/list", "NAME_UNKNOWN"],
    ["/v2/coredns", "NAME_UNKNOWN"],
    ["/elsewhere", "NAME_UNKNOWN"],
  ])("answers %s with the error %s", async (path, code) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body).errors[0].code).toBe(code);
  });

  it("sees an image that was added while it runs", async () => {
    expect((await get("/v2/late/manifests/v1")).status).toBe(404);
    index(["late:v1"]);
    expect((await get("/v2/late/manifests/v1")).status).toBe(200);
  });
});

it.each([
  [undefined, undefined],
  ["bytes=0-", { start: 0, end: 9 }],
  ["bytes=-3", { start: 7, end: 9 }],
  ["bytes=-30", { start: 0, end: 9 }],
  ["bytes=5-100", { start: 5, end: 9 }],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=10-11", "unsatisfiable"],
  ["bytes=5-3", undefined],
  ["bytes=-", undefined],
  ["bytes=0-1,3-4", undefined],
])("reads the range %s of ten bytes", (header, expected) => {
  expect(parseRange(header, 10)).toEqual(expected);
});
