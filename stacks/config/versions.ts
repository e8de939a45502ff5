import { companionVersions } from "../../components/artifacts/sources";
import { addonVersions, meshVersions, mirrorVersions } from "../../components/sandbox/mirror/versions";

/** One program, and where a version of it can be had. */
export interface Availability {
  /** The default: a release that its project publishes, so that upstream and mirrors of it have it. */
  readonly release: string;
  /** What the sandbox's own mirror builds, the default there first; empty where it builds none. */
  readonly sandbox: readonly string[];
}

/**
 * Every version that the config gets where it names none. A default that only one of the two has would refuse, or
 * break, the first run of everybody who has the other.
 */
export const versions = {
  kubernetes: { release: "1.36.3", sandbox: [mirrorVersions.kubernetes] },
  etcd: { release: "3.6.15", sandbox: [mirrorVersions.etcd] },
  containerd: { release: "2.3.7", sandbox: [mirrorVersions.containerd] },
  runc: { release: companionVersions.runc, sandbox: [mirrorVersions.runc] },
  cniPlugins: { release: companionVersions.cniPlugins, sandbox: [mirrorVersions.cniPlugins] },
  /** Beside cri-dockerd. */
  docker: { release: "28.5.2", sandbox: [] },
  /** The last line of Docker that kubeadm knew while the kubelet had dockershim. */
  dockerWithDockershim: { release: "20.10.24", sandbox: [] },
  criDockerd: { release: "0.3.26", sandbox: [] },
  flannel: { release: "0.26.7", sandbox: [mirrorVersions.flannel] },
  kubeRouter: { release: "2.11.1", sandbox: [] },
  kubeVip: { release: "1.0.1", sandbox: [] },
  istio: { release: "1.31.1", sandbox: [meshVersions.istio, meshVersions.istioNext] },
} as const satisfies Record<string, Availability>;

/** Add-ons have their default by the version of Istio (`components/addons/versions.ts`). This is what the mirror builds. */
export const addonsOfSandbox = {
  prometheus: [addonVersions.prometheus],
  jaeger: [addonVersions.jaeger],
} as const;

type PlainObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is PlainObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const runtimes: Readonly<Record<string, Availability>> = {
  criDockerd: versions.docker,
  dockershim: versions.dockerWithDockershim,
};

/**
 * The part of a config that goes below what a stack says itself: the versions in which the schema's own defaults,
 * which are releases, do not hold for its source of artifacts or its container runtime.
 */
export function versionDefaults(own: PlainObject, builtHere: boolean): PlainObject {
  const pick = ({ release, sandbox }: Availability) => (builtHere ? (sandbox[0] ?? release) : release);
  const kind = isObject(own.runtime) ? own.runtime.kind : undefined;
  const runtime = runtimes[String(kind)] ?? versions.containerd;
  return {
    kubernetes: { version: pick(versions.kubernetes) },
    etcd: { version: pick(versions.etcd) },
    runtime: { version: pick(runtime) },
    network: { flannel: { version: pick(versions.flannel) } },
    // Without a mesh in the config there is none.
    ...(isObject(own.mesh) ? { mesh: { version: pick(versions.istio) } } : {}),
  };
}
