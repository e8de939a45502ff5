/**
 * A view of this computer's files in which its names lead to the recorded internet, and in which its authority is
 * trusted: a mount namespace with other contents of two files. Programs in it, and hosts that they make, need no switch.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../components/lib/folders";
import { imageParameters } from "../../components/sandbox/image";

const CERTIFICATES = "etc/ssl/certs/ca-certificates.crt";

/** The tree that sandbox hosts are copies of. */
export function hostTree(): string {
  const { CACHE, DIGEST } = imageParameters(cacheFolder());
  return join(CACHE, DIGEST, "tree");
}

export class World {
  private readonly holder: ChildProcess;
  private readonly authority: string;

  private constructor(holder: ChildProcess, authority: string) {
    this.holder = holder;
    this.authority = authority;
  }

  /**
   * Makes the view, with its files in `folder`. The hosts' tree has to exist, since its copies get the authority, too.
   *
   * @throws Error where it cannot be made: that takes root on Linux.
   */
  static async make(folder: string, nameServer: string, ca: string): Promise<World> {
    const authority = join(folder, "authority.pem");
    writeFileSync(authority, ca);
    const replaced: readonly (readonly [string, string])[] = [
      ["/etc/resolv.conf", `nameserver ${nameServer}\n`],
      ...[`/${CERTIFICATES}`, join(hostTree(), CERTIFICATES)].map(
        (file) => [file, `${readFileSync(file, "utf8")}\n${ca}`] as const,
      ),
    ];
    const mounts = replaced.map(([target, content], index) => {
      const source = join(folder, `view-${index}`);
      writeFileSync(source, content, { mode: 0o644 });
      return `mount --bind '${source}' '${target}'`;
    });
    const script = ["set -e", ...mounts, "echo ready", "exec sleep infinity"].join("\n");
    const holder = spawn("unshare", ["--mount", "--propagation", "private", "bash", "-c", script], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    await new Promise<void>((done, failed) => {
      let said = "";
      holder.stderr?.on("data", (text: Buffer) => {
        said += text.toString();
      });
      holder.once("exit", (code) => failed(new Error(`unshare ended with ${code}: ${said}`)));
      holder.stdout?.once("data", () => done());
    });
    return new World(holder, authority);
  }

  /** Words before a command that is to run in it. */
  get prefix(): readonly string[] {
    return ["nsenter", "--target", String(this.holder.pid), "--mount", `--wd=${process.cwd()}`];
  }

  /** Node has certificates of its own, and this variable of its own for more; proxies of the tests' own way out are left out. */
  get env(): NodeJS.ProcessEnv {
    const { HTTP_PROXY: _, HTTPS_PROXY: __, http_proxy: ___, https_proxy: ____, ...rest } = process.env;
    return { ...rest, NODE_EXTRA_CA_CERTS: this.authority };
  }

  end(): void {
    this.holder.removeAllListeners("exit");
    this.holder.kill("SIGKILL");
  }
}

/** Why there can be none yet, or undefined. */
export const missingTree = (): string | undefined =>
  existsSync(join(hostTree(), CERTIFICATES)) ? undefined : `there is no tree of hosts at ${hostTree()}`;
