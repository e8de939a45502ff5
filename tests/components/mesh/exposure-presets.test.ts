import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { type Exposure, expose } from "../../../components/mesh/exposure";
import { exposurePresets } from "../../../components/mesh/exposure-presets";
import {
  demoPorts,
  gatewayServiceValues,
  operatorGatewayPorts,
} from "../../../components/mesh/gateway-service";
import { checkNodePorts } from "../../../components/mesh/node-ports";

const services = {
  grafana: [{ name: "service", port: 3000 }],
  kiali: [
    { name: "http", port: 20001 },
    { name: "http-metrics", port: 9090 },
  ],
  tracing: [{ name: "http-query", port: 80, targetPort: 16686 }],
  prometheus: [{ name: "http", port: 9090 }],
} as const;

const exposed = (name: keyof typeof services, exposure: Exposure) =>
  expose(exposure, { name, namespace: "istio-system", selector: { app: name }, ports: services[name] });

const gatewayPorts = [...operatorGatewayPorts, ...demoPorts];

/** `80:32430`, as kubectl prints the ports of a Service. */
function printed(service: { readonly ports: readonly object[] }): string[] {
  const ports = service.ports as readonly { port: number; nodePort?: number }[];
  return ports.map(({ port, nodePort }) => (nodePort === undefined ? `${port}` : `${port}:${nodePort}`));
}

const specOf = ({ spec }: KubeObject) => spec as { type: string; ports: readonly object[] };

describe("node ports of the source documents", () => {
  it.each([
    ["seed000", "grafana", ["3000:30300"]],
    ["seed000", "kiali", ["20001:30201", "9090"]],
    ["seed000", "tracing", ["80:30686"]],
    ["seed002", "grafana", ["3000:30190"]],
    ["seed002", "tracing", ["80:30111"]],
    ["seed002", "prometheus", ["9090:30046"]],
  ] as const)("%s: %s at %j", (preset, name, ports) => {
    const presets: Partial<Record<string, Exposure>> = exposurePresets[preset];
    const exposure = presets[name] ?? { kind: "clusterIP" };
    const spec = specOf(exposed(name, exposure).service);
    expect([spec.type, printed(spec)]).toEqual(["NodePort", ports]);
  });

  it.each([
    ["seed000", operatorGatewayPorts, ["15021:30197", "80:32430", "443:30032"]],
    ["seed002", gatewayPorts, ["15021:31880", "80:31966", "443:32273", "31400:31340", "15443:30333"]],
    ["seed003", operatorGatewayPorts, ["15021", "80:30779", "443"]],
  ] as const)("%s: the ingress gateway at the ports that its document shows", (preset, ports, expected) => {
    expect(printed(gatewayServiceValues(exposurePresets[preset].ingress, ports).service)).toEqual(expected);
  });

  it("leaves Prometheus of document 000 inside the cluster", () => {
    expect(exposurePresets.seed000.prometheus).toEqual({ kind: "clusterIP" });
  });

  it.each(["seed000", "seed002", "seed003"] as const)("%s: none is out of range or taken twice", (preset) => {
    const { ingress, ...others } = exposurePresets[preset];
    const gateway: KubeObject = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "istio-ingressgateway", namespace: "istio-system" },
      spec: gatewayServiceValues(ingress, gatewayPorts).service,
    };
    const objects = Object.entries(others).map(
      ([name, exposure]) => exposed(name as keyof typeof services, exposure).service,
    );
    expect(objects.length).toBeGreaterThan(2);
    expect(checkNodePorts([gateway, ...objects])).toEqual([]);
  });
});

describe("Ingresses of source document 003", () => {
  it.each([
    ["prometheus", "prometheus", "prometheus.istio.com", 9090],
    ["grafana", "grafana", "grafana.istio.com", 3000],
    ["tracing", "jaeger", "jaeger.istio.com", 80],
    ["kiali", "kiali", "kiali.istio.com", 20001],
  ] as const)("%s: by the Ingress %s for %s to port %i", (service, name, host, number) => {
    const { ingress } = exposed(service, exposurePresets.seed003[service]);
    expect(ingress).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name, namespace: "istio-system", annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        rules: [
          {
            host,
            http: {
              paths: [
                { path: "/", pathType: "Prefix", backend: { service: { name: service, port: { number } } } },
              ],
            },
          },
        ],
      },
    });
  });
});
