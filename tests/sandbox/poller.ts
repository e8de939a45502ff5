import { request as http } from "node:http";
import { request as https, type RequestOptions } from "node:https";
import { parse } from "yaml";

/** What a poller saw. */
export interface Seen {
  readonly requests: number;
  readonly failures: number;
  /** Seconds from the first of a row of failures to the next success, the longest such row. */
  readonly longestGap: number;
  /** The first few reasons. */
  readonly reasons: readonly string[];
}

/** Asks again and again, however long an answer takes, and keeps count. */
export class Poller {
  private requests = 0;
  private failures = 0;
  private failingSince: number | undefined;
  private longestGap = 0;
  private readonly reasons = new Map<string, number>();
  private readonly under = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  constructor(ask: (count: number) => Promise<void>, everyMilliseconds: number) {
    this.timer = setInterval(() => {
      const began = Date.now();
      const one = ask(this.requests++).then(
        () => this.succeeded(began),
        (error: Error) => this.failed(began, error),
      );
      this.under.add(one);
      void one.finally(() => this.under.delete(one));
    }, everyMilliseconds);
  }

  private succeeded(began: number): void {
    if (this.failingSince === undefined || began < this.failingSince) return;
    this.longestGap = Math.max(this.longestGap, (began - this.failingSince) / 1000);
    this.failingSince = undefined;
  }

  private failed(began: number, error: Error): void {
    this.failures++;
    this.failingSince ??= began;
    this.reasons.set(error.message, (this.reasons.get(error.message) ?? 0) + 1);
  }

  /** Ends it, waiting for the questions under way. */
  async stop(): Promise<Seen> {
    clearInterval(this.timer);
    await Promise.all(this.under);
    if (this.failingSince !== undefined) this.succeeded(Date.now());
    const { requests, failures, longestGap } = this;
    const reasons = [...this.reasons].slice(0, 5).map(([reason, count]) => `${count} × ${reason}`);
    return { requests, failures, longestGap, reasons };
  }
}

/** Milliseconds that a question to an API server has: whether there is a gap shall be seen while it lasts. */
const apiTimeout = 2000;
/** Those of one to an application. Longer than a busy computer holds it up: who is late has not failed. */
const webTimeout = 15_000;

/** One request on a connection of its own; anything but a 2xx is a failure. */
function send(
  timeout: number,
  options: RequestOptions & { readonly body?: string },
  transport: typeof https | typeof http = https,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { body, ...rest } = options;
    const sent = transport({ ...rest, agent: false, signal: AbortSignal.timeout(timeout) }, (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () =>
        Math.floor((response.statusCode ?? 0) / 100) === 2
          ? resolve()
          : reject(new Error(`HTTP ${response.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** Asks web servers in turn. */
export const web =
  (urls: readonly string[]) =>
  (count: number): Promise<void> => {
    const url = new URL(urls[count % urls.length] ?? "");
    return send(webTimeout, { host: url.hostname, port: url.port, path: url.pathname, method: "GET" }, http);
  };

interface Kubeconfig {
  clusters: { cluster: { server: string; "certificate-authority-data": string } }[];
  users: { user: { "client-certificate-data": string; "client-key-data": string } }[];
}

/** Talks to an API server as the operator does, from this computer, by what the stack's kubeconfig says. */
export function api(kubeconfig: string) {
  const { clusters, users } = parse(kubeconfig) as Kubeconfig;
  const [cluster, user] = [clusters[0]?.cluster, users[0]?.user];
  if (cluster === undefined || user === undefined)
    throw new Error("the kubeconfig has no cluster or no user");
  const { hostname, port } = new URL(cluster.server);
  const text = (data: string) => Buffer.from(data, "base64").toString();
  const base = {
    host: hostname,
    port,
    ca: text(cluster["certificate-authority-data"]),
    cert: text(user["client-certificate-data"]),
    key: text(user["client-key-data"]),
  };
  const map = "/api/v1/namespaces/default/configmaps/poller";
  return {
    read: () => send(apiTimeout, { ...base, path: "/api/v1/namespaces/default", method: "GET" }),
    /** Applies an object whose content changes each time. */
    write: (count: number) =>
      send(apiTimeout, {
        ...base,
        path: `${map}?fieldManager=poller&force=true`,
        method: "PATCH",
        headers: { "Content-Type": "application/apply-patch+yaml" },
        body: JSON.stringify({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "poller" },
          data: { count: String(count) },
        }),
      }),
  };
}

export const tell = (what: string, { requests, failures, longestGap, reasons }: Seen): string =>
  `${what}: ${requests} requests, ${failures} failures, longest gap ${longestGap.toFixed(1)} s ${reasons.join("; ")}`;
