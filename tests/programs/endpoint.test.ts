import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Endpoint, endpointFiles } from "../../components/control-plane/endpoint";
import { buildDebian } from "../../components/sandbox/mirror/build-debian";
import type { DebianItem } from "../../components/sandbox/mirror/item";
import { mirrorArch } from "../../components/sandbox/mirror/versions";

const folder = mkdtempSync(join(tmpdir(), "mesh-platform-endpoint-"));
const root = join(folder, "build", "endpoint");

/** Both programs in a root of their own: installed packages would start services on this computer. */
const packages =
  `haproxy keepalived base-files ca-certificates netbase libc6 libcap2 libcom-err2 libcrypt1 libffi8
  libgcc-s1 libgcrypt20 libglib2.0-0 libgpg-error0 libgssapi-krb5-2 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0
  liblua5.3-0 liblz4-1 liblzma5 libmnl0 libmount1 libblkid1 libselinux1 libnftnl11 libnl-3-200 libnl-genl-3-200 libnsl2 libopentracing-c-wrapper0
  libopentracing1 libpci3 libperl5.36 libdb5.3 libgdbm6 libgdbm-compat4 libbz2-1.0 libpcre2-8-0 libsensors5 libsnmp40 libssl3 libstdc++6 libsystemd0 libtirpc3 libudev1 libwrap0
  libxtables12 libzstd1 zlib1g`.split(/\s+/);

beforeAll(async () => {
  const temp = join(folder, "temp");
  mkdirSync(temp);
  const item: DebianItem = { kind: "debian", name: "endpoint", root: true, packages };
  await buildDebian(item, { dir: folder, arch: mirrorArch(), temp, log: join(folder, "log") });
  // As the package's own script does, which is not run.
  appendFileSync(join(root, "etc/passwd"), "haproxy:x:100:100::/:/usr/sbin/nologin\n");
  appendFileSync(join(root, "etc/group"), "haproxy:x:100:\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

const node = (at: number) => ({ name: `cp${at}`, address: `10.0.0.${at}` });
const [cp1, cp2, cp3] = [node(1), node(2), node(3)];

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
    const said = (text: string) => {
      writeFileSync(join(root, end), text);
      const { status, stdout, stderr } = spawnSync("chroot", [root, program, ...flags, `/${end}`], {
        encoding: "utf8",
        env: { PATH: "/usr/sbin:/usr/bin" },
      });
      return { status, output: `${stdout}${stderr}` };
    };
    expect(said(file?.content ?? "")).toEqual({ status: 0, output: "" });
    // A check that takes anything is none.
    expect(said(`${file?.content}\nnonsense {\n`).status).not.toBe(0);
  });
});
