import type { Exposure } from "../mesh/exposure-types";

/**
 * Addresses by which people reach something, as far as the config tells. A port that the cluster chooses, and the
 * address of a load balancer, are known to the cluster alone.
 */
export function outsideUrls(
  exposure: Exposure,
  port: { readonly name: string; readonly container: number },
  nodes: readonly string[],
  path = "/",
): string[] {
  switch (exposure.kind) {
    case "ingress":
      return [`${exposure.tlsSecretName === undefined ? "http" : "https"}://${exposure.host}${path}`];
    case "nodePort": {
      const number = exposure.nodePorts?.[port.name];
      return number === undefined ? [] : nodes.map((address) => `http://${address}:${number}${path}`);
    }
    case "hostNetwork":
      return nodes.map((address) => `http://${address}:${port.container}${path}`);
    default:
      return [];
  }
}
