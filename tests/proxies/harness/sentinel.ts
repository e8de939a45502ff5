import type { KubeObject } from "../../../components/lib/objects";
import { gatewayLabels, serviceObject } from "./cast";

const namespace = "sentinel";
const place = { name: "sentinel", namespace };

/** A name that every proxy answers by itself, with what was declared last. */
export const sentinelHost = "sentinel.sentinel.svc.cluster.local";

export const sentinelObjects = {
  namespaces: [namespace],
  objects: [
    serviceObject({ ...place, versions: [], ports: { http: 80 } }),
    {
      apiVersion: "networking.istio.io/v1",
      kind: "Gateway",
      metadata: place,
      spec: {
        selector: gatewayLabels,
        servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: [sentinelHost] }],
      },
    },
  ] satisfies KubeObject[],
};

export const sentinelRoute = (text: string): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: place,
  spec: {
    hosts: [sentinelHost],
    gateways: ["mesh", "sentinel"],
    http: [{ directResponse: { status: 200, body: { string: text } } }],
  },
});
