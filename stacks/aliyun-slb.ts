import type { Platform } from "./config/load";
import { buildPlatform } from "./platform";

/**
 * Node ports on which the SLB will find the ingress gateway on every worker: those of source document 000. They are
 * named here, before there is a gateway, because the SLB's listeners and health check are set up beside the cluster.
 */
const ingressNodePorts = { status: 32045, http2: 30080, https: 30443 } as const;

/** A cluster on ECS machines from Aliyun's mirrors, with what an SLB in front of it has to be told. */
export async function aliyunSlb(platform: Platform) {
  const backends = platform.members.filter(({ roles, gone }) => roles.includes("worker") && !gone);
  return {
    ...(await buildPlatform(platform)),
    ingress: {
      nodePorts: ingressNodePorts,
      healthCheck: { path: "/healthz/ready", port: ingressNodePorts.status },
      backends: backends.map(({ address }) => address),
    },
  };
}
