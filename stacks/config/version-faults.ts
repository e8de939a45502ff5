import { criDockerdSums } from "../../components/artifacts/sources";
import { atLeast } from "../../components/lib/versions";
import { kubeRouterDuties } from "../../components/network/pod-network";
import { planesOf } from "./compat-istio";
import type { Fault } from "./faults";
import type { Config } from "./schema";
import type { Source } from "./source";
import { addonsOfSandbox, versions } from "./versions";

/** What the sandbox's own mirror on this computer holds of the parts that it may hold twice. */
export type ServedVersions = Readonly<Record<"kubernetes" | "etcd", readonly string[]>>;

interface Asked {
  readonly path: string;
  readonly given: string;
  /** What the sandbox's own mirror builds of it. */
  readonly built: readonly string[];
}

const asked = (path: string, given: string | undefined, built: readonly string[]): Asked[] =>
  given === undefined ? [] : [{ path, given, built }];

const planes = ({ mesh }: Config) => (mesh === false ? [] : planesOf(mesh));

function askedOfCluster({ kubernetes, etcd, runtime, network }: Config, served: ServedVersions): Asked[] {
  const endpoint = kubernetes.controlPlaneEndpoint.kind;
  const kubeRouter = Object.values(kubeRouterDuties(network)).some(Boolean);
  const ofRuntime =
    runtime.kind === "containerd"
      ? [
          ...asked("runtime.version", runtime.version, versions.containerd.sandbox),
          ...asked("runtime.runc", runtime.runc, versions.runc.sandbox),
        ]
      : asked("runtime.kind", runtime.kind, ["containerd"]);
  return [
    ...asked("kubernetes.version", kubernetes.version, served.kubernetes),
    ...(endpoint === "kubeVip"
      ? asked("kubernetes.controlPlaneEndpoint.kind", endpoint, ["haproxy", "external"])
      : []),
    ...(etcd.kind === "external" ? asked("etcd.version", etcd.version, served.etcd) : []),
    ...ofRuntime,
    ...asked("runtime.cniPlugins", runtime.cniPlugins, versions.cniPlugins.sandbox),
    ...(network.kind === "flannel"
      ? asked("network.flannel.version", network.flannel.version, versions.flannel.sandbox)
      : asked("network.kind", network.kind, ["flannel"])),
    ...(network.kind === "flannel" && kubeRouter
      ? asked("network.kubeRouter", "kube-router beside flannel", ["flannel alone"])
      : []),
  ];
}

function askedInCluster(config: Config): Asked[] {
  const { prometheus, jaeger } = config.addons;
  return [
    ...planes(config).flatMap(({ path, version }) => asked(path, version, versions.istio.sandbox)),
    ...(prometheus === false
      ? []
      : asked("addons.prometheus.version", prometheus.version, addonsOfSandbox.prometheus)),
    ...(jaeger === false ? [] : asked("addons.jaeger.version", jaeger.version, addonsOfSandbox.jaeger)),
  ];
}

/** The sandbox's mirror holds few versions of each thing; another one has to come from elsewhere. */
const notBuilt = (config: Config, served: ServedVersions): Fault[] =>
  [...askedOfCluster(config, served), ...askedInCluster(config)]
    .filter(({ given, built }) => !built.includes(given))
    .map(({ path, given, built }) => ({
      path,
      given,
      allowed: `${built.join(" or ")}, which is what the sandbox's own mirror builds`,
      change: "take that, or another source under artifacts",
    }));

/** A version with an ending was built from between two releases: nobody publishes it. */
function notReleased(config: Config): Fault[] {
  if (config.mesh === false || config.mesh.charts !== undefined) return [];
  const { release } = versions.istio;
  return planes(config)
    .filter(({ version }) => version.includes("-"))
    .map(({ path, version }) => ({
      path,
      given: version,
      allowed: `a release of Istio where its charts are downloaded, such as ${release}`,
      change: `write version: "${release}", or leave it out; the sandbox's own mirror alone has builds between releases`,
    }));
}

/** Its project publishes no checksums, so that only those versions can be taken whose sums are known here. */
function withoutChecksum({ runtime }: Config): Fault[] {
  const known = Object.keys(criDockerdSums);
  if (runtime.kind !== "criDockerd" || known.includes(runtime.criDockerd)) return [];
  return [
    {
      path: "runtime.criDockerd",
      given: runtime.criDockerd,
      allowed: `${known.join(" or ")}, whose checksums are known`,
      change: "take one of these, or artifacts of kind mirror, which has a checksum file",
    },
  ];
}

const elsewhere: Fault = {
  path: "artifacts.kind",
  given: "sandbox",
  allowed: "sandbox only together with hosts.kind: sandbox",
  change: "take upstream, aliyun, tuna or mirror",
};

/** Everything that the config asks for and its source of artifacts does not have. */
export function versionFaults(config: Config, source: Source, served: ServedVersions): Fault[] {
  switch (source) {
    case "sandbox":
      return config.hosts.kind === "sandbox" ? notBuilt(config, served) : [elsewhere];
    case "mirror":
      // What it holds is known to whoever fills it.
      return [];
    default:
      return [...notReleased(config), ...withoutChecksum(config)];
  }
}

/** From here on there are images for arm64. */
const ISTIO_FOR_ARM = "1.15";

/** What may be missing: the architecture of the hosts, and what else they reach, is known to the hosts alone. */
export function versionWarnings(config: Config, source: Source): string[] {
  const { addons, mesh } = config;
  const old = planes(config)
    .filter(({ version }) => !atLeast(version, ISTIO_FOR_ARM))
    .map(({ path, version }) => `${path}: Istio ${version} has images for amd64 alone, and none for arm64`);
  if (source !== "sandbox") return old;
  const notBuiltHere = [
    ...(["grafana", "kiali", "logging"] as const)
      .filter((name) => addons[name] !== false)
      .map((name) => `addons.${name}`),
    ...(mesh !== false && mesh.ambient ? ["mesh.ambient"] : []),
  ];
  return notBuiltHere.map(
    (path) =>
      `${path}: the sandbox's own mirror builds no image for it, so its pods wait unless the hosts reach a registry that has it`,
  );
}
