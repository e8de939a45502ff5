import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type ArtifactSource,
  type Artifacts,
  type ArtifactVersions,
  companionVersions,
  resolveArtifacts,
  upstreamProbes,
} from "../components/artifacts/sources";
import { addressAt } from "../components/lib/cidr";
import { stateFolder } from "../components/lib/folders";
import { defaultMirrorDir, servedVersions } from "../components/sandbox/mirror/mirror";
import { meshVersions, mirrorVersions } from "../components/sandbox/mirror/versions";
import { planesOf } from "./config/compat-istio";
import { ConfigError, type Fault } from "./config/faults";
import type { Platform } from "./config/load";

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

type ChosenKind = Exclude<Platform["config"]["artifacts"]["kind"], "auto">;

/** Answers whether an address can be reached at all; any HTTP answer will do. */
export type Reach = (url: string) => Promise<boolean>;

export const reach: Reach = async (url) => {
  try {
    await fetch(url, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(4000) });
    return true;
  } catch {
    return false;
  }
};

/**
 * What `auto` means on this computer. It is asked once per stack and then written down: a network that is slow for a
 * moment would otherwise change every address in the plan, and with them every host.
 */
async function decide(platform: Platform, canReach: Reach): Promise<ChosenKind> {
  if (platform.config.hosts.kind === "inventory") return "upstream";
  const note = join(stateFolder(), `artifacts-${platform.stack}`);
  try {
    const kept = readFileSync(note, "utf8").trim();
    if (kept === "upstream" || kept === "sandbox") return kept;
  } catch {
    // Not asked yet.
  }
  const answers = await Promise.all(upstreamProbes.map(canReach));
  const kind = answers.every(Boolean) ? "upstream" : "sandbox";
  mkdirSync(dirname(note), { recursive: true, mode: 0o700 });
  writeFileSync(note, `${kind}\n`);
  return kind;
}

/** The mirror of the sandbox holds few versions of each thing; another one has to come from elsewhere. */
function mirrorFaults(platform: Platform): Fault[] {
  const { kubernetes, etcd, runtime, network, mesh } = platform.config;
  const served = servedVersions();
  const wanted: readonly (readonly [path: string, given: string | undefined, built: readonly string[]])[] = [
    ["kubernetes.version", kubernetes.version, served.kubernetes],
    ["etcd.version", etcd.kind === "external" ? etcd.version : undefined, served.etcd],
    ["runtime.kind", runtime.kind, ["containerd"]],
    ["runtime.version", runtime.version, [mirrorVersions.containerd]],
    ["runtime.runc", runtime.runc, [mirrorVersions.runc]],
    ["runtime.cniPlugins", runtime.cniPlugins, [mirrorVersions.cniPlugins]],
    ["network.kind", network.kind, ["flannel"]],
    ["network.flannel.version", network.flannel.version, [mirrorVersions.flannel]],
    ...(mesh === false ? [] : planesOf(mesh)).map(
      ({ path, version }) => [path, version, [meshVersions.istio, meshVersions.istioNext]] as const,
    ),
  ];
  return wanted.flatMap(([path, given, built]) =>
    given === undefined || built.includes(given)
      ? []
      : [
          {
            path,
            given,
            allowed: `${built.join(" or ")}, which is what the sandbox's own mirror builds`,
            change: "take that, or another source under artifacts",
          },
        ],
  );
}

/** The default version of Istio is the one that the sandbox's mirror builds; nobody else has it. */
function unreleasedFaults({ config: { mesh } }: Platform): Fault[] {
  const planes = mesh === false || mesh.charts !== undefined ? [] : planesOf(mesh);
  return planes
    .filter(({ version }) => version.includes("-"))
    .map(({ path, version }) => ({
      path,
      given: version,
      allowed: "a release of Istio where its charts are downloaded, such as 1.31.1",
      change: 'write the version, as in mesh: { version: "1.31.1" }',
    }));
}

/** The versions that addresses are made of. */
export function artifactVersions({ kubernetes, etcd, runtime }: Platform["config"]): ArtifactVersions {
  const docker = runtime.kind !== "containerd";
  return {
    kubernetes: kubernetes.version,
    etcd: etcd.version,
    containerd: docker ? mirrorVersions.containerd : runtime.version,
    runc: runtime.runc ?? companionVersions.runc,
    cniPlugins: runtime.cniPlugins ?? companionVersions.cniPlugins,
    ...(docker ? { docker: runtime.version } : {}),
    ...(runtime.kind === "criDockerd" ? { criDockerd: runtime.criDockerd } : {}),
  };
}

/** Settles where everything comes from. */
export async function chooseArtifacts(platform: Platform, canReach: Reach = reach): Promise<ChosenArtifacts> {
  const { config, sandboxCidr } = platform;
  const chosen = config.artifacts.kind === "auto" ? await decide(platform, canReach) : config.artifacts.kind;
  const versions = artifactVersions(config);
  if (chosen !== "sandbox") {
    const faults = config.artifacts.kind === "mirror" ? [] : unreleasedFaults(platform);
    if (faults.length > 0) throw new ConfigError(faults);
    const source: ArtifactSource =
      config.artifacts.kind === "mirror"
        ? config.artifacts
        : { ...config.artifacts, kind: chosen as "upstream" | "aliyun" | "tuna" };
    return { artifacts: resolveArtifacts(source, versions) };
  }
  if (config.hosts.kind !== "sandbox" || sandboxCidr === undefined) {
    throw new ConfigError([
      {
        path: "artifacts.kind",
        given: "sandbox",
        allowed: "sandbox only together with hosts.kind: sandbox",
        change: "take upstream, aliyun, tuna or mirror",
      },
    ]);
  }
  const faults = mirrorFaults(platform);
  if (faults.length > 0) throw new ConfigError(faults);
  const port = config.hosts.network.mirrorPort;
  const registry = `${addressAt(sandboxCidr, 1)}:${port}`;
  const files = `http://${registry}/files`;
  const artifacts = resolveArtifacts(
    { kind: "mirror", files, registry, registryScheme: "http" },
    { ...versions, runc: mirrorVersions.runc, cniPlugins: mirrorVersions.cniPlugins },
  );
  return {
    artifacts: {
      ...artifacts,
      description: `sandbox: a mirror on this computer, built from source (${registry})`,
    },
    mirror: { folder: defaultMirrorDir(), files, port },
  };
}
