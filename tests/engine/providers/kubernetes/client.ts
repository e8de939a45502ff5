/** Talks to the API server over HTTPS; knows which kinds it has. */
import https from "node:https";
import type { Plain, PlainMap } from "../values";
import type { ClusterAccess } from "./kubeconfig";

const REQUEST_TIMEOUT_MS = 30_000;

/** A refusal by the API server, in its own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** The API server does not have such a kind; a CustomResourceDefinition may be missing, or not ready yet. */
export class NoMatchError extends Error {}

export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

interface RequestOptions {
  readonly query?: Record<string, string | undefined>;
  readonly body?: PlainMap | Plain[];
  readonly contentType?: string;
}

interface KindInfo {
  readonly plural: string;
  readonly namespaced: boolean;
}

export class KubeClient {
  readonly #access: ClusterAccess;
  readonly #agent: https.Agent;
  readonly #kinds = new Map<string, Promise<Map<string, KindInfo>>>();

  constructor(access: ClusterAccess) {
    this.#access = access;
    this.#agent = new https.Agent({
      keepAlive: true,
      ca: access.ca,
      cert: access.certificate,
      key: access.key,
      rejectUnauthorized: !access.insecure,
      ...(access.serverName ? { servername: access.serverName } : {}),
    });
  }

  /** The namespace of objects that name none. */
  get namespace(): string {
    return this.#access.namespace;
  }

  /** Whether the API server has the kind. */
  async hasKind(ref: ObjectRef): Promise<boolean> {
    return (await this.#find(ref)) !== undefined;
  }

  /** Whether objects of the kind live in a namespace; undefined when the API server does not have the kind. */
  async isNamespaced(ref: ObjectRef): Promise<boolean | undefined> {
    return (await this.#find(ref))?.namespaced;
  }

  /** Asks anew for the kinds, after a CustomResourceDefinition came or went. */
  forgetKinds(): void {
    this.#kinds.clear();
  }

  async get(ref: ObjectRef): Promise<PlainMap> {
    return this.request("GET", await this.path(ref));
  }

  /** The object, or nothing if it or its kind does not exist. */
  async find(ref: ObjectRef): Promise<PlainMap | undefined> {
    try {
      return await this.get(ref);
    } catch (error) {
      if (error instanceof NoMatchError || (error instanceof ApiError && error.status === 404)) {
        return undefined;
      }
      throw error;
    }
  }

  /** The path of an object, or of its collection when it has no name. */
  async path(ref: ObjectRef): Promise<string> {
    const info = await this.#find(ref);
    if (!info) {
      throw new NoMatchError(`no matches for kind ${JSON.stringify(ref.kind)} in version ${ref.apiVersion}`);
    }
    const parts = [groupPath(ref.apiVersion)];
    if (info.namespaced) {
      parts.push("namespaces", encodeURIComponent(ref.namespace ?? this.namespace));
    }
    parts.push(info.plural);
    if (ref.name !== undefined) {
      parts.push(encodeURIComponent(ref.name));
    }
    return parts.join("/");
  }

  request(method: string, path: string, options: RequestOptions = {}): Promise<PlainMap> {
    const url = new URL(this.#access.server.replace(/\/$/, "") + path);
    for (const [name, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) {
        url.searchParams.set(name, value);
      }
    }
    const body = options.body === undefined ? undefined : JSON.stringify(options.body);
    const headers = {
      accept: "application/json",
      "user-agent": "pulumi-kubernetes (stand-in)",
      ...(this.#access.token ? { authorization: `Bearer ${this.#access.token}` } : {}),
      ...(body === undefined
        ? {}
        : {
            "content-type": options.contentType ?? "application/json",
            "content-length": String(Buffer.byteLength(body)),
          }),
    };
    return this.#send(url, { method, headers, agent: this.#agent, timeout: REQUEST_TIMEOUT_MS }, body);
  }

  #send(url: URL, options: https.RequestOptions, body: string | undefined): Promise<PlainMap> {
    return new Promise((resolve, reject) => {
      const request = https.request(url, options);
      request.on("timeout", () => request.destroy(new Error(`${url.host} did not answer in time`)));
      request.on("error", (error: NodeJS.ErrnoException) => {
        if (request.reusedSocket && error.code === "ECONNRESET") {
          // The server closed a kept connection just as this request went out: it was not read.
          this.#send(url, options, body).then(resolve, reject);
        } else {
          reject(error);
        }
      });
      request.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          try {
            resolve(readAnswer(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8")));
          } catch (error) {
            reject(error);
          }
        });
      });
      request.end(body);
    });
  }

  async #find({ apiVersion, kind }: ObjectRef): Promise<KindInfo | undefined> {
    const known = await this.#discover(apiVersion);
    const found = known.get(kind);
    if (!found) {
      // Not remembered: the kind may be about to appear.
      this.#kinds.delete(apiVersion);
    }
    return found;
  }

  #discover(apiVersion: string): Promise<Map<string, KindInfo>> {
    let kinds = this.#kinds.get(apiVersion);
    if (!kinds) {
      kinds = this.#fetchKinds(apiVersion);
      this.#kinds.set(apiVersion, kinds);
      kinds.catch(() => this.#kinds.delete(apiVersion));
    }
    return kinds;
  }

  async #fetchKinds(apiVersion: string): Promise<Map<string, KindInfo>> {
    try {
      const { resources } = await this.request("GET", groupPath(apiVersion));
      const entries = (resources ?? []) as { name: string; kind: string; namespaced: boolean }[];
      return new Map(
        entries
          .filter(({ name }) => !name.includes("/"))
          .map(({ name, kind, namespaced }) => [kind, { plural: name, namespaced }]),
      );
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        return new Map();
      }
      throw error;
    }
  }
}

function groupPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

function readAnswer(status: number, text: string): PlainMap {
  let answer: PlainMap;
  try {
    answer = JSON.parse(text) as PlainMap;
  } catch {
    answer = { message: text.slice(0, 500) };
  }
  if (status >= 400) {
    throw new ApiError(
      status,
      String(answer.reason ?? ""),
      String(answer.message ?? `HTTP status ${status}`),
    );
  }
  return answer;
}
