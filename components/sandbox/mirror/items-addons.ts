import type { DebianItem, GoItem, ImageItem, MirrorItem, TreeItem } from "./item";
import { addonVersions as v } from "./versions";

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const ports = (...numbers: number[]) => Object.fromEntries(numbers.map((port) => [`${port}/tcp`, {}]));

const build = "github.com/prometheus/common/version";

const programs: GoItem[] = [
  {
    kind: "go",
    name: "prometheus",
    programs: {
      "github.com/prometheus/prometheus/cmd/prometheus": "prometheus",
      "github.com/prometheus/prometheus/cmd/promtool": "promtool",
    },
    // Discovery in a cluster is all that a cluster needs; the clouds' libraries would triple the time.
    tags: "remove_all_sd,enable_kubernetes_sd,enable_dns_sd",
    variables: { [`${build}.Version`]: v.prometheus },
  },
  {
    kind: "go",
    name: "ratelimit",
    programs: { "github.com/envoyproxy/ratelimit/src/service_cmd": "ratelimit" },
  },
];

const common = "ca-certificates netbase base-files libc6 busybox-static libssl3 zlib1g".split(" ");

const packages: DebianItem[] = [
  {
    kind: "debian",
    name: "debian-nginx",
    root: true,
    packages: [...common, ..."nginx nginx-common libnginx-mod-stream libcrypt1 libpcre2-8-0".split(" ")],
    pin: { package: "nginx", version: v.nginx },
  },
  {
    kind: "debian",
    name: "debian-redis",
    root: true,
    packages: [
      ...common,
      ..."redis-server redis-tools libatomic1 libjemalloc2 liblzf1 libgcc-s1 libstdc++6 gcc-12-base".split(
        " ",
      ),
      ..."libsystemd0 libcap2 libgcrypt20 libgpg-error0 liblz4-1 liblzma5 libzstd1".split(" "),
    ],
    pin: { package: "redis-server", version: v.redis },
  },
];

const trees: TreeItem[] = [
  {
    kind: "tree",
    name: "root-prometheus",
    base: "root-busybox",
    files: "prometheus",
    folders: { prometheus: "1777" },
  },
  {
    kind: "tree",
    name: "root-nginx",
    base: "debian-nginx",
    files: "nginx",
    users: { nginx: 101, "www-data": 33 },
    folders: { "var/lib/nginx": "755", "var/log/nginx": "755", "var/cache/nginx": "1777" },
  },
  {
    kind: "tree",
    name: "root-redis",
    base: "debian-redis",
    users: { redis: 999 },
    folders: { data: "1777" },
  },
];

/** Names, entry points, ports and users are those of the projects' own images. */
const images: ImageItem[] = [
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

/** Last, since it takes longer than all others together. */
const jaeger: MirrorItem[] = [
  {
    kind: "go",
    name: "jaeger",
    programs: { "github.com/jaegertracing/jaeger/cmd/jaeger": "jaeger" },
    variables: { "github.com/jaegertracing/jaeger/internal/version.latestVersion": `v${v.jaeger}` },
  },
  {
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
  },
];

export const addonItems: MirrorItem[] = [...programs, ...packages, ...trees, ...images, ...jaeger];
