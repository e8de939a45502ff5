/** A server that plays the recorded internet: every name of it on one address, by TLS, and a name server beside it. */
import { createHash } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode, encode } from "dns-packet";
import type { Answer } from "../../components/sandbox/mirror/registry";
import { sendAnswer } from "../../components/sandbox/mirror/server";
import { makeAuthority } from "./authority";
import { type ReleasedCharts, releaseCharts } from "./charts";
import { fileAnswer, text } from "./files";
import { type ImageRequest, imageAnswers, readImageRequest } from "./images";
import { internet, type Manner, type SentOn } from "./record";

type Of<Kind extends Manner["kind"]> = Extract<Manner, { kind: Kind }>;

/** One request, as the log has it. */
export interface Asked {
  readonly name: string;
  /** Without a query; digests of blobs and what a storage's address says are left out. */
  readonly path: string;
  readonly status: number;
  /** Address of the one who asked. */
  readonly from: string;
}

export interface Listening {
  readonly address: string;
  /** Ports of TLS and of the name server. Default: 443 and 53, where the world looks for them. */
  readonly ports?: { readonly https: number; readonly dns: number };
}

const TOKEN = "anonymous-pull";

export class RecordedInternet {
  /** PEM of the authority that signed the names' certificate. */
  readonly ca: string;
  readonly asked: Asked[] = [];
  /** Names that were looked up and are not in the record. */
  readonly unknownNames = new Set<string>();

  private readonly folder = mkdtempSync(join(tmpdir(), "mesh-platform-internet-"));
  private readonly server: Server;
  private readonly names: Socket = createSocket("udp4");
  private readonly images: (request: ImageRequest) => Answer | undefined;
  /** What storages hold: an address for everything that somebody was sent to. */
  private readonly stored = new Map<string, Answer>();
  private charts: ReleasedCharts | undefined;

  private readonly mirror: string;
  private readonly address: string;

  private constructor(mirror: string, address: string) {
    this.mirror = mirror;
    this.address = address;
    const authority = makeAuthority(this.folder);
    this.ca = authority.ca;
    this.images = imageAnswers(mirror);
    this.server = createServer(authority.issue(Object.keys(internet)), (request, response) =>
      this.serve(request, response),
    );
    this.names.on("message", (message, { address: to, port }) =>
      this.names.send(this.resolve(message), port, to),
    );
  }

  /** Starts it on a filled mirror. */
  static async start(mirror: string, { address, ports }: Listening): Promise<RecordedInternet> {
    const self = new RecordedInternet(mirror, address);
    await Promise.all([
      new Promise<void>((done, failed) =>
        self.server.once("error", failed).listen(ports?.https ?? 443, address, done),
      ),
      new Promise<void>((done, failed) =>
        self.names.once("error", failed).bind(ports?.dns ?? 53, address, done),
      ),
    ]);
    return self;
  }

  get ports(): { readonly https: number; readonly dns: number } {
    const at = this.server.address();
    return { https: typeof at === "object" ? (at?.port ?? 0) : 0, dns: this.names.address().port };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await Promise.all([
      new Promise((done) => this.server.close(done)),
      new Promise<void>((done) => this.names.close(done)),
    ]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Each name with each path that was asked of it, once, sorted. */
  summary(): string[] {
    return [...new Set(this.asked.map(({ name, path, status }) => `${name} ${path} ${status}`))].sort();
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const name = (request.headers.host ?? "").replace(/:\d+$/, "");
    const url = new URL(request.url ?? "/", `https://${name}`);
    const answer = this.answer(name, url, request.headers.authorization);
    const path = internet[name]?.manner.kind === "storage" ? "/…" : url.pathname;
    this.asked.push({
      name,
      path: path.replace(/sha256:[0-9a-f]{64}/, "sha256:…"),
      status: answer.status,
      from: request.socket.remoteAddress ?? "",
    });
    sendAnswer(request, response, answer);
  }

  private answer(name: string, { pathname: path, search }: URL, authorization?: string): Answer {
    const manner = internet[name]?.manner;
    if (manner === undefined) return text(`${name} is not recorded\n`, 421);
    switch (manner.kind) {
      case "files": {
        const file = fileAnswer(this.mirror, manner.files, path);
        return file === undefined ? text("Not Found\n", 404) : this.send(manner.sentOn, file, path);
      }
      case "registry":
        return this.registry(name, manner, path, authorization);
      case "tokens":
        return path === manner.path ? token() : text("Not Found\n", 404);
      case "charts":
        return this.chart(manner, path);
      case "storage":
        // As S3 does: the address is signed, and two kinds of proof are one too many.
        if (authorization !== undefined) return text("only one authentication mechanism is allowed\n", 400);
        return this.stored.get(`${name}${path}${search}`) ?? text("AccessDenied\n", 403);
      case "unrecorded":
        return text("Not Found\n", 404);
    }
  }

  private registry(name: string, manner: Of<"registry">, path: string, authorization?: string): Answer {
    if (manner.token?.realm === `https://${name}${path}`) return token();
    if (manner.token !== undefined && authorization !== `Bearer ${TOKEN}`)
      return unauthorized(manner.token, path);
    if (path === "/v2/" || path === "/v2") return json(200, {});
    const request = readImageRequest(path);
    const has = request !== undefined && manner.images.some((pattern) => fits(pattern, request.name));
    const answer = has ? this.images(request) : undefined;
    if (answer === undefined)
      return json(404, { errors: [{ code: "MANIFEST_UNKNOWN", message: `${name}${path}` }] });
    const sentOn = request?.kind === "blobs" ? manner.blobs : manner.manifests;
    return sentOn === undefined ? answer : this.send(sentOn, answer, path);
  }

  private chart({ path: folder, version, charts }: Of<"charts">, path: string): Answer {
    this.charts ??= releaseCharts(this.mirror, this.folder, version, charts);
    if (path === `${folder}/index.yaml`) return text(this.charts.index);
    const file = this.charts.files[path.slice(folder.length + 1)];
    if (file === undefined || !path.startsWith(`${folder}/`)) return text("Not Found\n", 404);
    return {
      status: 200,
      headers: { "Content-Type": "application/x-tar" },
      body: { file, size: statSync(file).size },
    };
  }

  /** Puts the answer where the site keeps such things, and sends there. */
  private send({ status, to }: SentOn, answer: Answer, path: string): Answer {
    const signed = createHash("sha256").update(`${to}${path}`).digest("hex").slice(0, 32);
    const address = `${to}/${signed}?signature=${signed}`;
    this.stored.set(address, answer);
    return text("", status, { Location: `https://${address}` });
  }

  /** Every name of the record is at this address; all others do not exist. */
  private resolve(message: Buffer): Buffer {
    const { id = 0, flags = 0, questions = [] } = decode(message);
    const known = questions.filter(({ name }) => internet[name.toLowerCase()] !== undefined);
    for (const { name } of questions)
      if (internet[name.toLowerCase()] === undefined) this.unknownNames.add(name);
    const NXDOMAIN = 3;
    const recursionDesired = flags & 0x100;
    return encode({
      type: "response",
      id,
      flags: recursionDesired | 0x80 | (known.length > 0 ? 0 : NXDOMAIN),
      questions,
      answers: known
        .filter(({ type }) => type === "A")
        .map(({ name }) => ({ type: "A", name, ttl: 60, data: this.address })),
    });
  }
}

const json = (status: number, body: object, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: {
    "Content-Type": "application/json",
    "Docker-Distribution-Api-Version": "registry/2.0",
    ...headers,
  },
  body: JSON.stringify(body),
});

const token = (): Answer => json(200, { token: TOKEN, expires_in: 300 });

/** The challenge by which a client learns where to get a token, and for what. */
function unauthorized({ realm, service }: { realm: string; service: string }, path: string): Answer {
  const name = readImageRequest(path)?.name;
  const scope = name === undefined ? "" : `,scope="repository:${name}:pull"`;
  return json(
    401,
    { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] },
    { "WWW-Authenticate": `Bearer realm="${realm}",service="${service}"${scope}` },
  );
}

const fits = (pattern: string, name: string) =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
