import { X509Certificate } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { selfSigned } from "../drift/certificates";
import { ScriptHost } from "../support/script-host";

let host: ScriptHost;
beforeEach(() => {
  host = new ScriptHost();
});
afterEach(() => host.remove());

const line = (path: string, mode: string, owner: string, content: string) =>
  `${path} ${mode} ${owner} ${Buffer.from(content).toString("base64")}`;

describe("files.sh", () => {
  const files = [
    line("/etc/etcd/ssl/etcd-key.pem", "0600", "etcd:etcd", "-----BEGIN KEY-----\n+/=\n-----END KEY-----\n"),
    line("/etc/etcd/ssl/ca.pem", "0644", "root:root", "ca without a line break"),
    line("/etc/empty", "0600", "root:root", ""),
  ];
  const run = (list: readonly string[]) => host.run("components/remote/scripts/files.sh", { FILES: list });

  it("puts every file in place with its content, mode and owner, and prints none of it", async () => {
    const { result, stdout, stderr, calls } = await run(files);
    expect([result, stderr]).toEqual([{ changed: "true" }, ""]);
    // Digests are all that it says of the content.
    expect(stdout.split("\n").map((text) => text.replace(/ [0-9a-f]{64}$/, " SHA256"))).toEqual([
      `manages file ${host.path("/etc/etcd/ssl/etcd-key.pem")} 0600 etcd:etcd SHA256`,
      `manages file ${host.path("/etc/etcd/ssl/ca.pem")} 0644 root:root SHA256`,
      `manages file ${host.path("/etc/empty")} 0600 root:root SHA256`,
      '{"changed":"true"}',
      "",
    ]);
    expect(host.read("/etc/etcd/ssl/etcd-key.pem")).toBe("-----BEGIN KEY-----\n+/=\n-----END KEY-----\n");
    expect(host.read("/etc/etcd/ssl/ca.pem")).toBe("ca without a line break");
    expect(host.read("/etc/empty")).toBe("");
    expect([host.mode("/etc/etcd/ssl/etcd-key.pem"), host.mode("/etc/etcd/ssl/ca.pem")]).toEqual([
      "600",
      "644",
    ]);
    expect(calls.map((call) => call.split(" ").slice(0, 2).join(" "))).toEqual([
      "chown etcd:etcd",
      "chown root:root",
      "chown root:root",
    ]);
    expect(host.leftovers()).toEqual([]);
  });

  it("declares until when a certificate is valid", async () => {
    const pem = selfSigned(400);
    const { stdout } = await run([line("/etc/etcd/ssl/etcd.pem", "0644", "root:root", pem)]);
    const end = new Date(new X509Certificate(pem).validTo).toISOString().replace(".000Z", "Z");
    expect(stdout).toContain(`manages certificate ${host.path("/etc/etcd/ssl/etcd.pem")} ${end}\n`);
  });

  it("changes nothing the second time", async () => {
    await run(files);
    const before = host.files();
    expect((await run(files)).result).toEqual({ changed: "false" });
    expect(host.files()).toEqual(before);
  });

  it("replaces the one file that differs", async () => {
    await run(files);
    const before = host.files();
    const [key = "", , empty = ""] = files;
    expect(
      (await run([key, line("/etc/etcd/ssl/ca.pem", "0644", "root:root", "new"), empty])).result,
    ).toEqual({ changed: "true" });
    const after = host.files();
    expect(Object.keys(after).filter((path) => after[path] !== before[path])).toEqual([
      "/etc/etcd/ssl/ca.pem",
    ]);
  });

  it("fails, and keeps the old file's mode, when the owner does not exist", async () => {
    host.stub("chown", 'case $1 in nobody:*) echo "chown: invalid user" >&2; exit 1 ;; esac');
    const { code, result, stderr } = await run([line("/etc/secret", "0600", "nobody:x", "text")]);
    expect([code, result]).toEqual([1, undefined]);
    expect(stderr).toContain("chown: invalid user");
    expect(host.has("/etc/secret")).toBe(false);
  });
});
