import { Lab } from "./lab";

const httpPort = 30080;
export const prometheusPort = 30046;

/** A cluster with nothing on it. */
export const cluster = { composition: "dev", hosts: { kind: "sandbox", workers: 1 } };

const ingress = {
  name: "istio-ingressgateway",
  expose: { kind: "nodePort", nodePorts: { "status-port": 32045, http2: httpPort, https: 30443 } },
};
export const mesh = { mtls: "strict", gateways: [ingress] };
const addons = {
  prometheus: {
    intervalSeconds: 5,
    expose: { kind: "nodePort", nodePorts: { http: prometheusPort } },
    persistence: { kind: "hostPath", path: "/var/lib/mesh-platform-data/prometheus", node: "worker1" },
  },
  alerts: { thresholds: { minutes: 0 } },
};
export const apps = {
  bookinfo: {},
  httpbin: {},
  fortio: {},
  clients: [{}, { name: "stranger", namespace: "outside" }],
  injection: { outside: "disabled" },
};

/** A lab with Istio, Prometheus, the book shop, and clients with a proxy and without. */
export class MeshLab extends Lab {
  withMesh(more: Record<string, unknown> = {}): void {
    this.configure({ ...cluster, mesh, addons, apps, ...more });
  }

  get productPage(): string {
    return `http://${this.address("worker1")}:${httpPort}/productpage`;
  }

  /** What kubectl says, line by line. */
  lines(...args: string[]): string[] {
    return this.kubectl(...args)
      .trim()
      .split("\n");
  }

  /** Ready and all containers of each pod; a native sidecar is an init container that goes on. */
  readiness(namespace: string): (string | undefined)[] {
    return this.lines("-n", namespace, "get", "pods", "--no-headers").map((line) => line.split(/\s+/)[1]);
  }
}
