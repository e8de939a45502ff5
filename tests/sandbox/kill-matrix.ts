import type { Lab } from "./lab";
import { inside } from "./power";
import { above, allProcesses, inNamespace, kill, type Process, treeOf } from "./processes";

/**
 * How an `up` is cut. `step`: all processes of the step on its host, as by the out-of-memory killer. `session`: only
 * the sshd that serves it, as by a lost connection. `client`: everything on the operator's computer, in the middle of a
 * step. `boundary`: the same, right after a step was reported as created.
 */
export type Cut = "step" | "session" | "client" | "boundary";

/**
 * Where in a step, as a part of the time that it took undisturbed, counted from its first process on the host. The
 * first cut meets the real work; later ones meet a step that goes on without its client or finds its work done, and
 * have to be quick.
 */
const moments: Readonly<Record<Cut, number>> = { step: 0.3, session: 0.1, client: 0.02, boundary: 0 };

/** Seconds of a step that go by before it has a process: dialling and logging in. */
const dialling = 0.25;

/** What is cut, by kind of resource. The rest (keys, components) is made within Pulumi and has no middle. */
export function cutsFor(type: string): readonly Cut[] {
  if (type === "command:remote:Command") return ["step", "session", "client", "boundary"];
  if (type === "command:local:Command" || /^kubernetes:(?!.*provider)/.test(type))
    return ["client", "boundary"];
  return [];
}

/** A line like ` +  command:remote:Command cp1-facts created (0.25s)`. */
export function parseEvent(line: string) {
  const found = /^ *[+~-]+ +(\S+:\S+:\S+) (\S+) (creating|created|updating|updated)(?: \(([\d.]+)s\))?/.exec(
    line,
  );
  if (found === null) return undefined;
  const [, type = "", name = "", what = "", seconds = "0"] = found;
  return { type, name, began: what.endsWith("ing"), done: what.endsWith("ed"), seconds: Number(seconds) };
}

/** Seconds that each step took in a run that nobody disturbed. */
export function durationsOf(output: string): Map<string, number> {
  const events = output.split("\n").map(parseEvent);
  return new Map(events.flatMap((event) => (event?.done ? [[event.name, event.seconds] as const] : [])));
}

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly cut: Cut;
  /** Seconds after the start of the step; undefined where the step was faster than the cut. */
  at: number | undefined;
  /** What the cut `up` ended with; null where it was killed itself. */
  ended: number | null;
  /** What the next `up` said about the step. */
  next: string;
  /** What the cluster is, as far as it answers. */
  identity: string;
}

const stepOnHost = /^flock -o -w \d+ -E 75 \/run\/lock\/mesh-platform\.lock /;

/** The process that a step is on its host, among those that were not there before. */
function stepProcess(lab: Lab, hosts: readonly string[], before: ReadonlySet<number>): Process | undefined {
  return allProcesses(before)
    .filter(({ words }) => stepOnHost.test(words.join(" ")))
    .find((process) => hosts.some((host) => inNamespace(process, `mp-${lab.id}-${host}`)));
}

const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Starts of programs that must run once, counted from outside by their processes, whatever the scripts remember. */
export class Starts {
  private readonly seen = new Map<string, Set<string>>();
  private readonly cutShort = new Map<string, Set<string>>();
  private readonly timer: NodeJS.Timeout;

  constructor(lab: Lab, hosts: readonly string[]) {
    this.timer = setInterval(() => {
      for (const process of allProcesses()) {
        const program = Starts.program(process);
        if (program === undefined) continue;
        if (!hosts.some((host) => inNamespace(process, `mp-${lab.id}-${host}`))) continue;
        Starts.add(this.seen, program, Starts.identity(process));
      }
    }, 250);
  }

  private static program({ words }: Process): string | undefined {
    const [path = "", verb = ""] = words;
    return path.split("/").at(-1) === "kubeadm" && /^(init|join|reset)$/.test(verb)
      ? `kubeadm ${verb}`
      : undefined;
  }

  private static identity({ pid, started }: Process): string {
    return `${pid} ${started}`;
  }

  private static add(to: Map<string, Set<string>>, program: string, identity: string): void {
    to.set(program, (to.get(program) ?? new Set()).add(identity));
  }

  /** All starts so far. */
  get known(): ReadonlySet<string> {
    return new Set([...this.seen.values()].flatMap((identities) => [...identities]));
  }

  /**
   * To be told of what a cut has ended, since that may be started once more; and what had been started when the ended
   * step began, since a program that came to its end goes unrecorded as well where its script does not.
   */
  ended(processes: readonly Process[], before: ReadonlySet<string>): void {
    for (const process of processes) {
      const program = Starts.program(process);
      if (program === undefined) continue;
      // A program that has just started may not have been seen otherwise.
      for (const to of [this.seen, this.cutShort]) Starts.add(to, program, Starts.identity(process));
    }
    for (const [program, identities] of this.seen) {
      for (const one of identities) if (!before.has(one)) Starts.add(this.cutShort, program, one);
    }
  }

  /** By program: how often it was started, and how many of these a cut has ended. */
  get counts(): Record<string, { started: number; cutShort: number }> {
    return Object.fromEntries(
      [...this.seen].map(([program, set]) => [
        program,
        { started: set.size, cutShort: this.cutShort.get(program)?.size ?? 0 },
      ]),
    );
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** What would be another one if a cluster had been made twice: etcd's cluster, Kubernetes' own namespace, the nodes. */
export function identityOf(lab: Lab): string {
  const etcd =
    "etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/etcd/ssl/ca.pem --cert /etc/etcd/ssl/etcd.pem " +
    "--key /etc/etcd/ssl/etcd-key.pem --command-timeout 3s endpoint status -w json";
  // A cache of its own, or what is asked here would change what the hosts are compared by.
  const kubectl =
    "kubectl --cache-dir /run/kill-matrix --kubeconfig /etc/kubernetes/admin.conf --request-timeout 3s";
  const { stdout } = inside(
    lab.id,
    "cp1",
    `${etcd} 2>/dev/null | grep -o '"cluster_id":[0-9]*'; ${kubectl} get namespace kube-system -o jsonpath='namespace:{.metadata.uid}{"\\n"}' 2>/dev/null; ` +
      `${kubectl} get nodes -o jsonpath='{range .items[*]}{.metadata.name}:{.metadata.uid}{"\\n"}{end}' 2>/dev/null`,
  );
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.replace(/^"cluster_id":/, "etcd:").replace(/([0-9a-f]{4})[0-9a-f-]*$/, "$1"))
    .join(" ");
}

/** Makes one cluster by as many runs of `up` as there are cuts, each ended by the next cut that has not been made. */
export class KillMatrix {
  readonly rows: Row[] = [];
  readonly starts: Starts;
  private readonly lab: Lab;
  private readonly hosts: readonly string[];
  private readonly durations: ReadonlyMap<string, number>;
  private readonly only: RegExp;

  /** `durations` are those of an undisturbed run; `only` leaves out steps by their names. */
  constructor(lab: Lab, hosts: readonly string[], durations: ReadonlyMap<string, number>, only = /(?:)/) {
    this.lab = lab;
    this.hosts = hosts;
    this.durations = durations;
    this.only = only;
    this.starts = new Starts(lab, hosts);
  }

  /** Ends when an `up` went through. A run that fails without having been cut is a fault of the program. */
  async run(limit = 200): Promise<void> {
    for (let attempt = 0; attempt < limit; attempt++) {
      const before = this.rows.at(-1);
      const { code, output } = await this.attempt();
      if (before !== undefined) before.next = wordsOf(output, before.name);
      const made = this.rows.at(-1);
      if (made !== before && made !== undefined) {
        made.ended = code;
        made.identity = identityOf(this.lab);
      } else if (code === 0) {
        this.starts.stop();
        return;
      } else
        throw new Error(`up ended with ${code} although nothing was cut; after ${JSON.stringify(before)}`);
    }
    throw new Error(`no end after ${limit} runs`);
  }

  /** One `up`, with at most one cut. Serial, or a neighbour's step would be over before its turn has come. */
  private attempt() {
    // The step that is waited for, or that was cut; what it says in between looks like a beginning as well.
    let chosen: string | undefined;
    return this.lab.run("up", ["--yes", "--parallel", "1"], (line, cutClient) => {
      const event = parseEvent(line);
      if (event === undefined || !this.only.test(event.name)) return;
      if (chosen !== undefined && (chosen !== event.name || event.began)) return;
      const missing = cutsFor(event.type).filter((cut) => !this.made(event.name, cut));
      const [next] = missing;
      if (next === undefined || (event.began && next === "boundary")) return;
      chosen = event.name;
      if (event.began) {
        void this.cutWithin(event.name, next, event.type === "command:remote:Command", cutClient);
        return;
      }
      // What was faster than its cuts will not come again.
      for (const cut of missing) if (cut !== "boundary") this.note(event.name, cut);
      cutClient();
      this.note(event.name, "boundary", event.seconds);
    });
  }

  private made(name: string, cut: Cut): boolean {
    return this.rows.some((row) => row.name === name && row.cut === cut);
  }

  private note(name: string, cut: Cut, at?: number): void {
    this.rows.push({ name, cut, at, ended: null, next: "", identity: "" });
  }

  /** Waits for the moment of the cut and makes it, unless the step is over before. */
  private async cutWithin(name: string, cut: Cut, onHost: boolean, cutClient: () => void): Promise<void> {
    const began = Date.now();
    const over = () => this.made(name, "boundary");
    const before = new Set(allProcesses().map(({ pid }) => pid));
    const known = this.starts.known;
    const length = Math.max(0, (this.durations.get(name) ?? 0) - dialling);
    const step = () => stepProcess(this.lab, this.hosts, before);
    if (onHost) while (step() === undefined && !over() && Date.now() < began + 30_000) await sleep(0.003);
    await sleep(length * moments[cut]);
    if (over() || (onHost && step() === undefined)) return;
    if (cut === "client") {
      cutClient();
      this.note(name, cut, (Date.now() - began) / 1000);
      return;
    }
    const all = allProcesses();
    const alive = step();
    const server = alive && above(alive, all, ({ words }) => words[0]?.startsWith("sshd: ") === true);
    if (alive === undefined || server === undefined) return;
    const victims = cut === "step" ? treeOf(alive, all) : [server];
    // A script that only loses its client goes on.
    if (cut === "step") this.starts.ended(victims, known);
    kill(victims);
    this.note(name, cut, (Date.now() - began) / 1000);
  }
}

/** What a run said about a step: its outcome, and the last lines of progress before that. */
function wordsOf(output: string, name: string): string {
  const own = output.split("\n").filter((line) => line.includes(` ${name} `));
  const said = own.flatMap((line) => /\d\d:\d\d:\d\d \S+: (.*?)\s*$/.exec(line)?.[1] ?? []);
  const outcome = own.map(parseEvent).find((event) => event?.done);
  const end =
    outcome === undefined
      ? own.length > 0
        ? "cut again"
        : "not reached"
      : `created in ${outcome.seconds} s`;
  return [...new Set(said)].slice(0, 3).concat(end).join("; ");
}

export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ name, cut, at, ended, next, identity }) => [
    name,
    cut,
    at === undefined ? "too fast" : at.toFixed(2),
    ended === null ? "killed" : String(ended),
    next,
    identity,
  ]);
  const head = ["step", "cut", "at s", "up ended", "next up", "identity"];
  return [head, head.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
