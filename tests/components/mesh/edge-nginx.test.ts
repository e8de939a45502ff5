import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import type { KubeObject } from "../../../components/lib/objects";
import { givenCertificate } from "../../../components/mesh/certificates";
import { EdgeNginx, type EdgeServer, renderEdgeNginx } from "../../../components/mesh/edge-nginx";
import { renderEdgeConfig } from "../../../components/mesh/edge-nginx-config";
import { record } from "../../support/recorder";
import { input } from "../../support/recording";

/** What source document 003 says of the pod. */
const deployment003 = parse(`
apiVersion: apps/v1
kind: Deployment
metadata:
  labels: { name: nginx-istio }
  name: nginx-istio
  namespace: istio-system
spec:
  replicas: 1
  selector: { matchLabels: { name: nginx-istio } }
  strategy: { type: Recreate }
  template:
    metadata: { labels: { name: nginx-istio } }
    spec:
      containers:
      - image: nginx:alpine
        imagePullPolicy: IfNotPresent
        name: nginx
        volumeMounts:
        - { mountPath: /etc/nginx/conf.d, name: nginx-istio }
      hostNetwork: true
      nodeSelector: { istio-nginx: "true" }
      volumes:
      - { configMap: { defaultMode: 420, name: nginx-istio }, name: nginx-istio }
`);

/** What it says of nginx, without comments: the words of each directive, and those inside of it. */
const config003 = {
  "default.conf": [
    [
      "server",
      [
        ["listen 80"],
        ["listen [::]:80"],
        ["server_name localhost"],
        ["location /", [["root /usr/share/nginx/html"], ["index index.html index.htm"]]],
        ["error_page 500 502 503 504 /50x.html"],
        ["location = /50x.html", [["root /usr/share/nginx/html"]]],
      ],
    ],
  ],
  "tomcat.conf": [
    ["upstream tomcat-istiodemo", [["server 10.108.185.207:80"]]],
    [
      "server",
      [
        ["listen 80"],
        ["listen [::]:80"],
        ["server_name tomcat.istio-demo.com"],
        [
          "location /",
          [
            ["proxy_set_header Host $host"],
            ["proxy_set_header X-Real-IP $remote_addr"],
            ["proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for"],
            ["proxy_http_version 1.1"],
            ["proxy_pass http://tomcat-istiodemo"],
          ],
        ],
      ],
    ],
  ],
};

type Directive = [string] | [string, Directive[]];

/** Reads nginx's config apart from how it is laid out. */
function directives(text: string): Directive[] {
  const tokens = text.split(/([;{}])/).map((token) => token.trim().replaceAll(/\s+/g, " "));
  const read = (): Directive[] => {
    const found: Directive[] = [];
    for (let words = tokens.shift(); words !== undefined; words = tokens.shift()) {
      if (words === "}") break;
      if (words === "") continue;
      found.push(tokens.shift() === "{" ? [words, read()] : [words]);
    }
    return found;
  };
  return read();
}

const tomcat: EdgeServer = {
  name: "tomcat",
  hosts: ["tomcat.istio-demo.com"],
  upstream: { name: "tomcat-istiodemo", host: "10.108.185.207", port: 80 },
};
const seed003 = {
  servers: [{ ...tomcat, websocket: false }],
  fallback: "page",
  image: "nginx:alpine",
} as const;

const specOf = <Template>(object: KubeObject | undefined) => object?.spec as { template: Template };

describe("the edge nginx of source document 003", () => {
  const [configMap, deployment] = renderEdgeNginx(seed003);

  it("has the same config, directive by directive", () => {
    expect(configMap?.metadata).toEqual({ name: "nginx-istio", namespace: "istio-system" });
    const data = Object.entries(configMap?.data as Record<string, string>);
    expect(Object.fromEntries(data.map(([name, text]) => [name, directives(text)]))).toEqual(config003);
  });

  it("has the same pod, value by value, and more: ports, probes, an end without cut requests", () => {
    expect(deployment).toMatchObject(deployment003);
    const [container] = specOf<{ spec: { containers: object[] } }>(deployment).template.spec.containers;
    const probe = { httpGet: { path: "/", port: 80, httpHeaders: [{ name: "Host", value: "localhost" }] } };
    expect(container).toMatchObject({
      ports: [{ name: "http", containerPort: 80 }],
      readinessProbe: { ...probe, periodSeconds: 5 },
      livenessProbe: { ...probe, periodSeconds: 5, failureThreshold: 6 },
      lifecycle: { preStop: { exec: { command: ["/bin/sh", "-c", "nginx -s quit && sleep 25"] } } },
    });
  });
});

const podOf = (args: Parameters<typeof renderEdgeNginx>[0]) =>
  specOf<{ metadata: object; spec: Record<string, unknown> }>(renderEdgeNginx(args)[1]).template;

describe("renderEdgeNginx", () => {
  it("asks the cluster's DNS where the upstream is a name, and only then", () => {
    const named = {
      ...tomcat,
      upstream: { ...tomcat.upstream, host: "gate.istio-system.svc.cluster.local" },
    };
    expect(podOf({ servers: [named] }).spec.dnsPolicy).toBe("ClusterFirstWithHostNet");
    expect(podOf({ servers: [tomcat] }).spec.dnsPolicy).toBeUndefined();
  });

  it("keeps its pods for a changed config, or replaces them where that is asked for", () => {
    const other = { servers: [{ ...tomcat, hosts: ["other.example.com"] }] };
    expect(podOf({ servers: [tomcat] })).toEqual(podOf(other));
    const restarted = podOf({ servers: [tomcat], reload: "restart" });
    expect(restarted.metadata).not.toEqual(podOf({ ...other, reload: "restart" }).metadata);
    expect(restarted.spec.containers).not.toMatchObject([{ command: expect.anything() }]);
  });

  it("mounts each certificate once and takes port 443 with it", () => {
    const secure = (name: string) => ({ ...tomcat, name, tls: { secretName: "shop.tls" } });
    const { spec } = podOf({ servers: [secure("a"), secure("b")] });
    expect(spec.volumes).toEqual([
      { name: "nginx-istio", configMap: { name: "nginx-istio", defaultMode: 420 } },
      { name: "tls-shop-tls", secret: { secretName: "shop.tls", defaultMode: 256 } },
    ]);
    expect(spec.containers).toMatchObject([
      {
        ports: [{ containerPort: 80 }, { name: "https", containerPort: 443 }],
        volumeMounts: [{}, { name: "tls-shop-tls", mountPath: "/etc/nginx/tls/shop.tls", readOnly: true }],
      },
    ]);
  });
});

describe("certificates of the edge nginx", () => {
  it("stand beside it, once each, where they are given", () => {
    const pems = givenCertificate({ certificate: "certificate", privateKey: "key" });
    const secure = (name: string) => ({ ...tomcat, name, tls: { secretName: "shop-tls", pems } });
    const objects = renderEdgeNginx({ servers: [secure("a"), secure("b")], namespace: "edge" });
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)).toEqual([
      "Secret edge/shop-tls",
      "ConfigMap edge/nginx-istio",
      "Deployment edge/nginx-istio",
    ]);
  });
});

describe("renderEdgeConfig", () => {
  const config = (server: Partial<EdgeServer>, more: object = {}) =>
    renderEdgeConfig({ servers: [{ ...tomcat, ...server }], ipv6: false, ...more });

  it("serves HTTPS, sends plain HTTP there, and ends the handshake for other names", () => {
    const files = config({ tls: { secretName: "shop-tls", minVersion: "1.3" }, readTimeoutSeconds: 300 });
    expect(directives(files["tomcat.conf"] ?? "")[1]).toEqual([
      "server",
      [["listen 80"], ["server_name tomcat.istio-demo.com"], ["return 301 https://$host$request_uri"]],
    ]);
    expect(directives(files["tomcat.conf"] ?? "")[2]).toEqual([
      "server",
      [
        ["listen 443 ssl http2"],
        ["server_name tomcat.istio-demo.com"],
        ["ssl_certificate /etc/nginx/tls/shop-tls/tls.crt"],
        ["ssl_certificate_key /etc/nginx/tls/shop-tls/tls.key"],
        ["ssl_protocols TLSv1.3"],
        [
          "location /",
          [
            ["proxy_set_header Host $host"],
            ["proxy_set_header X-Real-IP $remote_addr"],
            ["proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for"],
            ["proxy_set_header X-Forwarded-Proto $scheme"],
            ["proxy_set_header Upgrade $http_upgrade"],
            ["proxy_set_header Connection $connection_upgrade"],
            ["proxy_read_timeout 300s"],
            ["proxy_http_version 1.1"],
            ["proxy_pass http://tomcat-istiodemo"],
          ],
        ],
      ],
    ]);
    expect(directives(files["default.conf"] ?? "")[1]).toEqual([
      "server",
      [["listen 443 ssl default_server"], ["ssl_reject_handshake on"]],
    ]);
    expect(files["connection-upgrade.conf"]).toContain("map $http_upgrade $connection_upgrade");
  });

  it("passes gRPC on as HTTP/2", () => {
    const text = config({ protocol: "grpc", tls: { secretName: "shop-tls" } })["tomcat.conf"];
    expect(text).toContain("grpc_set_header X-Forwarded-For $proxy_add_x_forwarded_for;");
    expect(text).toContain("grpc_pass grpc://tomcat-istiodemo;");
    expect(text).not.toContain("proxy_pass");
  });

  it("answers other names by itself, whatever the alphabet says", () => {
    expect(config({ name: "blog" })["default.conf"]).toContain("listen 80 default_server;");
    expect(config({ name: "blog" }, { fallback: "page" })["default.conf"]).toContain(
      "listen 80 default_server;",
    );
    expect(config({}, { fallback: "page" })["default.conf"]).toContain("listen 80;");
  });

  it.each<[Partial<EdgeServer>, string]>([
    [{ hosts: [] }, "edge nginx, server tomcat: hosts is empty; allowed: one or more; name one"],
    [
      { hosts: ["a.example.com; return 200"] },
      "edge nginx, server tomcat: host is a.example.com; return 200; allowed: a host name or address in lower case; correct it",
    ],
    [{ name: "../nginx" }, "name is ../nginx; allowed: letters, digits and hyphens; correct it"],
    [
      { protocol: "grpc" },
      "edge nginx, server tomcat: protocol is grpc without TLS; allowed: grpc with TLS alone; give it tls",
    ],
  ])("refuses %j", (server, message) => {
    expect(() => config(server)).toThrow(message);
  });
});

describe("EdgeNginx", () => {
  it("declares the ConfigMap and the Deployment as its own", async () => {
    const recording = await record(() => void new EdgeNginx("edge", seed003));
    const deployment = recording.find("istio-system/nginx-istio", "Deployment");
    expect(input(deployment, "spec", "template", "spec", "hostNetwork")).toBe(true);
    expect(recording.find("istio-system/nginx-istio", "ConfigMap").parent).toBe(deployment.parent);
  });
});

describe("nginx.sh", () => {
  const folder = mkdtempSync(join(tmpdir(), "edge-nginx-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const script = join(__dirname, "../../../components/mesh/edge/nginx.sh");
  const calls = () => (existsSync(join(folder, "calls")) ? readFileSync(join(folder, "calls"), "utf8") : "");

  /** A volume as the kubelet changes it. */
  const bring = (version: string) => {
    const link = join(folder, "conf.d", "..data");
    mkdirSync(join(folder, "conf.d"), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(version, link);
  };

  it("reads a new config once, and leaves a bad one alone", async () => {
    // The stand-in refuses while there is a file `bad`, and lives as long as the test wants.
    const nginx = `#!/bin/sh\necho "$*" >>"${folder}/calls"\n[ "$1" != -t ] || [ ! -e "${folder}/bad" ] || exit 1\n[ "$1" != -g ] || exec sleep 60\n`;
    writeFileSync(join(folder, "nginx"), nginx);
    chmodSync(join(folder, "nginx"), 0o755);
    bring("..1");
    const env = { PATH: `${folder}:${process.env.PATH}`, NGINX_ROOT: folder, RELOAD_SECONDS: "0.05" };
    const child = spawn("sh", [script], { env, detached: true, stdio: "ignore" });
    try {
      await vi.waitFor(() => expect(calls()).toBe("-g daemon off;\n"), { timeout: 5000 });
      bring("..2");
      await vi.waitFor(() => expect(calls()).toBe("-g daemon off;\n-t\n-s reload\n"), { timeout: 5000 });
      writeFileSync(join(folder, "bad"), "");
      bring("..3");
      await vi.waitFor(() => expect(calls()).toBe("-g daemon off;\n-t\n-s reload\n-t\n"), { timeout: 5000 });
    } finally {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }
  });

  it("is a script that any shell of an image reads", () => {
    expect(spawnSync("sh", ["-n", script]).status).toBe(0);
  });
});
