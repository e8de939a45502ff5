import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export const sha256 = (content: string | Buffer): string =>
  createHash("sha256").update(content).digest("hex");

/** A web server on this computer that gives out what is in its record, and 404 for anything else. */
export class FileServer {
  readonly files: Record<string, string | Buffer> = {};
  /** Paths asked for, in order. */
  readonly asked: string[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const path = request.url ?? "";
      this.asked.push(path);
      const content = this.files[path];
      if (content === undefined) response.writeHead(404).end("no such file\n");
      else response.writeHead(200, { "content-length": Buffer.byteLength(content) }).end(content);
    });
  }

  static async start(): Promise<FileServer> {
    const self = new FileServer();
    self.server.listen(0, "127.0.0.1");
    await new Promise((resolve) => self.server.once("listening", resolve));
    return self;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  /** A file and, beside it, its checksum alone, as dl.k8s.io publishes it. */
  publish(path: string, content: string | Buffer, ending = ".sha256"): void {
    this.files[path] = content;
    this.files[`${path}${ending}`] = `${sha256(content)}\n`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
