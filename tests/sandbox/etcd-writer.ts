import { Agent, request } from "node:https";

export interface Credentials {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const PREFIX = "/mesh-platform-writer/";
const nameOf = (number: number) => `${PREFIX}${String(number).padStart(9, "0")}`;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Writes one key after the other for as long as it runs, to whichever member answers, and remembers each that etcd
 * has acknowledged. A write that failed or timed out may be there or not; one that was acknowledged must be there.
 */
export class Writer {
  readonly acknowledged: number[] = [];
  failed = 0;
  /** Longest time without an acknowledgement, in ms. */
  longestGap = 0;
  private running = true;
  private endpoints: readonly string[];
  private agent: Agent;
  private readonly loop: Promise<void>;

  constructor(endpoints: readonly string[], credentials: Credentials) {
    this.endpoints = endpoints;
    this.agent = new Agent({ ...credentials, keepAlive: true });
    this.loop = this.write();
  }

  /** Other endpoints, other certificates: what the API servers get when their step runs. */
  turnTo(endpoints: readonly string[], credentials: Credentials): void {
    this.endpoints = endpoints;
    this.agent.destroy();
    this.agent = new Agent({ ...credentials, keepAlive: true });
  }

  private async write(): Promise<void> {
    let last = Date.now();
    for (let number = 0, turn = 0; this.running; number++) {
      try {
        await this.ask(turn, "/v3/kv/put", { key: base64(nameOf(number)), value: base64(`value ${number}`) });
        this.acknowledged.push(number);
        this.longestGap = Math.max(this.longestGap, Date.now() - last);
        last = Date.now();
        await pause(5);
      } catch {
        this.failed++;
        turn++;
        await pause(50);
      }
    }
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.loop;
  }

  /** The acknowledged keys that are not there, or have another value. */
  async lost(): Promise<number[]> {
    const found = new Map<string, string>();
    for (let from = PREFIX; ; ) {
      const { kvs = [] } = (await this.anyone("/v3/kv/range", {
        key: base64(from),
        range_end: base64("/mesh-platform-writer0"),
        limit: 5000,
      })) as { kvs?: { key: string; value: string }[] };
      for (const { key, value } of kvs)
        found.set(Buffer.from(key, "base64").toString(), Buffer.from(value, "base64").toString());
      const last = kvs.at(-1);
      if (last === undefined || kvs.length < 5000) break;
      from = `${Buffer.from(last.key, "base64")}\0`;
    }
    return this.acknowledged.filter((number) => found.get(nameOf(number)) !== `value ${number}`);
  }

  private async anyone(path: string, body: object): Promise<unknown> {
    for (let turn = 0; ; turn++) {
      try {
        return await this.ask(turn, path, body);
      } catch (error) {
        if (turn > 100) throw error;
        await pause(100);
      }
    }
  }

  private ask(turn: number, path: string, body: object): Promise<unknown> {
    const endpoint = this.endpoints[turn % this.endpoints.length];
    return new Promise((resolve, reject) => {
      const post = request(
        `${endpoint}${path}`,
        { method: "POST", agent: this.agent, timeout: 2000 },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (part: string) => (text += part));
          response.on("end", () =>
            response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text.slice(0, 200))),
          );
          response.on("error", reject);
        },
      );
      post.on("timeout", () => post.destroy(new Error("no answer within 2 s")));
      post.on("error", reject);
      post.end(JSON.stringify(body));
    });
  }
}
