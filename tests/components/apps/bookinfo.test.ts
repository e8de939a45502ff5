import { describe, expect, it } from "vitest";
import { renderBookinfo } from "../../../components/apps/bookinfo";
import { titleOf } from "../../../components/lib/objects";
import { mesh } from "./mesh";

const args = { namespace: "bookinfo", mesh } as const;
const titles = (...more: Parameters<typeof renderBookinfo>) => renderBookinfo(...more).map(titleOf);

describe("renderBookinfo", () => {
  it("makes an account, a Service and Deployments for each service, and one way in", () => {
    expect(titles(args)).toEqual([
      "ServiceAccount bookinfo/bookinfo-details",
      "Service bookinfo/details",
      "Deployment bookinfo/details-v1",
      "ServiceAccount bookinfo/bookinfo-ratings",
      "Service bookinfo/ratings",
      "Deployment bookinfo/ratings-v1",
      "ServiceAccount bookinfo/bookinfo-reviews",
      "Service bookinfo/reviews",
      "Deployment bookinfo/reviews-v1",
      "Deployment bookinfo/reviews-v2",
      "Deployment bookinfo/reviews-v3",
      "ServiceAccount bookinfo/bookinfo-productpage",
      "Service bookinfo/productpage",
      "Deployment bookinfo/productpage-v1",
      "Gateway bookinfo/bookinfo-gateway",
      "VirtualService bookinfo/bookinfo",
    ]);
  });

  it("gives a Deployment named ports, probes, an unprivileged user, time to leave, and the proxy that it is born with", () => {
    const reviews = renderBookinfo({ ...args, pods: { proxy: "default/1.31.0", drainSeconds: 5 } }).find(
      ({ metadata }) => metadata.name === "reviews-v2",
    );
    const labels = { app: "reviews", version: "v2" };
    const asked = { httpGet: { path: "/health", port: "http" } };
    expect(reviews).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "reviews-v2", namespace: "bookinfo", labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels, annotations: { "mesh-platform/proxy": "default/1.31.0" } },
          spec: {
            serviceAccountName: "bookinfo-reviews",
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            containers: [
              {
                name: "reviews",
                image: "docker.io/istio/examples-bookinfo-reviews-v2:1.20.3",
                imagePullPolicy: "IfNotPresent",
                env: [{ name: "LOG_DIR", value: "/tmp/logs" }],
                ports: [{ name: "http", containerPort: 9080, protocol: "TCP" }],
                startupProbe: { ...asked, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 90 },
                readinessProbe: { ...asked, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
                livenessProbe: { ...asked, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
                lifecycle: { preStop: { sleep: { seconds: 5 } } },
                resources: { requests: { cpu: "10m", memory: "128Mi" } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  runAsUser: 1001,
                  runAsNonRoot: true,
                  capabilities: { drop: ["ALL"] },
                  seccompProfile: { type: "RuntimeDefault" },
                },
                volumeMounts: [
                  { name: "scratch-0", mountPath: "/tmp" },
                  { name: "scratch-1", mountPath: "/opt/ibm/wlp/output" },
                ],
              },
            ],
            volumes: [
              { name: "scratch-0", emptyDir: {} },
              { name: "scratch-1", emptyDir: {} },
            ],
          },
        },
      },
    });
  });

  it("has subsets only for versions that run", () => {
    const rules = renderBookinfo({ ...args, reviews: ["v2"], subsets: true }).filter(
      ({ kind }) => kind === "DestinationRule",
    );
    expect(rules.map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
      ["details", { host: "details", subsets: [{ name: "v1", labels: { version: "v1" } }] }],
      ["ratings", { host: "ratings", subsets: [{ name: "v1", labels: { version: "v1" } }] }],
      ["reviews", { host: "reviews", subsets: [{ name: "v2", labels: { version: "v2" } }] }],
      ["productpage", { host: "productpage", subsets: [{ name: "v1", labels: { version: "v1" } }] }],
    ]);
  });

  it("writes the API that the mesh has", () => {
    const old = renderBookinfo({ ...args, mesh: { ...mesh, version: "1.10.0" }, subsets: true });
    const versions = old.filter(({ apiVersion }) => apiVersion.includes("istio"));
    expect(new Set(versions.map(({ apiVersion }) => apiVersion))).toEqual(
      new Set(["networking.istio.io/v1beta1"]),
    );
  });

  it("has no way in where the mesh has no ingress gateway, or where no host is named", () => {
    expect(titles({ ...args, hosts: [] }).filter((title) => /^(Gateway|VirtualService)/.test(title))).toEqual(
      [],
    );
    const kinds = renderBookinfo({ namespace: "bookinfo", mesh: { version: "1.31.0" } }).map(
      ({ kind }) => kind,
    );
    expect(kinds.filter((kind) => kind === "Gateway" || kind === "VirtualService")).toEqual([]);
  });
});
