import type { types } from "@pulumi/kubernetes";
import { apiServerEnv } from "./api-server";
import { type FlannelRelease, flannelRelease } from "./flannel-versions";

type Container = types.input.core.v1.Container;

const config = { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" };

/**
 * The pod on every node: init containers put the plugin and its config in place, then flanneld runs. With `apiServer`
 * (HOST:PORT) it goes there in place of the service address of the API server.
 */
export function renderFlannelPod(version: string, apiServer?: string): types.input.core.v1.PodSpec {
  const release = flannelRelease(version);
  const { plugin } = release.images;
  return {
    hostNetwork: true,
    priorityClassName: "system-node-critical",
    serviceAccountName: "flannel",
    // Before there is a pod network every node is tainted not-ready; flannel is what makes it ready.
    tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] },
          ],
        },
      },
    },
    initContainers: [...(plugin === undefined ? [] : [installPlugin(plugin)]), installConfig(release)],
    containers: [daemon(release, apiServer)],
    volumes: [
      { name: "run", hostPath: { path: "/run/flannel" } },
      ...(plugin === undefined ? [] : [{ name: "cni-plugin", hostPath: { path: "/opt/cni/bin" } }]),
      { name: "cni", hostPath: { path: "/etc/cni/net.d" } },
      { name: "flannel-cfg", configMap: { name: "kube-flannel-cfg" } },
      { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
    ],
  };
}

const installPlugin = (image: string): Container => ({
  name: "install-cni-plugin",
  image,
  command: ["cp"],
  args: ["-f", "/flannel", "/opt/cni/bin/flannel"],
  volumeMounts: [{ name: "cni-plugin", mountPath: "/opt/cni/bin" }],
});

const installConfig = ({ images, install }: FlannelRelease): Container => ({
  name: "install-cni",
  image: images.daemon,
  command: [...install.command],
  args: [...install.flags, "/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"],
  volumeMounts: [{ name: "cni", mountPath: "/etc/cni/net.d" }, config],
});

function daemon(release: FlannelRelease, apiServer: string | undefined): Container {
  const amounts = { cpu: "100m", memory: "50Mi" };
  return {
    name: "kube-flannel",
    image: release.images.daemon,
    command: ["/opt/bin/flanneld"],
    args: [
      "--ip-masq",
      "--kube-subnet-mgr",
      ...(release.healthPort > 0 ? [`--healthz-port=${release.healthPort}`] : []),
    ],
    ...(release.healthPort > 0 ? probes(release.healthPort) : {}),
    resources: { requests: amounts, ...(release.limits ? { limits: amounts } : {}) },
    securityContext: { privileged: false, capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
    env: [
      { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
      { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "EVENT_QUEUE_DEPTH", value: "5000" },
      ...(apiServer === undefined ? [] : apiServerEnv(apiServer)),
    ],
    volumeMounts: [
      { name: "run", mountPath: "/run/flannel" },
      config,
      { name: "xtables-lock", mountPath: "/run/xtables.lock" },
    ],
  };
}

/** Alive once it answers; ready once it holds a subnet. */
const probes = (port: number): Pick<Container, "livenessProbe" | "readinessProbe"> => ({
  livenessProbe: { httpGet: { path: "/healthz", port }, initialDelaySeconds: 10, periodSeconds: 30 },
  readinessProbe: { httpGet: { path: "/readyz", port }, initialDelaySeconds: 5, periodSeconds: 10 },
});
