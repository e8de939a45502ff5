import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Endpoint, endpointFiles } from "../../components/control-plane/endpoint";
import { buildDebian } from "../../components/sandbox/mirror/build-debian";
import { mirrorArch } from "../../components/sandbox/mirror/versions";

const folder = mkdtempSync(join(tmpdir(), "mesh-platform-endpoint-"));
const root = join(folder, "build", "endpoint");

/** Both programs with their libraries, by name: installed packages would start services on this computer. */
const packages =
  `haproxy keepalived libc6 libcrypt1 libgcc-s1 libglib2.0-0 libip4tc2 libip6tc2 libjansson4 liblua5.3-0
  liblz4-1 liblzma5 libmnl0 libnftnl11 libnl-3-200 libnl-genl-3-200 libopentracing-c-wrapper0 libopentracing1
  libpcre2-8-0 libpcre3 libsnmp40 libssl3 libstdc++6 libsystemd0 libxtables12 libzstd1 zlib1g`.split(/\s+/);

beforeAll(async () => {
  const temp = join(folder, "temp");
  mkdirSync(temp);
  const item = { kind: "debian", name: "endpoint", root: true, packages } as const;
  await buildDebian(
    { ...item, packages: [...packages] },
    {
      dir: folder,
      arch: mirrorArch(),
      temp,
      log: join(folder, "log"),
    },
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const [cp1, cp2, cp3] = [1, 2, 3].map((at) => ({ name: `cp${at}`, address: `10.0.0.${at}` })) as [
  Node,
  Node,
  Node,
];
interface Node {
  readonly name: string;
  readonly address: string;
}

describe("a file of the endpoint is read by its program", () => {
  it.each([
    ["haproxy", ["-c", "-q", "-f"], "haproxy.cfg", [cp1, cp2, cp3]],
    ["keepalived", ["-t", "-f"], "keepalived.conf", [cp1, cp2, cp3]],
    ["keepalived", ["-t", "-f"], "keepalived.conf", [cp1]],
  ])("%s %j %s", (program, flags, end, controlPlanes) => {
    // keepalived looks whether the interface exists, and takes no loopback.
    const device = Object.entries(networkInterfaces()).find(([, all]) =>
      all?.some(({ internal }) => !internal),
    );
    const endpoint: Endpoint = {
      kind: "haproxy",
      address: "10.0.0.10",
      port: 8443,
      interface: device?.[0] ?? "eth0",
      routerId: 51,
    };
    const context = { bindPort: 6443, kubernetesVersion: "1.36.3", kubeVipImage: "registry.example.com/kv" };
    const file = endpointFiles(endpoint, cp1, controlPlanes, context).find(({ path }) => path.endsWith(end));
    const config = join(folder, end);
    writeFileSync(config, file?.content ?? "");
    expect(run(program, [...flags, config])).toEqual({ status: 0, stdout: "", stderr: "" });
    // What it would say of a file that it cannot read.
    writeFileSync(config, `${file?.content}\nnonsense {\n`);
    expect(run(program, [...flags, config]).status).not.toBe(0);
  });
});

/** By the loader and the libraries of its own root, which may be newer or older than this computer's. */
function run(program: string, args: readonly string[]) {
  const [loader, triple] =
    mirrorArch() === "arm64"
      ? ["lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu"]
      : ["lib64/ld-linux-x86-64.so.2", "x86_64-linux-gnu"];
  const libraries = ["lib", "usr/lib"].map((path) => join(root, path, triple)).join(":");
  const { status, stdout, stderr } = spawnSync(
    join(root, loader),
    ["--library-path", libraries, join(root, "usr/sbin", program), ...args],
    { encoding: "utf8" },
  );
  return { status, stdout, stderr };
}
