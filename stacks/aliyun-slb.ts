import type { Platform } from "./config/load";
import { buildPlatform } from "./platform";

/** Path and name of the port at which the ingress gateway says how it is. */
const health = { path: "/healthz/ready", port: "status-port" } as const;

/**
 * A cluster on ECS machines from Aliyun's mirrors, with an SLB in front of its ingress gateway. Says what whoever looks
 * after the SLB has to know: its backends, and the ports of theirs that it finds the gateway on.
 */
export async function aliyunSlb(platform: Platform) {
  const backends = platform.members.filter(({ roles, gone }) => roles.includes("worker") && !gone);
  const nodePorts = ingressNodePorts(platform);
  return {
    ...(await buildPlatform(platform)),
    ingress: {
      ...(nodePorts === undefined
        ? {}
        : { nodePorts, healthCheck: { path: health.path, port: nodePorts[health.port] } }),
      backends: backends.map(({ address }) => address),
    },
  };
}

/** Ports of the nodes as the config has them for the first ingress gateway; undefined where the cluster chooses. */
function ingressNodePorts({ config: { mesh } }: Platform) {
  const gateways = mesh === false ? [] : (mesh.gateways ?? []);
  const expose = gateways.find(({ direction }) => direction === "ingress")?.expose;
  return expose !== undefined && "nodePorts" in expose ? expose.nodePorts : undefined;
}
