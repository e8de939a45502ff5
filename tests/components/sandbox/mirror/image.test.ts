import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseDebName, upstreamVersion } from "../../../../components/sandbox/mirror/build-debian";
import { checksumFile } from "../../../../components/sandbox/mirror/build-files";
import {
  blobPath,
  mediaType,
  putBlob,
  renderConfig,
  renderIndex,
  renderManifest,
} from "../../../../components/sandbox/mirror/oci";
import { type MirrorError, run } from "../../../../components/sandbox/mirror/run";
import { fileSha256, packTar } from "../../../../components/sandbox/mirror/stage";

const dir = mkdtempSync(join(tmpdir(), "image-"));
const log = join(dir, "log");
afterAll(() => rmSync(dir, { recursive: true }));

/** The same content, laid down in the given order, at another time. */
function tree(name: string, order: string[], time: number): string {
  const root = join(dir, name);
  mkdirSync(join(root, "usr/bin"), { recursive: true });
  for (const file of order) {
    writeFileSync(join(root, "usr/bin", file), file);
    chmodSync(join(root, "usr/bin", file), 0o755);
    utimesSync(join(root, "usr/bin", file), time, time);
  }
  symlinkSync("usr/bin", join(root, "bin"));
  return root;
}

describe("packTar", () => {
  it("gives equal bytes for equal content, whatever its age, order and links", async () => {
    const one = tree("one", ["a", "b", "c"], 1000);
    const two = tree("two", ["c", "b", "a"], 2000);
    linkSync(join(two, "usr/bin/a"), join(dir, "linked"));
    for (const gzip of [false, true]) {
      const digests: string[] = [];
      for (const root of [one, two]) {
        await packTar(root, `${root}.tar`, log, gzip);
        digests.push(await fileSha256(`${root}.tar`));
      }
      expect(digests[0]).toBe(digests[1]);
    }
  });

  it("names members without a leading ./, so that one can be extracted alone", async () => {
    const root = tree("three", ["a"], 1000);
    await packTar(root, join(dir, "three.tar"), log);
    await run("tar", ["--extract", "--file", join(dir, "three.tar"), "--directory", dir, "usr/bin/a"], {
      log,
    });
    expect(readFileSync(join(dir, "usr/bin/a"), "utf8")).toBe("a");
  });
});

describe("OCI documents", () => {
  const blob = { mediaType: mediaType.layer, digest: "sha256:aa", size: 7 };

  it("render a configuration without times", () => {
    const config = renderConfig("arm64", "coredns/coredns:v1.2", { Entrypoint: ["/coredns"] }, "sha256:aa");
    expect(JSON.parse(config)).toEqual({
      created: "1970-01-01T00:00:00Z",
      architecture: "arm64",
      os: "linux",
      config: {
        Entrypoint: ["/coredns"],
        Labels: {
          "org.opencontainers.image.title": "coredns/coredns",
          "org.opencontainers.image.version": "v1.2",
          "org.opencontainers.image.vendor": "mesh-platform sandbox mirror",
        },
      },
      rootfs: { type: "layers", diff_ids: ["sha256:aa"] },
      history: [{ created: "1970-01-01T00:00:00Z", created_by: "mesh-platform sandbox mirror" }],
    });
  });

  it("render a manifest and an index", () => {
    expect(renderManifest({ ...blob, mediaType: mediaType.config }, blob)).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",' +
        '"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:aa","size":7},' +
        '"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"sha256:aa","size":7}]}',
    );
    expect(renderIndex([{ ref: "a:1", manifest: blob }], "amd64")).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [
        {
          ...blob,
          platform: { architecture: "amd64", os: "linux" },
          annotations: { "org.opencontainers.image.ref.name": "a:1" },
        },
      ],
    });
  });

  it("store a blob under its digest", () => {
    const stored = putBlob(dir, mediaType.config, "{}");
    expect(stored).toEqual({
      mediaType: mediaType.config,
      digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
      size: 2,
    });
    expect(readFileSync(blobPath(dir, stored.digest), "utf8")).toBe("{}");
  });
});

it.each([
  [
    { name: ".sha256", form: "hex" },
    { name: "kubelet.sha256", text: "aa" },
  ],
  [
    { name: ".sha256sum", form: "line" },
    { name: "kubelet.sha256sum", text: "aa  kubelet\n" },
  ],
  [
    { name: "SHA256SUMS", form: "line" },
    { name: "SHA256SUMS", text: "aa  kubelet\n" },
  ],
] as const)("writes checksums as %o", (checksum, expected) => {
  expect(checksumFile(checksum, "kubelet", "aa")).toEqual(expected);
});

it("reads the versions of Debian packages", () => {
  expect(parseDebName("busybox-static_1%3a1.35.0-4+deb12u1+b1_amd64.deb")).toEqual({
    package: "busybox-static",
    version: "1:1.35.0-4+deb12u1+b1",
  });
  expect(["1:1.35.0-4+b1", "1.1.5+ds1-1+deb12u1", "0.188-2.1"].map(upstreamVersion)).toEqual([
    "1.35.0",
    "1.1.5",
    "0.188",
  ]);
});

it("quotes the end of a failed command's log, in short lines", async () => {
  const script = "for i in $(seq 50); do echo line $i; done; printf %05000d 7 >&2; exit 3";
  const failure = run("sh", ["-c", script], { log: join(dir, "failed.log") }).catch(
    (error: unknown) => error,
  );
  const { message } = (await failure) as MirrorError;
  expect(message).toContain("sh ended with exit code 3:");
  expect(message).toContain(`The whole log: ${join(dir, "failed.log")}`);
  expect(message).not.toContain("line 20\n");
  expect(Math.max(...message.split("\n").map((line) => line.length))).toBeLessThan(310);
});
