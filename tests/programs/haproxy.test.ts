import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { endpointFiles } from "../../components/control-plane/endpoint";
import { buildDebian } from "../../components/sandbox/mirror/build-debian";
import type { DebianItem } from "../../components/sandbox/mirror/item";
import { mirrorArch } from "../../components/sandbox/mirror/versions";

const folder = mkdtempSync(join(tmpdir(), "mesh-platform-haproxy-"));
const root = join(folder, "build", "haproxy");

/** In a root of its own: an installed package would start a service on this computer. */
const packages =
  `haproxy base-files ca-certificates netbase libc6 libcap2 libcrypt1 libgcc-s1 libgcrypt20 libgpg-error0
  liblua5.3-0 liblz4-1 liblzma5 libopentracing-c-wrapper0 libopentracing1 libpcre2-8-0 libssl3 libstdc++6 libsystemd0
  libzstd1 zlib1g`.split(/\s+/);

beforeAll(async () => {
  const temp = join(folder, "temp");
  mkdirSync(temp);
  const item: DebianItem = { kind: "debian", name: "haproxy", root: true, packages };
  await buildDebian(item, { dir: folder, arch: mirrorArch(), temp, log: join(folder, "log") });
  // As the package's own script does, which is not run.
  appendFileSync(join(root, "etc/passwd"), "haproxy:x:100:100::/:/usr/sbin/nologin\n");
  appendFileSync(join(root, "etc/group"), "haproxy:x:100:\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What haproxy says of a file. */
function check(text: string) {
  writeFileSync(join(root, "haproxy.cfg"), text);
  const { status, stdout, stderr } = spawnSync("chroot", [root, "haproxy", "-c", "-f", "/haproxy.cfg"], {
    encoding: "utf8",
    env: { PATH: "/usr/sbin:/usr/bin" },
  });
  return { status, output: `${stdout}${stderr}` };
}

it("haproxy reads its file of the endpoint, without a warning", () => {
  const controlPlanes = [1, 2, 3].map((at) => ({ name: `cp${at}`, address: `10.0.0.${at}` }));
  const endpoint = { kind: "haproxy", address: "10.0.0.10", port: 8443, routerId: 51 } as const;
  const context = { bindPort: 6443, kubernetesVersion: "1.36.3", kubeVipImage: "registry.example.com/kv" };
  const [node = { name: "", address: "" }] = controlPlanes;
  const files = endpointFiles(endpoint, node, controlPlanes, context);
  const text = files.find(({ path }) => path.endsWith("haproxy.cfg"))?.content ?? "";
  expect(text).toContain("server cp3");
  expect(check(text)).toEqual({ status: 0, output: "Configuration file is valid\n" });
  // A check that takes anything is none.
  const { status, output } = check(`${text}\nnonsense\n`);
  expect(status).toBe(1);
  expect(output).toContain("unknown keyword 'nonsense'");
});
