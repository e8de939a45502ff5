import type { ImageItem } from "./item";
import { addonVersions as v } from "./versions";

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const ports = (...numbers: number[]) => Object.fromEntries(numbers.map((port) => [`${port}/tcp`, {}]));

/** Names, entry points, ports and users are those of the projects' own images. */
export const addonImages: ImageItem[] = [
  {
    kind: "image",
    name: "image-prometheus",
    refs: [`prom/prometheus:v${v.prometheus}`],
    members: {
      "": "root-prometheus",
      "usr/bin/prometheus": "prometheus/prometheus",
      "usr/bin/promtool": "prometheus/promtool",
    },
    config: {
      Entrypoint: ["/bin/prometheus"],
      Cmd: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"],
      Env: [path],
      User: "65534:65534",
      WorkingDir: "/prometheus",
      ExposedPorts: ports(9090),
    },
    checks: [
      ["sh", "-c", `/bin/prometheus --version | grep -F 'version ${v.prometheus}'`],
      ["promtool", "check", "config", "/etc/prometheus/prometheus.yml"],
    ],
  },
  {
    kind: "image",
    name: "image-edge-nginx",
    // The second is a name only: what the edge asks for where nobody says otherwise.
    refs: [`library/nginx:${v.nginx}`, "library/nginx:1.28-alpine"],
    members: { "": "root-nginx" },
    config: {
      Cmd: ["nginx", "-g", "daemon off;"],
      Env: [path],
      ExposedPorts: ports(80),
    },
    checks: [
      ["sh", "-c", `nginx -v 2>&1 | grep -F /${v.nginx}`],
      ["test", "-f", "/usr/share/nginx/html/index.html"],
    ],
  },
  {
    kind: "image",
    name: "image-redis",
    refs: [`library/redis:${v.redis}`],
    members: { "": "root-redis" },
    // Clients are other pods: without a password Redis would answer its own machine only.
    config: {
      Cmd: ["redis-server", "--protected-mode", "no"],
      Env: [path],
      User: "999:999",
      WorkingDir: "/data",
      ExposedPorts: ports(6379),
    },
    checks: [
      ["sh", "-c", `redis-server --version | grep -F v=${v.redis}`],
      ["redis-cli", "--version"],
    ],
  },
  {
    kind: "image",
    name: "image-ratelimit",
    refs: [`envoyproxy/ratelimit:${v.ratelimit}`],
    members: { "": "root-busybox", "usr/bin/ratelimit": "ratelimit/ratelimit" },
    config: { Cmd: ["/bin/ratelimit"], Env: [path], ExposedPorts: ports(8080, 8081, 6070) },
    // It has no flag that only tells its version; without settings it stops with a complaint of its own.
    checks: [["test", "-x", "/bin/ratelimit"]],
  },
];

export const jaegerImage: ImageItem = {
  kind: "image",
  name: "image-jaeger",
  refs: [`jaegertracing/jaeger:${v.jaeger}`],
  members: { "": "root-busybox", "cmd/jaeger/jaeger-linux": "jaeger/jaeger" },
  config: {
    Entrypoint: ["/cmd/jaeger/jaeger-linux"],
    Env: [path, "JAEGER_LISTEN_HOST=0.0.0.0"],
    User: "10001:10001",
    ExposedPorts: ports(4317, 4318, 5778, 5779, 9411, 13132, 13133, 14250, 14268, 16686),
  },
  checks: [["sh", "-c", `/cmd/jaeger/jaeger-linux version | grep -F v${v.jaeger}`]],
};
