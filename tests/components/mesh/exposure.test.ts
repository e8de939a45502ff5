import { describe, expect, it } from "vitest";
import { type ExposedService, type Exposure, expose } from "../../../components/mesh/exposure";

const kiali: ExposedService = {
  name: "kiali",
  namespace: "istio-system",
  labels: { app: "kiali" },
  selector: { "app.kubernetes.io/name": "kiali" },
  ports: [
    { name: "http", port: 20001 },
    { name: "http-metrics", port: 9090, appProtocol: "http" },
  ],
};

const http = { name: "http", port: 20001, protocol: "TCP", targetPort: 20001 };
const metrics = { name: "http-metrics", port: 9090, protocol: "TCP", targetPort: 9090, appProtocol: "http" };
const metadata = { name: "kiali", namespace: "istio-system", labels: { app: "kiali" } };
const selector = { "app.kubernetes.io/name": "kiali" };

describe("expose", () => {
  it.each<[Exposure, object, object]>([
    [{ kind: "clusterIP" }, metadata, { type: "ClusterIP", selector, ports: [http, metrics] }],
    [{ kind: "nodePort" }, metadata, { type: "NodePort", selector, ports: [http, metrics] }],
    [
      { kind: "nodePort", nodePorts: { http: 30201 }, externalTrafficPolicy: "Local" },
      metadata,
      {
        type: "NodePort",
        selector,
        ports: [{ ...http, nodePort: 30201 }, metrics],
        externalTrafficPolicy: "Local",
      },
    ],
    [
      { kind: "loadBalancer" },
      { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      { type: "LoadBalancer", selector, ports: [http, metrics] },
    ],
    [
      {
        kind: "loadBalancer",
        awaitAddress: true,
        nodePorts: { "http-metrics": 31946 },
        annotations: { "metallb.io/address-pool": "lab" },
        externalTrafficPolicy: "Local",
        healthCheckNodePort: 32000,
        loadBalancerSourceRanges: ["10.0.0.0/8"],
        loadBalancerClass: "metallb.io/lab",
      },
      { ...metadata, annotations: { "metallb.io/address-pool": "lab" } },
      {
        type: "LoadBalancer",
        selector,
        ports: [http, { ...metrics, nodePort: 31946 }],
        externalTrafficPolicy: "Local",
        healthCheckNodePort: 32000,
        loadBalancerSourceRanges: ["10.0.0.0/8"],
        loadBalancerClass: "metallb.io/lab",
      },
    ],
    [
      { kind: "hostNetwork", nodeSelector: { edge: "true" } },
      metadata,
      { type: "ClusterIP", selector, ports: [http, metrics] },
    ],
  ])("makes the Service of %j", (exposure, expectedMetadata, spec) => {
    expect(expose(exposure, kiali).service).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: expectedMetadata,
      spec,
    });
    expect(expose(exposure, kiali).ingress).toBeUndefined();
  });

  it("asks the pods for the host's network, on chosen nodes, with the cluster's DNS", () => {
    expect(expose({ kind: "hostNetwork", nodeSelector: { edge: "true" } }, kiali).pod).toEqual({
      hostNetwork: true,
      dnsPolicy: "ClusterFirstWithHostNet",
      nodeSelector: { edge: "true" },
    });
    expect(expose({ kind: "nodePort" }, kiali).pod).toEqual({});
  });

  it("makes an Ingress beside a Service inside the cluster, and does not wait for its address", () => {
    const exposed = expose(
      {
        kind: "ingress",
        host: "kiali.istio.com",
        ingressClassName: "nginx",
        tlsSecretName: "kiali-tls",
        port: "http-metrics",
        name: "dashboard",
        annotations: { "nginx.ingress.kubernetes.io/proxy-read-timeout": "60" },
      },
      kiali,
    );
    expect(exposed.service.spec).toEqual({ type: "ClusterIP", selector, ports: [http, metrics] });
    expect(exposed.ingress).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: {
        name: "dashboard",
        namespace: "istio-system",
        labels: { app: "kiali" },
        annotations: {
          "nginx.ingress.kubernetes.io/proxy-read-timeout": "60",
          "pulumi.com/skipAwait": "true",
        },
      },
      spec: {
        ingressClassName: "nginx",
        tls: [{ hosts: ["kiali.istio.com"], secretName: "kiali-tls" }],
        rules: [
          {
            host: "kiali.istio.com",
            http: {
              paths: [
                {
                  path: "/",
                  pathType: "Prefix",
                  backend: { service: { name: "kiali", port: { number: 9090 } } },
                },
              ],
            },
          },
        ],
      },
    });
  });

  it.each<[Exposure, string]>([
    [
      { kind: "nodePort", nodePorts: { web: 30201 } },
      "Service istio-system/kiali: nodePorts names web; allowed are its ports http, http-metrics; correct the name",
    ],
    [
      { kind: "ingress", host: "kiali.istio.com", port: "web" },
      "Ingress istio-system/kiali: port is web; allowed are the Service's ports http, http-metrics; correct the name",
    ],
    [
      {
        kind: "loadBalancer",
        annotations: { "service.beta.kubernetes.io/alicloud-loadbalancer-id": "lb-uf6abc" },
      },
      "loadBalancer: annotations has service.beta.kubernetes.io/alicloud-loadbalancer-id; allowed are others than " +
        "Aliyun's; write kind: aliyunSlb, which asks whether listeners of that instance may be replaced",
    ],
  ])("refuses %j", (exposure, message) => {
    expect(() => expose(exposure, kiali)).toThrow(message);
  });
});
