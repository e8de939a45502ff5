/** The manners of the recorded internet, over TLS on loopback, with a mirror of a few small files. */
import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { decode, encode } from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { companionVersions } from "../../components/artifacts/sources";
import { mediaType, putBlob, renderIndex, renderManifest } from "../../components/sandbox/mirror/oci";
import { meshVersions, mirrorVersions as v } from "../../components/sandbox/mirror/versions";
import { versions } from "../../stacks/config/versions";
import { RecordedInternet } from "./server";

const folder = mkdtempSync(join(tmpdir(), "mesh-platform-manners-"));
const mirror = join(folder, "mirror");
const images = join(mirror, "images");
let internet: RecordedInternet;

function hold(path: string, content: string): void {
  const file = join(mirror, "files", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

beforeAll(async () => {
  hold(`kubernetes/v${v.kubernetes}/bin/linux/amd64/kubeadm`, "kubeadm");
  hold(`runc/v${v.runc}/runc.amd64`, "runc");
  hold(`etcd/v${v.etcd}/etcd-v${v.etcd}-linux-amd64.tar.gz`, "etcd");
  mkdirSync(images, { recursive: true });
  const config = putBlob(images, mediaType.config, "{}");
  const manifest = putBlob(images, mediaType.manifest, renderManifest(config, config));
  const refs = ["pause:3.10", `istio/pilot:${meshVersions.istio}`, "flannel-io/flannel:v1"];
  const entries = refs.map((ref) => ({ ref, manifest }));
  writeFileSync(join(images, "index.json"), JSON.stringify(renderIndex(entries, "amd64")));
  internet = await RecordedInternet.start(mirror, {
    address: "127.0.0.1",
    ports: { https: 0, http: 0, dns: 0 },
  });
});
afterAll(async () => {
  await internet.stop();
  rmSync(folder, { recursive: true });
});

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** One request, as a client makes it that believes the names and trusts the authority. */
function get(address: string, headers: Record<string, string> = {}): Promise<Got> {
  const url = new URL(address);
  return new Promise((done, failed) => {
    const options = {
      host: "127.0.0.1",
      port: internet.ports.https,
      path: `${url.pathname}${url.search}`,
      servername: url.host,
      ca: internet.ca,
      headers: { host: url.host, ...headers },
    };
    request(options, (response) => {
      let body = "";
      response.on("data", (piece: Buffer) => {
        body += piece.toString();
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
    })
      .once("error", failed)
      .end();
  });
}

/** Follows one redirect, with these headers along. */
async function follow(
  address: string,
  headers: Record<string, string> = {},
): Promise<Got & { readonly via: string }> {
  const first = await get(address, headers);
  const via = String(first.headers.location);
  return { ...(await get(via)), via: `${first.status} ${new URL(via).host}` };
}

const digestOf = (content: string) => createHash("sha256").update(content).digest("hex");

describe("files", () => {
  const kubeadm = `https://dl.k8s.io/release/v${v.kubernetes}/bin/linux/amd64/kubeadm`;

  it("are sent on to a storage, and so are their sums, in each project's form", async () => {
    expect(await follow(kubeadm)).toMatchObject({ status: 200, body: "kubeadm", via: "302 cdn.dl.k8s.io" });
    expect((await follow(`${kubeadm}.sha256`)).body).toBe(digestOf("kubeadm"));
    const etcd = `https://github.com/etcd-io/etcd/releases/download/v${v.etcd}`;
    expect(await follow(`${etcd}/SHA256SUMS`)).toMatchObject({
      body: `${digestOf("etcd")}  etcd-v${v.etcd}-linux-amd64.tar.gz\n`,
      via: "302 release-assets.githubusercontent.com",
    });
  });

  it("have the version of a release, whatever the mirror calls it", async () => {
    expect(companionVersions.runc).not.toBe(v.runc);
    const runc = `https://github.com/opencontainers/runc/releases/download/v${companionVersions.runc}`;
    expect((await follow(`${runc}/runc.amd64`)).body).toBe("runc");
    const sums = (await follow(`${runc}/runc.sha256sum`)).body;
    expect(sums.startsWith("-----BEGIN PGP SIGNED MESSAGE-----\n")).toBe(true);
    expect(sums).toContain(`\n${digestOf("runc")}  runc.amd64\n`);
  });

  it("of other versions are not there", async () => {
    expect((await get("https://dl.k8s.io/release/v1.2.3/bin/linux/amd64/kubeadm")).status).toBe(404);
  });
});

describe("registries", () => {
  const pilot = `https://registry-1.docker.io/v2/istio/pilot/manifests/${versions.istio.release}`;
  const bearer = { authorization: "Bearer anonymous-pull" };

  it("ask for a token and say where it is to be had", async () => {
    const refused = await get(pilot);
    expect([refused.status, refused.headers["www-authenticate"]]).toEqual([
      401,
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:istio/pilot:pull"',
    ]);
    expect(
      JSON.parse((await get("https://auth.docker.io/token?service=registry.docker.io")).body).token,
    ).toBe("anonymous-pull");
  });

  it("answer a release's tag with an index of several architectures, by its digest, too", async () => {
    const { status, body, headers } = await get(pilot, bearer);
    const { manifests } = JSON.parse(body);
    const architectures = manifests.map(
      ({ platform }: { platform: { architecture: string } }) => platform.architecture,
    );
    expect([status, architectures]).toEqual([200, ["s390x", "amd64"]]);
    const digest = String(headers["docker-content-digest"]);
    expect(digest).toBe(`sha256:${digestOf(body)}`);
    expect((await get(pilot.replace(versions.istio.release, digest), bearer)).body).toBe(body);
    const own = await get(pilot.replace(versions.istio.release, manifests[1].digest), bearer);
    expect(JSON.parse(own.body).mediaType).toBe(mediaType.manifest);
  });

  it("send on to a storage, which takes no token along", async () => {
    const config = `sha256:${digestOf("{}")}`;
    const address = `https://registry-1.docker.io/v2/istio/pilot/blobs/${config}`;
    expect(await follow(address, bearer)).toMatchObject({
      body: "{}",
      via: "307 production.cloudflare.docker.com",
    });
    const { location } = (await get(address, bearer)).headers;
    expect((await get(String(location), bearer)).status).toBe(400);
    expect((await get("https://production.cloudflare.docker.com/guessed")).status).toBe(403);
  });

  it("of Kubernetes ask for no token and send manifests on as well", async () => {
    const pause = await follow("https://registry.k8s.io/v2/pause/manifests/3.10");
    expect(pause).toMatchObject({ status: 200, via: "307 us-central1-docker.pkg.dev" });
    expect((await get("https://registry.k8s.io/v2/")).status).toBe(200);
  });

  it("have only what their projects publish there", async () => {
    expect((await get("https://registry.k8s.io/v2/istio/pilot/manifests/1")).status).toBe(404);
    expect((await get("https://ghcr.io/v2/flannel-io/flannel/manifests/v1", bearer)).status).toBe(200);
  });
});

describe("names", () => {
  const ask = (name: string) =>
    new Promise<{ code: string | undefined; addresses: unknown[] }>((done, failed) => {
      const socket = createSocket("udp4");
      socket.once("error", failed);
      socket.once("message", (message) => {
        socket.close();
        const { rcode, answers = [] } = decode(message) as ReturnType<typeof decode> & { rcode?: string };
        done({ code: rcode, addresses: answers.map((answer) => "data" in answer && answer.data) });
      });
      const question = encode({ type: "query", id: 7, flags: 0x100, questions: [{ type: "A", name }] });
      socket.send(question, internet.ports.dns, "127.0.0.1");
    });

  it("of the record lead to the server, and no other name exists", async () => {
    expect(await ask("registry.k8s.io")).toEqual({ code: "NOERROR", addresses: ["127.0.0.1"] });
    expect(await ask("example.org")).toEqual({ code: "NXDOMAIN", addresses: [] });
    expect([...internet.unknownNames]).toEqual(["example.org"]);
  });
});
