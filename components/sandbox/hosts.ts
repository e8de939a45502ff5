import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { cacheFolder, projectRoot } from "../lib/folders";
import type { HostConnection } from "../remote/connection";
import { LocalScript } from "../remote/script";
import { imageParameters } from "./image";
import type { MirrorGroup } from "./mirror/items";
import { describeOwner } from "./owner";
import { gatewayOf, hostNames, hostProblems, type SandboxHost, sandboxNames } from "./plan";
import { hostSince, networkSince, since } from "./state";

export interface SandboxArgs {
  /** Six hex digits that keep sandboxes of one computer apart (see `sandboxId`). */
  readonly id: string;
  /** IPv4 network of the hosts. Its first address is the gateway: this computer, on the bridge. */
  readonly cidr: string;
  readonly hosts: readonly SandboxHost[];
  /** Artifact mirror to fill and to serve at `http://<gateway>:<port>`. Left out, there is none. */
  readonly mirror?: {
    readonly directory: string;
    readonly port: number;
    /** What it has to hold besides the parts of a bare cluster. Default: what it holds already. */
    readonly groups?: readonly MirrorGroup[];
  };
  /** Boot of this computer (see `readBootId`): a restart stops the hosts, and the next `up` starts them again. */
  readonly bootId: string;
  /** Debian mirror for the image. Default: the one that debootstrap knows. */
  readonly imageMirror?: string;
}

/** A host that answers over SSH, and the resource after which it does. */
export interface ReadyHost {
  readonly connection: HostConnection;
  readonly resource: pulumi.Resource;
}

const mirrorCode = join(__dirname, "mirror");
const script = (name: string) => join(__dirname, "scripts", `${name}.sh`);
const lock = (name: string) => `/run/lock/mesh-platform-${name}`;

/**
 * Disposable Linux hosts on the computer that runs Pulumi: systemd and sshd in a container each, on a bridge of
 * their own, reachable and pinned like any other machine from then on.
 *
 * Afterwards every host of `hosts` answers on port 22 and has finished booting. They share the computer's kernel,
 * so what cannot be separate per network namespace stays as it is on the computer. A host keeps its disk through
 * reboots and through restarts of the computer, and loses it when it leaves the list. Assumes what
 * `sandboxProblems` checks. See docs/sandbox.md.
 */
export class Sandbox extends pulumi.ComponentResource {
  readonly hosts: Readonly<Record<string, ReadyHost>>;

  constructor(name: string, args: SandboxArgs, options: pulumi.ComponentResourceOptions = {}) {
    const problems = hostProblems(args.id, args.cidr, args.hosts);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    super("mesh-platform:sandbox:Sandbox", name, {}, options);

    const login = new tls.PrivateKey(`${name}-login`, { algorithm: "ED25519" }, { parent: this });
    const image = this.image(name, args);
    const network = this.network(name, args, this.mirror(name, args));
    this.hosts = Object.fromEntries(
      args.hosts.map((host) => [
        host.name,
        this.host(`${name}-${host.name}`, args, host, login, image, network),
      ]),
    );
    this.registerOutputs();
  }

  private image(name: string, args: SandboxArgs) {
    const recipe = imageParameters(cacheFolder(), args.imageMirror);
    const folder = join(recipe.CACHE, recipe.DIGEST);
    const parameters = { ...recipe, SINCE: since(join(folder, "since"), true) };
    const resource = new LocalScript(
      `${name}-image`,
      { script: script("image"), parameters, timeoutSeconds: 1800, lock: lock("image") },
      { parent: this },
    );
    return { resource, tree: join(folder, "tree") };
  }

  private mirror(name: string, args: SandboxArgs): pulumi.Resource[] {
    if (args.mirror === undefined) return [];
    const { directory } = args.mirror;
    const parameters = {
      MIRROR_DIR: directory,
      CONTENT: args.mirror.groups ?? [],
      RECIPE: folderDigest(mirrorCode),
      PROJECT: projectRoot,
      SINCE: since(join(directory, "since"), existsSync(join(directory, "index.json"))),
    };
    return [
      new LocalScript(
        `${name}-mirror`,
        { script: script("mirror"), parameters, timeoutSeconds: 7200, lock: lock(`${args.id}-mirror`) },
        { parent: this },
      ),
    ];
  }

  private network(name: string, args: SandboxArgs, dependsOn: pulumi.Resource[]): pulumi.Resource {
    const names = sandboxNames(args.id);
    const parameters = {
      SANDBOX: args.id,
      BRIDGE: names.bridge,
      CIDR: args.cidr,
      GATEWAY: gatewayOf(args.cidr).address,
      STATE: names.state,
      OWNER: describeOwner(pulumi.getStack()),
      MIRROR_DIR: args.mirror?.directory ?? "",
      MIRROR_PORT: args.mirror?.port ?? 0,
      MIRROR_CODE: args.mirror === undefined ? "" : folderDigest(mirrorCode, ".ts"),
      PROJECT: projectRoot,
      BOOT_ID: args.bootId,
      SINCE: networkSince(args.id, args.mirror !== undefined),
    };
    return new LocalScript(
      `${name}-network`,
      {
        script: script("network"),
        parameters,
        undo: true,
        timeoutSeconds: 300,
        lock: lock(`${args.id}-network`),
      },
      { parent: this, dependsOn },
    );
  }

  private host(
    name: string,
    args: SandboxArgs,
    host: SandboxHost,
    login: tls.PrivateKey,
    image: { readonly resource: pulumi.Resource; readonly tree: string },
    network: pulumi.Resource,
  ): ReadyHost {
    const names = hostNames(args.id, host.name);
    const gateway = gatewayOf(args.cidr);
    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "ED25519" }, { parent: this });
    const hostKey = key.publicKeyOpenssh.apply((line) => line.trim());

    const identity = new LocalScript(
      `${name}-identity`,
      {
        script: script("identity"),
        parameters: {
          STATE: names.state,
          HOST_PRIVATE_KEY: pulumi.secret(key.privateKeyOpenssh),
          SINCE: since(`${names.state}/identity/since`, true),
        },
        undo: true,
        timeoutSeconds: 120,
        progress: false,
        lock: lock(`${args.id}-${host.name}`),
      },
      { parent: this, dependsOn: [network] },
    );

    const parameters = {
      NAME: names.machine,
      HOST: host.name,
      STATE: names.state,
      IMAGE: image.tree,
      BRIDGE: sandboxNames(args.id).bridge,
      LINK: names.link,
      ADDRESS: host.address,
      PREFIX: gateway.prefix,
      GATEWAY: gateway.address,
      HOST_KEY: hostKey,
      LOGIN_KEY: login.publicKeyOpenssh.apply((line) => line.trim()),
      BOOT_ID: args.bootId,
      SINCE: hostSince(args.id, host.name),
    };
    const resource = new LocalScript(
      name,
      {
        script: script("host"),
        parameters,
        undo: true,
        timeoutSeconds: 600,
        lock: lock(`${args.id}-${host.name}`),
      },
      { parent: this, dependsOn: [identity, image.resource, network] },
    );

    const connection: HostConnection = {
      host: host.address,
      port: 22,
      user: "root",
      privateKey: pulumi.secret(login.privateKeyOpenssh),
      hostKey,
    };
    return { connection, resource };
  }
}

/** Digest of the files beneath a folder, those in it directly if an ending is given. */
function folderDigest(folder: string, ending?: string): string {
  const hash = createHash("sha256");
  const add = (path: string) => {
    for (const name of readdirSync(path).sort()) {
      const file = join(path, name);
      if (!statSync(file).isDirectory()) {
        if (ending === undefined || name.endsWith(ending))
          hash.update(`${file.slice(folder.length)}\n`).update(readFileSync(file));
      } else if (ending === undefined) {
        add(file);
      }
    }
  };
  add(folder);
  return hash.digest("hex").slice(0, 16);
}
