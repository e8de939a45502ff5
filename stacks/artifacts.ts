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
import { mirrorVersions } from "../components/sandbox/mirror/versions";
import { ConfigError, type Fault } from "./config/faults";
import type { Platform } from "./config/load";

export interface ChosenArtifacts {
  readonly artifacts: Artifacts;
  /** Whether the sandbox has to fill and serve a mirror of its own. */
  readonly servesMirror: boolean;
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

/** The mirror of the sandbox holds one version of each thing; another one has to come from elsewhere. */
function mirrorFaults(platform: Platform): Fault[] {
  const { kubernetes, etcd, runtime, network } = platform.config;
  const wanted = [
    ["kubernetes.version", kubernetes.version, mirrorVersions.kubernetes],
    ["etcd.version", etcd.version, mirrorVersions.etcd],
    ["runtime.version", runtime.version, mirrorVersions.containerd],
    ["runtime.runc", runtime.runc ?? mirrorVersions.runc, mirrorVersions.runc],
    ["runtime.cniPlugins", runtime.cniPlugins ?? mirrorVersions.cniPlugins, mirrorVersions.cniPlugins],
    ["network.flannel.version", network.flannel.version, mirrorVersions.flannel],
  ] as const;
  return wanted
    .filter(([, given, built]) => given !== built)
    .map(([path, given, built]) => ({
      path,
      given,
      allowed: `${built}, which is what the sandbox's own mirror builds`,
      change: "take that version, or another source under artifacts",
    }));
}

/** Settles where everything comes from. */
export async function chooseArtifacts(platform: Platform, canReach: Reach = reach): Promise<ChosenArtifacts> {
  const { config, sandboxCidr } = platform;
  const chosen = config.artifacts.kind === "auto" ? await decide(platform, canReach) : config.artifacts.kind;
  const versions: ArtifactVersions = {
    kubernetes: config.kubernetes.version,
    etcd: config.etcd.version,
    containerd: config.runtime.version,
    runc: config.runtime.runc ?? companionVersions.runc,
    cniPlugins: config.runtime.cniPlugins ?? companionVersions.cniPlugins,
  };
  if (chosen !== "sandbox") {
    const source: ArtifactSource =
      config.artifacts.kind === "mirror"
        ? config.artifacts
        : { kind: chosen as "upstream" | "aliyun" | "tuna" };
    return { artifacts: resolveArtifacts(source, versions), servesMirror: false };
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
  const registry = `${addressAt(sandboxCidr, 1)}:${config.hosts.network.mirrorPort}`;
  const artifacts = resolveArtifacts(
    { kind: "mirror", files: `http://${registry}/files`, registry, registryScheme: "http" },
    { ...versions, runc: mirrorVersions.runc, cniPlugins: mirrorVersions.cniPlugins },
  );
  return {
    artifacts: {
      ...artifacts,
      description: `sandbox: a mirror on this computer, built from source (${registry})`,
    },
    servesMirror: true,
  };
}
