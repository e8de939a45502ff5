/**
 * As much of a Kubernetes API server as the engine tests need: it stores objects, knows a few kinds, tells
 * creates from applies, and reports the conflicts that a test asks for. Real ones are used by the sandbox tests.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import * as x509 from "@peculiar/asn1-x509";
import { applyFields, fieldsOf } from "./applied-fields";
import * as certs from "./providers/tls/x509";
import type { Plain, PlainMap } from "./providers/values";

/** Kinds by group version: plural and kind, namespaced or not. */
const KINDS: Record<string, [plural: string, kind: string, namespaced: boolean][]> = {
  "/api/v1": [
    ["namespaces", "Namespace", false],
    ["configmaps", "ConfigMap", true],
    ["secrets", "Secret", true],
  ],
  "/apis/apps/v1": [["deployments", "Deployment", true]],
  "/apis/apiextensions.k8s.io/v1": [["customresourcedefinitions", "CustomResourceDefinition", false]],
  "/apis/example.com/v1": [["widgets", "Widget", true]],
};

class Refusal extends Error {
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export class ApiServer {
  /** Stored objects by path. */
  readonly objects = new Map<string, PlainMap>();
  /** `METHOD path` of every request that changes something. */
  readonly writes: string[] = [];
  /** Whether Deployments become available. */
  rolloutsSucceed = true;
  readonly #authority = new Authority();
  readonly #server: https.Server;

  constructor() {
    this.#server = https.createServer(
      { ...this.#authority.issue("api", ["127.0.0.1"]), ca: this.#authority.certificate, requestCert: true },
      async (request, response) => {
        const answer = await this.#answer(request);
        response.writeHead(answer.status, { "content-type": "application/json" });
        response.end(JSON.stringify(answer.body));
      },
    );
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** A kubeconfig whose user is let in by its client certificate. */
  kubeconfig(): string {
    const { cert, key } = this.#authority.issue("admin", []);
    const { port } = this.#server.address() as AddressInfo;
    const base64 = (text: string) => Buffer.from(text).toString("base64");
    return JSON.stringify({
      "current-context": "test",
      clusters: [
        {
          name: "test",
          cluster: {
            server: `https://127.0.0.1:${port}`,
            "certificate-authority-data": base64(this.#authority.certificate),
          },
        },
      ],
      users: [
        { name: "test", user: { "client-certificate-data": base64(cert), "client-key-data": base64(key) } },
      ],
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    });
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: Plain }> {
    try {
      const url = new URL(request.url ?? "/", "https://server");
      const text = await readBody(request);
      const body = (text === "" ? {} : JSON.parse(text)) as PlainMap;
      const method = request.method ?? "GET";
      const dryRun = url.searchParams.get("dryRun") === "All";
      if (method !== "GET" && !dryRun) {
        this.writes.push(`${method} ${url.pathname}`);
      }
      return { status: 200, body: this.#handle(method, url, body, dryRun) };
    } catch (error) {
      const { status, reason, message } =
        error instanceof Refusal ? error : new Refusal(500, "", String(error));
      return { status, body: { kind: "Status", status: "Failure", reason, message } };
    }
  }

  #handle(method: string, url: URL, body: PlainMap, dryRun: boolean): Plain {
    const path = url.pathname;
    if (path === "/version") {
      return { gitVersion: "v1.36.3" };
    }
    if (KINDS[path]) {
      return { resources: this.#kinds(path) };
    }
    switch (method) {
      case "POST":
        return this.#create(path, body, url.searchParams.get("fieldManager") ?? "", dryRun);
      case "PATCH":
        return this.#patch(path, body, url.searchParams, dryRun);
      case "DELETE":
        this.objects.delete(path);
        return {};
      default:
        return this.#withStatus(this.#get(path));
    }
  }

  #kinds(path: string): Plain[] {
    const isCustom = path === "/apis/example.com/v1";
    const defined = [...this.objects.keys()].some((key) => key.includes("/customresourcedefinitions/"));
    return isCustom && !defined
      ? []
      : (KINDS[path] ?? []).map(([name, kind, namespaced]) => ({ name, kind, namespaced }));
  }

  #create(path: string, body: PlainMap, manager: string, dryRun: boolean): PlainMap {
    const metadata = body.metadata as PlainMap;
    const target = `${path}/${metadata.name}`;
    const namespace = /\/namespaces\/([^/]+)\//.exec(target)?.[1];
    if (namespace && !this.objects.has(`/api/v1/namespaces/${namespace}`)) {
      throw new Refusal(404, "NotFound", `namespaces "${namespace}" not found`);
    }
    if (this.objects.has(target)) {
      throw new Refusal(409, "AlreadyExists", `${path.split("/").at(-1)} "${metadata.name}" already exists`);
    }
    return this.#store(
      target,
      this.#stamp(body, [{ manager, operation: "Update", fieldsV1: fieldsOf(body) }]),
      dryRun,
    );
  }

  #patch(path: string, body: PlainMap | PlainMap[], query: URLSearchParams, dryRun: boolean): PlainMap {
    // An apply makes what is missing, as a create does.
    const live = this.objects.get(path) ?? { metadata: {} };
    if (Array.isArray(body)) {
      const managedFields = body.find(({ path: at }) => at === "/metadata/managedFields")?.value ?? [];
      return this.#store(
        path,
        { ...live, metadata: { ...(live.metadata as PlainMap), managedFields } },
        dryRun,
      );
    }
    const { object, managers, conflicts } = applyFields(live, body, query.get("fieldManager") ?? "");
    if (conflicts.length > 0 && query.get("force") !== "true") {
      const names = conflicts.map((name) => `"${name}"`).join(", ");
      throw new Refusal(409, "Conflict", `Apply failed with 1 conflict: conflict with ${names}`);
    }
    return this.#store(path, this.#stamp(object, managers as unknown as PlainMap[]), dryRun);
  }

  #get(path: string): PlainMap {
    const found = this.objects.get(path);
    if (!found) {
      throw new Refusal(404, "NotFound", `${path} not found`);
    }
    return found;
  }

  #store(path: string, object: PlainMap, dryRun: boolean): PlainMap {
    if (object.kind === "Deployment" && (object.spec as PlainMap | undefined)?.selector === undefined) {
      const { name } = object.metadata as PlainMap;
      throw new Refusal(
        422,
        "Invalid",
        `Deployment.apps "${name}" is invalid: spec.selector: Required value`,
      );
    }
    if (!dryRun) {
      this.objects.set(path, object);
    }
    return object;
  }

  #stamp(object: PlainMap, managedFields: PlainMap[]): PlainMap {
    const { stringData, ...rest } = object;
    const metadata = object.metadata as PlainMap;
    const encoded = Object.entries((stringData ?? {}) as PlainMap).map(([key, value]) => [
      key,
      Buffer.from(String(value)).toString("base64"),
    ]);
    return {
      ...rest,
      ...(encoded.length > 0 ? { data: Object.fromEntries(encoded) } : {}),
      metadata: {
        ...metadata,
        uid: metadata.uid ?? randomUUID(),
        generation: Number(metadata.generation ?? 0) + 1,
        managedFields,
      },
    };
  }

  #withStatus(object: PlainMap): PlainMap {
    if (object.kind === "Namespace") {
      return { ...object, status: { phase: "Active" } };
    }
    if (object.kind !== "Deployment") {
      return object;
    }
    const { replicas = 1 } = object.spec as PlainMap;
    const { generation } = object.metadata as PlainMap;
    const ready = this.rolloutsSucceed ? replicas : 0;
    return {
      ...object,
      status: {
        observedGeneration: generation ?? 0,
        replicas,
        updatedReplicas: replicas,
        availableReplicas: ready,
      },
    };
  }
}

/** A certificate authority of the test's own. */
class Authority {
  readonly certificate: string;
  readonly #key: KeyObject;
  readonly #name = certs.subjectName({ commonName: "test-ca" });

  constructor() {
    this.#key = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
    const constraints = certs.extension(
      x509.id_ce_basicConstraints,
      new x509.BasicConstraints({ cA: true }),
      true,
    );
    this.certificate = this.#sign(this.#name, this.#key, [constraints]);
  }

  issue(commonName: string, ipAddresses: string[]): { cert: string; key: string } {
    const key = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
    const names = certs.subjectAltNames({ ipAddresses }, false);
    const cert = this.#sign(certs.subjectName({ commonName }), key, names ? [names] : []);
    return { cert, key: String(key.export({ type: "pkcs8", format: "pem" })) };
  }

  #sign(subject: x509.Name, key: KeyObject, extensions: x509.Extension[]): string {
    const now = Date.now();
    const validity = new x509.Validity({
      notBefore: new Date(now - 60_000),
      notAfter: new Date(now + 3_600_000),
    });
    const subjectPublicKeyInfo = certs.publicKeyInfo(createPublicKey(key));
    const serial = certs.randomSerial();
    return certs.signCertificate(
      { issuer: this.#name, subject, subjectPublicKeyInfo, validity, extensions, serial },
      this.#key,
    );
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
