import { describe, expect, it } from "vitest";
import { defaultThresholds, meshRecordings, meshRules, series } from "../../../components/addons/mesh-rules";
import { alertGroups, renderAlert } from "../../../components/addons/prometheus-rules";

const expressions = (kind: "istio" | "envoy") =>
  Object.fromEntries(meshRecordings(kind).map(({ record, expr }) => [record, expr]));

describe("meshRecordings", () => {
  it("count by the called service, as its callers see it, with Istio's own counters", () => {
    const istio = expressions("istio");
    expect(istio[series.requests]).toBe(
      'sum by (service) (label_replace(rate(istio_requests_total{reporter="source"}[5m]), "service", "$1", "destination_service", "(.+)"))',
    );
    expect(istio[series.failures]).toBe(
      'sum by (service) (label_replace(rate(istio_requests_total{reporter="source", response_code=~"5.."}[5m]), "service", "$1", "destination_service", "(.+)"))',
    );
  });

  it("read the service out of the names of Envoy's clusters", () => {
    const envoy = expressions("envoy");
    expect(envoy[series.requests]).toBe(
      'sum by (service) (label_replace(rate(envoy_cluster_upstream_rq_total{cluster_name=~"outbound[|].+"}[5m]), "service", "$1", "cluster_name", "outbound[|].*[|].*[|](.+)"))',
    );
    expect(envoy[series.failures]).toContain('response_code_class="5xx"');
    expect(envoy[series.answered]).toBe(
      'sum by (namespace, workload) (rate(envoy_cluster_upstream_rq_total{cluster_name=~"inbound[|].+"}[5m]))',
    );
  });

  it("record the same series in the same order, whoever counts", () => {
    const names = (kind: "istio" | "envoy") => meshRecordings(kind).map(({ record }) => record);
    expect(names("istio")).toEqual(names("envoy"));
    expect([...names("istio")].sort()).toEqual(Object.values(series).sort());
  });

  it("take a service without failures for one that fails never, not for one that is unknown", () => {
    expect(expressions("istio")[series.errorRatio]).toBe(
      "((service:mesh_failures:rate5m) or (0 * (service:mesh_requests:rate5m))) / ((service:mesh_requests:rate5m) > 0)",
    );
  });
});

describe("meshRules", () => {
  it("watch what the documents wished for, and istiod itself", () => {
    expect(meshRules().map(({ name }) => name)).toEqual([
      "MeshErrorRate",
      "MeshLatency",
      "MeshWorkloadCertificateExpires",
      "MeshGatewayCertificateExpires",
      "MeshRootCertificateExpires",
      "MeshPushErrors",
      "MeshConfigRejected",
      "MeshPushSlow",
      "MeshControlPlaneDown",
    ]);
  });

  it("become alerts of Prometheus", () => {
    const [first] = meshRules({ ...defaultThresholds, errorRatio: 0.02, minutes: 3 });
    if (first === undefined) throw new Error("there is no rule");
    expect(renderAlert(first)).toEqual({
      alert: "MeshErrorRate",
      expr: "(service:mesh_errors:ratio5m and on (service) (service:mesh_requests:rate5m > 0.1)) > 0.02",
      for: "3m",
      labels: { severity: "critical" },
      annotations: {
        summary: "{{ $labels.service }} fails too many requests with 5xx",
        description:
          "Look at the service's pods and logs, then at its DestinationRule: open circuits answer 503 too.",
        value: "{{ $value }}",
        threshold: "0.02",
      },
    });
  });

  it("speak up at once where a proxy rejects its config", () => {
    const { groups } = alertGroups(defaultThresholds);
    const rejected = groups[0]?.rules.find((rule) => "alert" in rule && rule.alert === "MeshConfigRejected");
    expect(rejected).toMatchObject({
      expr:
        "(sum by (type) ((pilot_total_xds_rejects unless pilot_total_xds_rejects offset 10m) " +
        "or increase(pilot_total_xds_rejects[10m]))) > 0",
    });
    expect(rejected).not.toHaveProperty("for");
  });
});
