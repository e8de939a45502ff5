/**
 * The versions that this mirror serves, as plain data: the Pulumi program reads
 * them at preview, when the mirror itself may not exist yet.
 *
 * They move together. kubeadm knows by name which CoreDNS and pause images it
 * wants; runc and the CNI plugins are those of Debian bookworm, and filling
 * stops if this computer's package lists offer others (see `build-debian.ts`).
 */
export const mirrorVersions = {
  kubernetes: "1.36.3",
  etcd: "3.6.15",
  containerd: "2.3.7",
  runc: "1.1.5",
  cniPlugins: "1.1.1",
  coredns: "1.14.2",
  pause: "3.10.2",
  flannel: "0.26.7",
  flannelCni: "1.6.2-flannel1",
  fortio: "1.68.1",
  /** A name only: the applets are those of bookworm's busybox 1.35. */
  busybox: "1.36",
} as const;

/**
 * What `npm run mirror -- --previous` adds, for upgrades: one minor back, and the
 * CoreDNS and pause that the older kubeadm asks for. The rest is common to both.
 */
export const previousVersions = {
  kubernetes: "1.35.4",
  etcd: "3.5.35",
  coredns: "1.13.1",
  pause: "3.10.1",
} as const;

/**
 * What `npm run mirror -- --mesh` adds.
 *
 * Istio's releases cannot be had as modules; one snapshot of its 1.31 branch can, of the day in the version's name.
 * `istioNext` is the same sources under the next build number, so that an upgrade by revision has two control planes
 * that tell their versions apart. Envoy is a stock build without Istio's own filters: see `mesh-profile.ts`.
 */
export const meshVersions = {
  istio: "1.31.0-rc.20260827",
  istioNext: "1.31.0-rc.20260827.1",
  envoy: "1.40.0",
  gatewayApi: "1.6.0",
} as const;

/**
 * What `npm run mirror -- --addons --tracing` adds. Prometheus is the newest whose modules can all be had, and the one that
 * Istio's own add-on files pin; it and Jaeger come without their web pages, which are built apart. nginx, Redis and
 * MariaDB are those of Debian bookworm.
 */
export const addonVersions = {
  prometheus: "3.10.0",
  jaeger: "2.13.0",
  nginx: "1.22.1",
  redis: "7.0.15",
  /** A commit of its main branch: the project makes no releases. */
  ratelimit: "3fb70258",
} as const;

export type MirrorArch = "amd64" | "arm64";

/** Go's and the registries' name of a Node `process.arch`. */
export function mirrorArch(nodeArch: string = process.arch): MirrorArch {
  if (nodeArch === "x64") return "amd64";
  if (nodeArch === "arm64") return "arm64";
  throw new Error(
    `The sandbox mirror builds for x64 and arm64 computers; this one is ${nodeArch}. ` +
      "Set artifacts.kind to upstream or to a mirror of your own.",
  );
}
