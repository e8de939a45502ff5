import type { DockerSource, Download, PinnedDownload } from "../artifacts/sources";
import type { ScriptParameters } from "../remote/script";
import { renderSystemdUnit } from "../remote/systemd-unit";
import type { HostProfile } from "./profile";
import { hubMirrors, type RegistryMirrors } from "./registry-mirrors";

export interface DockerArgs {
  readonly kind: "criDockerd" | "dockershim";
  readonly source: DockerSource;
  readonly profile: HostProfile;
  /** Image of the container that holds a pod's namespaces. */
  readonly sandboxImage: string;
  readonly mirrors: RegistryMirrors;
}

/** The parameters of docker.sh. */
export function planDocker({ kind, source, profile, sandboxImage, mirrors }: DockerArgs): ScriptParameters {
  const { engine } = source;
  const packaged = engine.method === "packages";
  const files = { ...(packaged ? {} : engine.files), ...source.files };
  return {
    KIND: kind,
    FAMILIES: packaged
      ? Object.entries(engine.packages).map(([family, names]) => [family, "packages", ...names].join(" "))
      : [],
    REPOSITORY: packaged
      ? [engine.repository.deb, engine.repository.debKey, engine.repository.rpm, engine.repository.rpmKey]
      : [],
    FILES: Object.entries(files).map(([name, file]) => `${name} ${file.url} ${checksumOf(file)}`),
    DAEMON_JSON: renderDaemonJson(profile, hubMirrors(mirrors)),
    DOCKER_UNIT: packaged ? "" : dockerUnit,
    DOCKER_DROP_IN: dockerDropIn,
    CGROUP_DRIVER: profile.kubelet.cgroupDriver,
    CRI_DOCKERD_UNIT: kind === "criDockerd" ? renderCriDockerdUnit(sandboxImage) : "",
  };
}

const checksumOf = (file: Download | PinnedDownload): string =>
  "checksumUrl" in file ? file.checksumUrl : `sha256:amd64=${file.sha256.amd64},arm64=${file.sha256.arm64}`;

/** Settings of dockerd. Logs are bounded, since the kubelet cannot turn over those of Docker. */
export function renderDaemonJson(profile: HostProfile, mirrors: readonly string[]): string {
  const plain = mirrors.filter((url) => url.startsWith("http://"));
  const settings = {
    "exec-opts": [`native.cgroupdriver=${profile.kubelet.cgroupDriver}`],
    "live-restore": true,
    "log-driver": "json-file",
    "log-opts": { "max-size": "100m", "max-file": "3" },
    ...(mirrors.length === 0 ? {} : { "registry-mirrors": mirrors }),
    ...(plain.length === 0 ? {} : { "insecure-registries": plain.map((url) => new URL(url).host) }),
  };
  return `${JSON.stringify(settings, undefined, 2)}\n`;
}

/** For Docker as files; its packages bring units of their own. */
const dockerUnit = renderSystemdUnit({
  Unit: {
    Description: "Docker container engine",
    Documentation: "https://docs.docker.com",
    After: "network-online.target firewalld.service",
    Wants: "network-online.target",
  },
  Service: {
    Type: "notify",
    ExecStart: "/usr/local/bin/dockerd",
    Restart: "always",
    RestartSec: 5,
    Delegate: true,
    // Without it, stopping dockerd would kill every container on the host.
    KillMode: "process",
    LimitNOFILE: "1048576",
    TasksMax: "infinity",
    OOMScoreAdjust: "-500",
  },
  Install: { WantedBy: "multi-user.target" },
});

/** dockerd sets the policy of FORWARD to DROP whenever it starts, which is after the unit of `prepare`. */
const dockerDropIn = renderSystemdUnit({
  Service: { ExecStartPost: "/usr/sbin/iptables -w -P FORWARD ACCEPT" },
});

function renderCriDockerdUnit(sandboxImage: string): string {
  const flags = [
    "--container-runtime-endpoint=unix:///run/cri-dockerd.sock",
    "--network-plugin=cni",
    `--pod-infra-container-image=${sandboxImage}`,
  ];
  return renderSystemdUnit({
    Unit: {
      Description: "CRI interface for Docker",
      Documentation: "https://mirantis.github.io/cri-dockerd",
      After: "network-online.target docker.service",
      Wants: "network-online.target",
      Requires: "docker.service",
    },
    Service: {
      Type: "notify",
      ExecStart: ["/usr/local/bin/cri-dockerd", ...flags].join(" "),
      Restart: "always",
      RestartSec: 2,
      Delegate: true,
      KillMode: "process",
      TasksMax: "infinity",
    },
    Install: { WantedBy: "multi-user.target" },
  });
}
