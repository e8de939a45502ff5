/** A real kube-apiserver with an etcd, of the sandbox's mirror, on this computer and without root. No controllers. */
import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cacheFolder } from "../../scripts/lib/paths";

const TOKEN = "token-of-the-conformance-test";
const START_MS = 120_000;

const program = (folder: string, name: string) => path.join(cacheFolder(), "mirror", "build", folder, name);
const ETCD = program("etcd", "etcd");
const API_SERVER = program("kubernetes", "kube-apiserver");

export class RealApiServer {
  #folder = "";
  #children: ChildProcess[] = [];
  #port = 0;

  /** Programs that are not there. */
  static missing(): readonly string[] {
    return [ETCD, API_SERVER].filter((file) => !existsSync(file));
  }

  async start(): Promise<void> {
    const [client, peer, port] = await freePorts(3);
    this.#port = port ?? 0;
    this.#folder = mkdtempSync(path.join(tmpdir(), "mesh-platform-api-server-"));
    const url = `http://127.0.0.1:${client}`;
    this.#run(ETCD, {
      "data-dir": this.#file("etcd"),
      "listen-client-urls": url,
      "advertise-client-urls": url,
      "listen-peer-urls": `http://127.0.0.1:${peer}`,
      "initial-advertise-peer-urls": `http://127.0.0.1:${peer}`,
      "initial-cluster": `default=http://127.0.0.1:${peer}`,
    });
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(this.#file("key.pem"), privateKey.export({ type: "pkcs8", format: "pem" }));
    writeFileSync(this.#file("tokens.csv"), `${TOKEN},admin,admin,system:masters\n`);
    this.#run(API_SERVER, {
      "etcd-servers": url,
      "bind-address": "127.0.0.1",
      "secure-port": String(port),
      "cert-dir": this.#file("certs"),
      "token-auth-file": this.#file("tokens.csv"),
      "authorization-mode": "RBAC",
      "service-account-issuer": "https://kubernetes.default.svc",
      "service-account-key-file": this.#file("key.pem"),
      "service-account-signing-key-file": this.#file("key.pem"),
      "service-cluster-ip-range": "10.96.0.0/24",
      // Without controllers nobody would make the account that this one waits for.
      "disable-admission-plugins": "ServiceAccount",
    });
    for (const end = Date.now() + START_MS; !(await this.#isReady()); await sleep(250)) {
      if (Date.now() > end) throw new Error(`kube-apiserver was not ready within ${START_MS / 1000} s`);
    }
  }

  kubeconfig(): string {
    const authority = readFileSync(this.#file(path.join("certs", "apiserver.crt")));
    return JSON.stringify({
      "current-context": "test",
      clusters: [
        {
          name: "test",
          cluster: {
            server: `https://127.0.0.1:${this.#port}`,
            "certificate-authority-data": authority.toString("base64"),
          },
        },
      ],
      users: [{ name: "test", user: { token: TOKEN } }],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    });
  }

  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      await ended;
    }
    this.#children = [];
    if (this.#folder !== "") rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Begins anew, with nothing in it. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  #file(name: string): string {
    return path.join(this.#folder, name);
  }

  #run(executable: string, flags: Readonly<Record<string, string>>): void {
    const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    this.#children.push(spawn(executable, args, { stdio: "ignore" }));
  }

  /** Bootstrapping has ended when the roles of RBAC are there: the probe of a healthy server tells. */
  #isReady(): Promise<boolean> {
    return new Promise((resolve) => {
      const probe = request(
        {
          host: "127.0.0.1",
          port: this.#port,
          path: "/readyz",
          headers: { authorization: `Bearer ${TOKEN}` },
          rejectUnauthorized: false,
        },
        (response) => {
          response.resume();
          resolve(response.statusCode === 200);
        },
      );
      probe.on("error", () => resolve(false));
      probe.end();
    });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
        ),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
