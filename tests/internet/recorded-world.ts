/** The recorded internet and this computer's view of it, at an address that no network uses. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultMirrorDir } from "../../components/sandbox/mirror/mirror";
import { Lab } from "../sandbox/lab";
import { must } from "../support/must";
import { RecordedInternet } from "./server";
import { missingTree, World } from "./world";

/** For documentation (RFC 5737). */
const ADDRESS = "192.0.2.53";

export class RecordedWorld {
  readonly internet: RecordedInternet;
  readonly world: World;
  private readonly folder: string;

  private constructor(internet: RecordedInternet, world: World, folder: string) {
    this.internet = internet;
    this.world = world;
    this.folder = folder;
  }

  /** Needs root, a filled mirror, and what a sandbox host's tree is made from. */
  static async start(): Promise<RecordedWorld> {
    await makeTree();
    const folder = mkdtempSync(join(tmpdir(), "mesh-platform-world-"));
    must("ip", "address", "replace", `${ADDRESS}/32`, "dev", "lo");
    const internet = await RecordedInternet.start(defaultMirrorDir(), { address: ADDRESS });
    const world = await World.make(folder, ADDRESS, internet.ca);
    return new RecordedWorld(internet, world, folder);
  }

  async end(): Promise<void> {
    this.world.end();
    await this.internet.stop();
    must("ip", "address", "delete", `${ADDRESS}/32`, "dev", "lo");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The tree that hosts are copied from, for which an operator with internet goes to Debian. */
async function makeTree(): Promise<void> {
  if (missingTree() === undefined) return;
  const hosts = new Lab("internet-tree");
  hosts.configure({ composition: "machines", hosts: { kind: "sandbox", workers: 0 } });
  await hosts.must("up", "--yes");
  await hosts.end();
}
