/** A server that plays the recorded internet: every name of it on one address, by TLS, and a name server beside it. */
import { createSocket, type Socket } from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import {
  createServer as createPlainServer,
  type IncomingMessage,
  type Server as PlainServer,
  type ServerResponse,
} from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode, encode } from "dns-packet";
import { type Answer, fromFile } from "../../components/sandbox/mirror/registry";
import { sendAnswer } from "../../components/sandbox/mirror/server";
import { sha256 } from "../support/file-server";
import { makeAuthority } from "./authority";
import { type ReleasedCharts, releaseCharts } from "./charts";
import { fileAnswer, text } from "./files";
import { type ImageRequest, imageAnswers, readImageRequest } from "./images";
import { internet, type Manner, type SentOn, type TreeName } from "./record";
import { buildTree, type LaidTree } from "./trees";

type Of<Kind extends Manner["kind"]> = Extract<Manner, { kind: Kind }>;

/** One request, as the log has it. */
export interface Asked {
  readonly name: string;
  /** Without a query; digests of blobs and what a storage's address says are left out. */
  readonly path: string;
  readonly status: number;
}

export interface Listening {
  readonly address: string;
  /** Default: 443, 80 and 53, where the world looks for them. */
  readonly ports?: Ports;
}

/** Ports of TLS, of plain HTTP and of the name server. */
export interface Ports {
  readonly https: number;
  readonly http: number;
  readonly dns: number;
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
  /** For what is signed in itself, and is asked for without TLS. */
  private readonly plain: PlainServer;
  private readonly names: Socket = createSocket("udp4");
  private readonly images: (request: ImageRequest) => Answer | undefined;
  /** What storages hold: an address for everything that somebody was sent to. */
  private readonly stored = new Map<string, Answer>();
  private charts: ReleasedCharts | undefined;
  private readonly trees = new Map<TreeName, LaidTree>();

  private readonly mirror: string;
  private readonly address: string;

  private constructor(mirror: string, address: string) {
    this.mirror = mirror;
    this.address = address;
    const authority = makeAuthority(this.folder);
    this.ca = authority.ca;
    this.images = imageAnswers(mirror);
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.serve(request, response);
    this.server = createServer(authority.issue(Object.keys(internet)), serve);
    this.plain = createPlainServer(serve);
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
        self.plain.once("error", failed).listen(ports?.http ?? 80, address, done),
      ),
      new Promise<void>((done, failed) =>
        self.names.once("error", failed).bind(ports?.dns ?? 53, address, done),
      ),
    ]);
    return self;
  }

  get ports(): Ports {
    const portOf = (server: PlainServer) => (server.address() as AddressInfo).port;
    return { https: portOf(this.server), http: portOf(this.plain), dns: this.names.address().port };
  }

  async stop(): Promise<void> {
    const servers = [this.server, this.plain];
    for (const server of servers) server.closeAllConnections();
    await Promise.all([
      ...servers.map((server) => new Promise((done) => server.close(done))),
      new Promise<void>((done) => this.names.close(done)),
    ]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Files and charts that were given out, as addresses without the scheme, sorted. */
  get files(): string[] {
    const kinds: readonly (string | undefined)[] = ["files", "charts"];
    const given = this.asked.filter(
      ({ name, status }) => kinds.includes(internet[name]?.manner.kind) && status < 400,
    );
    return distinct(given.map(({ name, path }) => name + path));
  }

  /** Images that were given out, by registry, name and tag, sorted. */
  get imagesByTag(): string[] {
    return distinct(
      this.asked.flatMap(({ name, path, status }) => {
        const { kind, name: image, reference = "" } = readImageRequest(path) ?? {};
        const byTag = kind === "manifests" && !reference.startsWith("sha256:") && status < 400;
        return byTag ? [`${name}/${image}:${reference}`] : [];
      }),
    );
  }

  /** Every name that was asked anything, sorted. */
  get askedNames(): string[] {
    return distinct(this.asked.map(({ name }) => name));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = (request.headers.host ?? "").replace(/:\d+$/, "");
    const url = new URL(request.url ?? "/", `https://${name}`);
    const { kind } = internet[name]?.manner ?? {};
    const answer =
      kind === "forwarded"
        ? await forwarded(url, mkdtempSync(join(this.folder, "forwarded-")))
        : this.answer(name, url, request.headers.authorization);
    const path = kind === "storage" ? "/…" : url.pathname;
    this.asked.push({
      name,
      path: path.replace(/sha256:[0-9a-f]{64}/, "sha256:…"),
      status: answer.status,
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
      case "trees":
        // apt spells `~` in its own way.
        return this.tree(manner, decodeURIComponent(path));
      case "charts":
        return this.chart(manner, path);
      case "storage":
        // As S3 does: the address is signed, and two kinds of proof are one too many.
        if (authorization !== undefined) return text("only one authentication mechanism is allowed\n", 400);
        return this.stored.get(`${name}${path}${search}`) ?? text("AccessDenied\n", 403);
      case "forwarded":
        return text("Not Found\n", 404);
    }
  }

  private registry(name: string, manner: Of<"registry">, path: string, authorization?: string): Answer {
    if (manner.token?.realm === `https://${name}${path}`) return token();
    if (manner.token !== undefined && authorization !== `Bearer ${TOKEN}`)
      return unauthorized(manner.token, path);
    if (path === "/v2/" || path === "/v2") return json(200, {});
    const request = readImageRequest(path);
    const { folder = "", images } = manner;
    const image = request?.name.startsWith(folder) ? request.name.slice(folder.length) : undefined;
    const has = request && image !== undefined && images.some((pattern) => fits(pattern, image));
    const answer = has ? this.images({ ...request, name: image }) : undefined;
    if (answer === undefined)
      return json(404, { errors: [{ code: "MANIFEST_UNKNOWN", message: `${name}${path}` }] });
    const sentOn = request?.kind === "blobs" ? manner.blobs : manner.manifests;
    return sentOn === undefined ? answer : this.send(sentOn, answer, path);
  }

  private tree({ trees }: Of<"trees">, path: string): Answer {
    // Of a flat tree apt asks for `//InRelease` or `/./InRelease`.
    const plain = path.replaceAll(/\/(\.?\/)+/g, "/");
    const folder = Object.keys(trees).find((each) => plain.startsWith(`${each}/`));
    const name = folder && trees[folder];
    if (!folder || !name) return text("Not Found\n", 404);
    const laid = this.trees.get(name) ?? buildTree(name, this.mirror, this.folder);
    this.trees.set(name, laid);
    const below = plain.slice(folder.length + 1);
    if (below === laid.key.path) return text(laid.key.text);
    return fromFile(join(laid.folder, below)) ?? text("Not Found\n", 404);
  }

  private chart({ path: folder, version, charts }: Of<"charts">, path: string): Answer {
    this.charts ??= releaseCharts(this.mirror, this.folder, version, charts);
    if (path === `${folder}/index.yaml`) return text(this.charts.index);
    const file = this.charts.files[path.slice(folder.length + 1)];
    return (file && path.startsWith(`${folder}/`) && fromFile(file)) || text("Not Found\n", 404);
  }

  /** Puts the answer where the site keeps such things, and sends there. */
  private send({ status, to }: SentOn, answer: Answer, path: string): Answer {
    const signed = sha256(`${to}${path}`).slice(0, 32);
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

/** What the real site says; its files are public and signed. */
async function forwarded({ host, pathname }: URL, folder: string): Promise<Answer> {
  const response = await fetch(`http://${host}${pathname}`);
  const file = join(folder, "content");
  writeFileSync(file, Buffer.from(await response.arrayBuffer()));
  return { ...(fromFile(file) ?? text("")), status: response.status };
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

const distinct = (texts: readonly string[]) => [...new Set(texts)].sort();

const fits = (pattern: string, name: string) =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
