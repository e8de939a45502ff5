import type { DebianItem, GoItem, MirrorItem, TreeItem } from "./item";
import { addonImages, jaegerImage } from "./items-addons-images";
import { addonVersions as v } from "./versions";

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

/** Jaeger, apart from the others, since it takes as long as all of them together and few stacks have it. */
export const tracingItems: MirrorItem[] = [
  {
    kind: "go",
    name: "jaeger",
    programs: { "github.com/jaegertracing/jaeger/cmd/jaeger": "jaeger" },
    variables: { "github.com/jaegertracing/jaeger/internal/version.latestVersion": `v${v.jaeger}` },
  },
  jaegerImage,
];

export const addonItems: MirrorItem[] = [...programs, ...packages, ...trees, ...addonImages];
