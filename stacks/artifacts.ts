import {
  type ArtifactSource,
  type Artifacts,
  type ArtifactVersions,
  resolveArtifacts,
} from "../components/artifacts/sources";
import { addressAt } from "../components/lib/cidr";
import { defaultMirrorDir } from "../components/sandbox/mirror/mirror";
import type { Platform } from "./config/load";
import type { Source } from "./config/source";
import { type Availability, versions } from "./config/versions";

export interface ChosenArtifacts {
  readonly artifacts: Artifacts;
  /** The mirror that the sandbox fills and serves. Default: it needs none. */
  readonly mirror?: SandboxMirror;
}

/** A mirror on this computer. */
export interface SandboxMirror {
  /** Folder that it serves, with the charts that a preview reads. */
  readonly folder: string;
  /** Address of its files for the hosts. */
  readonly files: string;
  readonly port: number;
}

/** The versions that addresses are made of. */
export function artifactVersions(
  { kubernetes, etcd, runtime }: Pick<Platform["config"], "kubernetes" | "etcd" | "runtime">,
  source: Source,
): ArtifactVersions {
  const docker = runtime.kind !== "containerd";
  const usual = ({ release, sandbox }: Availability) =>
    source === "sandbox" ? (sandbox[0] ?? release) : release;
  return {
    kubernetes: kubernetes.version,
    etcd: etcd.version,
    containerd: docker ? usual(versions.containerd) : runtime.version,
    runc: runtime.runc ?? usual(versions.runc),
    cniPlugins: runtime.cniPlugins ?? usual(versions.cniPlugins),
    ...(docker ? { docker: runtime.version } : {}),
    ...(runtime.kind === "criDockerd" ? { criDockerd: runtime.criDockerd } : {}),
  };
}

/** Every address that the platform downloads from, and the mirror on this computer where that is one of them. */
export function chooseArtifacts({ config, source, sandboxCidr }: Platform): ChosenArtifacts {
  const all = artifactVersions(config, source);
  if (source !== "sandbox") {
    const from: ArtifactSource =
      config.artifacts.kind === "mirror"
        ? config.artifacts
        : { ...config.artifacts, kind: source as "upstream" | "aliyun" | "tuna" };
    return { artifacts: resolveArtifacts(from, all) };
  }
  // The rules refuse this source without them.
  if (config.hosts.kind !== "sandbox" || sandboxCidr === undefined) throw new Error("a sandbox was meant");
  const port = config.hosts.network.mirrorPort;
  const registry = `${addressAt(sandboxCidr, 1)}:${port}`;
  const files = `http://${registry}/files`;
  const artifacts = resolveArtifacts({ kind: "mirror", files, registry, registryScheme: "http" }, all);
  return {
    artifacts: {
      ...artifacts,
      description: `sandbox: a mirror on this computer, built from source (${registry})`,
    },
    mirror: { folder: defaultMirrorDir(), files, port },
  };
}
