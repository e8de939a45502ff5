import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab, touched, until } from "./lab";
import { Poller, tell } from "./poller";
import { curl, identity, named, Wallet } from "./tls-client";

/** Every way in, tried by curl and openssl from this computer: five modes of a gateway, and nginx at the edge. */
const stack = "gateways-test";
const lab = new Lab(stack);
const wallet = new Wallet(join(lab.folder, "wallet"));
const figures: string[] = [];

const httpbin = { service: "httpbin", port: 8000 };
const own = { service: "tls-own", port: 8443, elsewhere: true };
const route = (name: string, backend: object, mode: object, ...more: string[]) => ({
  name,
  namespace: "httpbin",
  hosts: [`${name}.example.com`, ...more],
  backend,
  mode,
});
const routes = [
  route("plain", httpbin, { kind: "http" }, "edge.example.com", "more.example.com"),
  route("pass", own, { kind: "passthrough", application: { kind: "generated" } }),
  route("term", httpbin, { kind: "terminate" }),
  route("mutual", httpbin, { kind: "mutual", clients: { kind: "generated", names: ["phone"] } }),
  route(
    "inside",
    { service: "tls-inside", port: 8443, elsewhere: true },
    { kind: "reencrypt", inside: { mutual: true } },
  ),
  // The same pod as `pass` under another Service: it shows a good certificate, of another name.
  route(
    "impostor",
    { service: "tls-impostor", port: 8443, elsewhere: true },
    { kind: "reencrypt", inside: {} },
  ),
];
const servers = [
  { name: "edge", hosts: ["edge.example.com"] },
  { name: "secure", hosts: ["more.example.com"], tls: {} },
];
const configure = (edgeServers: readonly object[]) =>
  lab.configure({
    hosts: {
      kind: "sandbox",
      members: [
        { name: "cp1", roles: ["controlPlane", "etcd"] },
        { name: "worker1", roles: ["worker"], labels: { "istio-nginx": "true" } },
      ],
    },
    mesh: {
      gateways: [
        {
          name: "istio-ingressgateway",
          expose: { kind: "nodePort", nodePorts: { http2: 30080, https: 30443 } },
        },
      ],
    },
    apps: { httpbin: {} },
    gateways: { routes, edge: { servers: edgeServers } },
  });

interface Pems {
  readonly certificate: string;
  readonly privateKey: string;
}
interface Outputs {
  readonly gateways: { readonly authority: string; readonly clients: Readonly<Record<string, Pems>> };
}

let worker = "";
/** Words by which curl trusts the platform's authority. */
let trusting: readonly string[] = [];
const secure = (name: string, words: readonly string[] = trusting, path = "/status/200") =>
  curl({ url: `https://${name}.example.com:30443${path}`, address: worker, words });
const certificateOf = (name: string, port = 30443) => {
  const seen = identity(worker, port, `${name}.example.com`);
  figures.push(`${name}:${port} shows ${seen.trim().replaceAll(/\s*\n\s*/g, "; ")}`);
  return seen;
};

/** A counter of the gateway's Envoy. */
function stat(filter: string): number {
  const ask = ["pilot-agent", "request", "GET", `stats?filter=${filter}`];
  const text = lab.kubectl("-n", "istio-system", "exec", "deploy/istio-ingressgateway", "--", ...ask);
  return Number(/: (\d+)$/m.exec(text)?.[1] ?? -1);
}

beforeAll(() => {
  configure(servers);
});

afterAll(async () => {
  console.log(figures.join("\n"));
  await lab.end();
});

describe("ways into the mesh", () => {
  it("are built from nothing", async () => {
    await lab.must("up", "--yes");
    worker = lab.address("worker1");
    const { gateways } = lab.outputs() as unknown as Outputs;
    trusting = ["--cacert", wallet.file("ca.crt", gateways.authority)];
    lab.onHost(
      "cp1",
      `kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f - <<'YAML'\n${readFileSync(join(__dirname, "tls-backends.yaml"), "utf8")}\nYAML`,
    );
    lab.kubectl(
      "-n",
      "httpbin",
      "wait",
      "--for=condition=Ready",
      "pod/tls-own",
      "pod/tls-inside",
      "--timeout=180s",
    );
    await until(() => secure("pass").status === 200, 60, "the route to the new pods");
    expect(Object.keys(gateways.clients)).toEqual(["mutual/phone"]);
  });

  it("change nothing when it runs again", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("http: answers the names of the route and no others", () => {
    const ask = (name: string) =>
      curl({ url: `http://${name}.example.com:30080/status/200`, address: worker });
    expect(ask("plain")).toMatchObject({ code: 0, status: 200 });
    expect(ask("plain").headers).toContain("server: istio-envoy");
    expect(ask("unknown").status).toBe(404);
    figures.push("http: plain.example.com 200, unknown.example.com 404");
  });

  it("passthrough: the application shows its own certificate, which is the authority's", () => {
    const answer = secure("pass");
    expect(answer).toMatchObject({ code: 0, status: 200 });
    expect(answer.body).toContain("for pass.example.com, caller <>");
    // The gateway has no part in it: it would have named itself.
    expect(answer.headers).toContain("server: nginx");
    expect(answer.headers).not.toContain("envoy");
    expect(certificateOf("pass")).toMatch(/CN ?= ?pass\.example\.com[\s\S]*CN ?= ?gateway-ca/);
    figures.push(`passthrough: ${answer.body.trim()}`);
  });

  it("terminate: the gateway shows the route's certificate, and httpbin answers in plain", () => {
    expect(secure("term")).toMatchObject({ code: 0, status: 200 });
    expect(certificateOf("term")).toMatch(/CN ?= ?term\.example\.com[\s\S]*CN ?= ?gateway-ca/);
    expect(JSON.parse(secure("term", trusting, "/headers").body)).toMatchObject({
      headers: { "X-Forwarded-Proto": ["https"] },
    });
  });

  it("is refused by a client who trusts another authority, and gives no other name a handshake", () => {
    const other = wallet.stranger("other-authority");
    for (const name of ["pass", "term", "inside"]) {
      expect([name, secure(name, ["--cacert", other.certificate]).code]).toEqual([name, 60]);
    }
    expect(secure("unknown").code).toBe(35);
    expect(secure("term", [...trusting, "--tls-max", "1.1"]).code).toBe(35);
    figures.push("another authority: curl 60; unknown name: 35; TLS 1.1: 35");
  });

  it("mutual: lets a client with the authority's certificate in, and nobody else", () => {
    const { gateways } = lab.outputs() as unknown as Outputs;
    const phone = gateways.clients["mutual/phone"];
    const withPhone = [
      ...trusting,
      ...["--cert", wallet.file("phone.crt", phone?.certificate ?? "")],
      ...["--key", wallet.file("phone.key", phone?.privateKey ?? "")],
    ];
    const stranger = wallet.stranger("stranger");
    const seen = {
      phone: secure("mutual", withPhone),
      nobody: secure("mutual"),
      stranger: secure("mutual", [...trusting, "--cert", stranger.certificate, "--key", stranger.key]),
    };
    expect(seen.phone).toMatchObject({ code: 0, status: 200 });
    for (const refused of [seen.nobody, seen.stranger]) {
      expect(refused.status).toBe(0);
      // Told apart by chance: by TLS 1.3 a client sends its request before it hears that it was refused.
      expect([16, 35, 52, 55, 56]).toContain(refused.code);
    }
    expect(certificateOf("mutual")).toMatch(/CN ?= ?mutual\.example\.com/);
    figures.push(
      `mutual: phone ${seen.phone.status}, none curl ${seen.nobody.code}, stranger ${seen.stranger.code}`,
    );
  });

  it("reencrypt: the gateway shows itself to the application, and refuses one of another name", () => {
    const answer = secure("inside");
    expect(answer).toMatchObject({ code: 0, status: 200 });
    expect(answer.body).toContain("for tls-inside.httpbin.svc.cluster.local, caller <CN=inside-gateway>");
    expect(certificateOf("inside")).toMatch(/CN ?= ?inside\.example\.com/);
    const impostor = secure("impostor");
    expect(impostor.status).toBe(503);
    const count = stat("tls-impostor.*ssl.fail_verify_san");
    expect(count).toBeGreaterThan(0);
    figures.push(
      `reencrypt: ${answer.body.trim()}; impostor ${impostor.status}, ${count} refused for their name`,
    );
  });
});

describe("nginx at the edge", () => {
  const ask = (url: string, words: readonly string[] = trusting) => curl({ url, address: worker, words });

  it("answers on port 80 of the labelled host, by way of the gateway", () => {
    const answer = ask("http://edge.example.com/headers");
    expect(answer).toMatchObject({ code: 0, status: 200 });
    expect(answer.headers).toContain("server: nginx");
    expect(answer.headers).toContain("x-envoy-upstream-service-time");
    expect(ask("http://unknown.example.com/").status).toBe(404);
    expect(curl({ url: "http://edge.example.com/", address: lab.address("cp1") }).code).toBe(7);
  });

  it("speaks TLS on 443, sends plain HTTP there, and shows no other name a certificate", () => {
    const answer = ask("https://more.example.com/headers");
    expect(answer).toMatchObject({ code: 0, status: 200 });
    expect(ask("http://more.example.com/headers")).toMatchObject({ status: 301 });
    expect(ask("https://edge.example.com/").code).toBe(35);
    expect(ask("https://more.example.com/", ["--cacert", wallet.stranger("no-one").certificate]).code).toBe(
      60,
    );
    expect(certificateOf("more", 443)).toMatch(/CN ?= ?more\.example\.com[\s\S]*CN ?= ?gateway-ca/);
  });

  it("takes a changed config without a failed request and without a new pod", async () => {
    const pod = () =>
      lab.kubectl(
        ...["-n", "istio-system", "get", "pods", "-l", "name=nginx-istio"],
        ...["-o", "jsonpath={.items[*].metadata.uid} {.items[*].status.containerStatuses[0].restartCount}"],
      );
    const before = pod();
    const poller = new Poller(named(worker, 80, "edge.example.com"), 50);
    configure([...servers, { name: "plain", hosts: ["plain.example.com"] }]);
    const names = touched(await lab.must("up", "--yes"));
    expect(names).toEqual(["istio-system/nginx-istio"]);
    const began = Date.now();
    await until(() => ask("http://plain.example.com/status/200").status === 200, 240, "the changed config");
    const seconds = ((Date.now() - began) / 1000).toFixed(0);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const seen = await poller.stop();
    figures.push(tell(`edge config in use ${seconds} s after the run`, seen));
    expect(pod()).toBe(before);
    expect(seen.requests).toBeGreaterThan(200);
    expect(seen.failures).toBe(0);
  });

  it("leaves nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
