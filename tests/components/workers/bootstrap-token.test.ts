import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { bootstrapToken, renderTokenSecret } from "../../../components/workers/bootstrap-token";
import { testCertificate, testKey } from "../../support/pems";
import { testPassword } from "../../support/provider-mocks";
import { record, settled } from "../../support/recorder";
import { input, type Recording } from "../../support/recording";

describe("renderTokenSecret", () => {
  it("is a token that lets a node in, and is valid to the second", () => {
    expect(renderTokenSecret("abcdef", "0123456789abcdef", new Date("2026-11-21T08:00:00.123Z"))).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "bootstrap-token-abcdef", namespace: "kube-system" },
      type: "bootstrap.kubernetes.io/token",
      stringData: {
        "token-id": "abcdef",
        "token-secret": "0123456789abcdef",
        expiration: "2026-11-21T08:00:00Z",
        "usage-bootstrap-authentication": "true",
        "usage-bootstrap-signing": "true",
        "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
      },
    });
  });
});

interface Call {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly type: string | undefined;
  readonly client: string | undefined;
  readonly body: ReturnType<typeof renderTokenSecret>;
}

const calls: Call[] = [];
let status = 200;
/** Answers that come before it, one each. */
let first: number[] = [];
let server: Server;
let address: string;

async function answer(request: IncomingMessage): Promise<number> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const { subject } = (request.socket as TLSSocket).getPeerCertificate();
  calls.push({
    method: request.method,
    url: request.url,
    type: request.headers["content-type"],
    client: subject.CN?.toString(),
    body: JSON.parse(body),
  });
  return first.shift() ?? status;
}

beforeAll(async () => {
  // An API server's manners: a certificate of its own authority, and nobody let in without one of the operator's.
  const options = {
    key: testKey("api").privateKeyPem,
    cert: testCertificate("api"),
    ca: testCertificate("admin"),
  };
  server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    void answer(request).then((code) => response.writeHead(code).end('{"token-secret":"canary"}'));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  calls.length = 0;
  status = 200;
  first = [];
});

class Parent extends pulumi.ComponentResource {
  constructor() {
    super("test:index:Parent", "parent");
    this.registerOutputs();
  }
}

const ask = (authority = testCertificate("api"), user = "admin", where = address) =>
  record(async () => {
    const access = {
      server: where,
      authority: pulumi.output(authority),
      certificate: pulumi.output(testCertificate(user)),
      privateKey: pulumi.secret(testKey(user).privateKeyPem),
    };
    const { token, hooks } = bootstrapToken("node1", access, new Parent());
    const [mint] = hooks.beforeCreate ?? [];
    return { secret: await pulumi.isSecret(token), token: await settled(token), mint, hooks };
  });

/** Runs the hook as the engine does before it creates the step. */
async function run({
  result: { mint },
}: Recording<{ mint: pulumi.ResourceHook | pulumi.ResourceHookFunction | undefined }>) {
  const call = mint instanceof pulumi.ResourceHook ? mint.callback : mint;
  await call?.({ urn: "urn:pulumi:a::b::c::d", id: "", name: "node1-join", type: "command:remote:Command" });
}

describe("bootstrapToken", () => {
  const id = testPassword("node1-token-id", 6);
  const secret = testPassword("node1-token-secret", 16);

  it("has kubeadm's form and is secret", async () => {
    const recording = await ask();
    expect(recording.result).toMatchObject({ secret: true, token: `${id}.${secret}` });
    for (const [name, length] of [
      ["node1-token-id", 6],
      ["node1-token-secret", 16],
    ] as const) {
      expect(input(recording.find(name))).toEqual({ length, special: false, upper: false });
    }
  });

  it("is minted before every attempt, by one and the same hook", async () => {
    const { hooks } = (await ask()).result;
    expect(Object.keys(hooks).sort()).toEqual(["beforeCreate", "beforeUpdate"]);
    expect(hooks.beforeUpdate).toEqual(hooks.beforeCreate);
  });

  it("is unknown to the cluster until then, and known for a quarter of an hour from then on", async () => {
    const recording = await ask();
    expect(calls).toEqual([]);
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-11-21T08:00:00Z") });
    await run(recording).finally(() => vi.useRealTimers());
    expect(calls).toEqual([
      {
        method: "PATCH",
        url: `/api/v1/namespaces/kube-system/secrets/bootstrap-token-${id}?fieldManager=mesh-platform&force=true`,
        type: "application/apply-patch+yaml",
        client: "admin",
        body: renderTokenSecret(id, secret, new Date("2026-11-21T08:15:00Z")),
      },
    ]);
  });

  it("is refreshed by a second attempt", async () => {
    const recording = await ask();
    await run(recording);
    await run(recording);
    expect(calls.map(({ body }) => body.stringData["token-secret"])).toEqual([secret, secret]);
  });

  it("is sent again while nobody can serve, as behind an endpoint that has just changed", async () => {
    first = [503, 429];
    await run(await ask());
    expect(calls).toHaveLength(3);
  });

  it("fails with the server's answer, and with nothing of what was sent", async () => {
    status = 403;
    const failure = await run(await ask()).catch((error: Error) => error.message);
    expect(failure).toBe(`the API server at ${address} answered 403 to a new bootstrap token`);
  });

  it("is not handed to a server that another authority vouches for", async () => {
    const failure = await run(await ask(testCertificate("stranger"))).catch((error: Error) => error.message);
    expect(failure).toContain(`cannot mint a bootstrap token at ${address}: `);
    expect(calls).toEqual([]);
  });

  it("says where it tried when nobody answers", async () => {
    const failure = await run(await ask(undefined, undefined, "https://127.0.0.1:1")).catch(
      (error: Error) => error.message,
    );
    expect(failure).toMatch(/^cannot mint a bootstrap token at https:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/);
  });
});
