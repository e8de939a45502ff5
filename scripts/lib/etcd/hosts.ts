/** What a stack's state says about etcd: its members with the step that starts each, and the hosts with an API server. */
import { SshSession, type SshTarget } from "../ssh";

export interface StackHost {
  readonly name: string;
  readonly target: SshTarget;
  /** The command line of its last step here, and the program that the command reads. */
  readonly step: { readonly command: string; readonly stdin: string };
}

export interface EtcdHosts {
  readonly members: readonly StackHost[];
  readonly controlPlanes: readonly StackHost[];
}

interface StoredResource {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean;
  readonly retainOnDelete?: boolean;
  readonly inputs?: unknown;
}

/** Takes a decrypted export apart. A host that the operator has declared dead is left out. */
export function readEtcdHosts(exported: string): EtcdHosts {
  const { deployment } = JSON.parse(exported) as { deployment?: { resources?: StoredResource[] } };
  const steps = (deployment?.resources ?? []).filter(
    (resource) =>
      resource.type === "command:remote:Command" &&
      resource.delete !== true &&
      resource.retainOnDelete !== true,
  );
  const ending = (suffix: string) =>
    steps.flatMap((resource) => {
      const step = resource.urn.slice(resource.urn.lastIndexOf("::") + 2);
      return step.endsWith(suffix) ? [hostOf(step.slice(0, -suffix.length), resource)] : [];
    });
  const members = ending("-etcd");
  if (members.length === 0) {
    throw new Error("the stack has no etcd on hosts of its own; run `npm run up` first");
  }
  return { members, controlPlanes: ending("-control-plane") };
}

function hostOf(name: string, { inputs }: StoredResource): StackHost {
  const { connection, create, stdin } = reveal(inputs) as {
    connection: SshTarget & { proxy?: SshTarget | null };
    create: string;
    stdin: string;
  };
  const { proxy, ...target } = connection;
  return {
    name,
    target: { ...target, ...(proxy ? { bastion: proxy } : {}) },
    step: { command: create, stdin },
  };
}

/** Secrets of a decrypted export are objects whose `plaintext` is JSON; puts the values in their place. */
function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  if ("plaintext" in value && typeof value.plaintext === "string") return reveal(JSON.parse(value.plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(inner)]));
}

/** A host with an open connection. Every failure names the host. */
export class Host {
  private readonly stored: StackHost;
  private readonly session: SshSession;

  private constructor(stored: StackHost, session: SshSession) {
    this.stored = stored;
    this.session = session;
  }

  static async open(stored: StackHost): Promise<Host> {
    return new Host(stored, await SshSession.open(stored.target));
  }

  get name(): string {
    return this.stored.name;
  }

  /** Runs a shell program as root, the arguments after it, and returns what it printed. */
  async shell(program: string, args: readonly string[] = [], seconds = 120): Promise<string> {
    const words = ["bash", "-s", "--", ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    return this.run(this.stored.target.user === "root" ? words : `sudo -n ${words}`, program, seconds);
  }

  /** Runs the host's step once more, as the last `up` did; it finds out what is missing. */
  replay(): Promise<string> {
    return this.run(this.stored.step.command, this.stored.step.stdin, 3600);
  }

  private async run(command: string, stdin: string, seconds: number): Promise<string> {
    const { code, stdout, stderr } = await this.session.run(command, { stdin, timeoutMs: seconds * 1000 });
    if (code === 0) return stdout;
    const why = stderr.trim().split("\n").slice(-3).join("\n").slice(-600);
    throw new Error(`${this.name}: ${why === "" ? `ended with ${code}` : why}`);
  }

  close(): void {
    this.session.close();
  }
}
