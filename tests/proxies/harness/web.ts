import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { applicationCertificate } from "./certificate";

/** What an application got, as it tells it. */
export interface Seen {
  /** `Deployment shop/cart-v1`. */
  readonly workload: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Undefined where a proxy answered. */
  readonly seen: Seen | undefined;
}

export interface WebRequest {
  readonly path?: string;
  readonly method?: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Lets go of all connections. Those that are open keep to the listener of the time when they were made. */
export const reconnect = (): void => agent.destroy();

/** Sends a request as it is given, without a header of its own. A connection that is cut is an error. */
export const send = (
  address: string,
  port: number,
  { path = "/", method = "GET", headers, body }: WebRequest,
) =>
  new Promise<Answer>((resolve, reject) => {
    const options = { host: address, port, path, method, agent, setHost: false };
    const sent = request({ ...options, headers: headers as Record<string, string> }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        const own = response.headers["x-application"] !== undefined && text.startsWith("{");
        const seen = own ? (JSON.parse(text) as Seen) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, seen });
      });
    });
    sent.on("error", reject).end(body);
  });

const secured = (listener: RequestListener): Server =>
  createTlsServer({ ...applicationCertificate() }, listener);

/** An application: tells what it got, and behaves as the request asks by `x-answer` and `x-wait`, or as it is told. */
export class Application {
  /** All requests since the last `forget`. */
  readonly log: Seen[] = [];
  readonly workload: string;
  /** Status of all answers, whatever the request asks. */
  status: number | undefined;
  private readonly servers: Server[] = [];

  constructor(workload: string) {
    this.workload = workload;
  }

  async listen(address: string, ports: readonly number[], tls = false): Promise<void> {
    for (const port of ports) {
      const server = tls ? secured(this.answerer(port)) : createServer(this.answerer(port));
      server.keepAliveTimeout = 600_000;
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject).listen(port, address, resolve);
      });
      this.servers.push(server);
    }
  }

  private answerer(port: number): RequestListener {
    return (incoming, response) => {
      const { method = "", url: path = "", headers } = incoming;
      const seen = { workload: this.workload, port, method, path, headers };
      this.log.push(seen);
      incoming.resume();
      const answer = () => {
        response.writeHead(this.status ?? Number(headers["x-answer"] ?? 200), {
          "content-type": "application/json",
          "x-application": this.workload,
        });
        response.end(method === "HEAD" ? undefined : JSON.stringify(seen));
      };
      if (headers["x-wait"] === undefined) answer();
      else setTimeout(answer, Number(headers["x-wait"]));
    };
  }

  /** As new. */
  forget(): void {
    this.log.length = 0;
    this.status = undefined;
  }

  close(): void {
    for (const server of this.servers) {
      server.closeAllConnections();
      server.close();
    }
  }
}
