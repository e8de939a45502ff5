import type { types } from "@pulumi/kubernetes";
import { atLeast } from "../lib/versions";
import { apiServerEnv } from "./api-server";

export interface KubeRouterSettings {
  /** Three numbers without a leading v; 1.0.0 or later. 2.x needs Kubernetes 1.21. */
  readonly version: string;
  /** Whether it connects the pods, by routes that its BGP learns, and makes their CNI configuration. */
  readonly router: boolean;
  /** Whether it enforces NetworkPolicy. */
  readonly firewall: boolean;
  /** Whether it serves Services by IPVS, in place of kube-proxy. Needs the kernel module ip_vs. */
  readonly serviceProxy: boolean;
  /** Network of the services; kubeadm's serviceSubnet. With another one, policies block Services. */
  readonly serviceSubnet: string;
  /** Ports of NodePort services, `FIRST-LAST`; those of the API server. Default 30000-32767. */
  readonly nodePortRange?: string | undefined;
  /** Networks of load balancers' addresses; others are then refused. Default: any address, as with kube-proxy. */
  readonly loadBalancerRanges?: readonly string[];
  /** Networks of Services' externalIPs; others are then refused. Default: any address, as with kube-proxy. */
  readonly externalIpRanges?: readonly string[];
  /** HOST:PORT of the API server; its service address would have to be served by the pod that asks. */
  readonly apiServer: string;
}

/** Not `latest`, which upstream's own manifests name and pull at every start. */
export const kubeRouterImage = (version: string): string =>
  `docker.io/cloudnativelabs/kube-router:v${version}`;

const healthPort = 20244;
const cniFile = "/etc/cni/net.d/10-kuberouter.conflist";
const defaultNodePorts = "30000-32767";

/** Every flag that decides something, so that no default of a later version decides it otherwise. */
export function renderKubeRouterArgs(settings: KubeRouterSettings): string[] {
  const { version, router, firewall, serviceProxy } = settings;
  const [balancers, externals] = [settings.loadBalancerRanges ?? [], settings.externalIpRanges ?? []];
  const strict = balancers.length + externals.length > 0;
  return [
    `--run-router=${router}`,
    `--run-firewall=${firewall}`,
    `--run-service-proxy=${serviceProxy}`,
    // Otherwise it looks for a CNI configuration of its own, which beside another pod network there is not.
    `--enable-cni=${router}`,
    `--service-cluster-ip-range=${settings.serviceSubnet}`,
    `--service-node-port-range=${settings.nodePortRange ?? defaultNodePorts}`,
    `--health-port=${healthPort}`,
    ...(router ? ["--bgp-graceful-restart=true"] : []),
    // On by default since 2.8, and then every such address is refused that no range allows.
    ...(atLeast(version, "2.8") ? [`--strict-external-ip-validation=${strict}`] : []),
    ...(atLeast(version, "2.0") ? balancers.map((range) => `--loadbalancer-ip-range=${range}`) : []),
    ...(atLeast(version, "1.2") ? externals.map((range) => `--service-external-ip-range=${range}`) : []),
  ];
}

/** The CNI configuration, for the router alone; it fills in the node's own part of the pod network itself. */
export function renderKubeRouterCni(): string {
  const bridge = {
    name: "kubernetes",
    type: "bridge",
    bridge: "kube-bridge",
    isDefaultGateway: true,
    hairpinMode: true,
    ipam: { type: "host-local" },
  };
  const portmap = { type: "portmap", capabilities: { portMappings: true, snat: true } };
  const config = { cniVersion: "0.3.0", name: "kube-router", plugins: [bridge, portmap] };
  return `${JSON.stringify(config, undefined, 2)}\n`;
}

/** One that is there holds the node's subnet by now. It is moved into place whole: the runtime watches the folder. */
const installCni = `[ -f ${cniFile} ] || { cp /etc/kube-router/cni-conf.json ${cniFile}.tmp && mv ${cniFile}.tmp ${cniFile}; }`;

/** The pod on every node. */
export function renderKubeRouterPod(settings: KubeRouterSettings): types.input.core.v1.PodSpec {
  const image = kubeRouterImage(settings.version);
  const cni = { name: "cni-conf-dir", mountPath: "/etc/cni/net.d" };
  const { router } = settings;
  return {
    hostNetwork: true,
    // It enters the network namespaces of containers, which it finds by process.
    hostPID: true,
    priorityClassName: "system-node-critical",
    serviceAccountName: "kube-router",
    nodeSelector: { "kubernetes.io/os": "linux" },
    // Before there is a pod network every node is tainted, and without Services nothing else can help it.
    tolerations: [{ operator: "Exists" }],
    ...(router
      ? {
          initContainers: [
            {
              name: "install-cni",
              image,
              imagePullPolicy: "IfNotPresent",
              command: ["/bin/sh", "-c", installCni],
              volumeMounts: [cni, { name: "kube-router-cfg", mountPath: "/etc/kube-router" }],
            },
          ],
        }
      : {}),
    containers: [
      {
        name: "kube-router",
        image,
        imagePullPolicy: "IfNotPresent",
        args: renderKubeRouterArgs(settings),
        env: [
          { name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
          { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          ...(router ? [{ name: "KUBE_ROUTER_CNI_CONF_FILE", value: cniFile }] : []),
          ...apiServerEnv(settings.apiServer),
        ],
        livenessProbe: {
          httpGet: { path: "/healthz", port: healthPort },
          initialDelaySeconds: 10,
          periodSeconds: 3,
        },
        resources: { requests: { cpu: "250m", memory: "250Mi" } },
        securityContext: { privileged: true },
        volumeMounts: [
          { name: "lib-modules", mountPath: "/lib/modules", readOnly: true },
          ...(router ? [cni] : []),
          { name: "xtables-lock", mountPath: "/run/xtables.lock" },
        ],
      },
    ],
    volumes: [
      { name: "lib-modules", hostPath: { path: "/lib/modules" } },
      ...(router
        ? [
            { name: "cni-conf-dir", hostPath: { path: "/etc/cni/net.d" } },
            { name: "kube-router-cfg", configMap: { name: "kube-router-cfg" } },
          ]
        : []),
      { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
    ],
  };
}
