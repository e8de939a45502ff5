import { describe, expect, it } from "vitest";
import {
  clusterCounters,
  clusterOf,
  readEndpoints,
  readIstioRequests,
  readStats,
} from "../../scripts/lib/traffic/envoy";
import { fixture } from "./support";

const host = "reviews.bookinfo.svc.cluster.local";

describe("clusterOf", () => {
  it.each([
    [`outbound|9080|v1|${host}`, { port: 9080, subset: "v1", host }],
    [`outbound|9080||${host};`, { port: 9080, subset: "", host }],
    ["inbound|9080||", undefined],
    ["PassthroughCluster", undefined],
  ])("takes %s apart", (name, wanted) => {
    expect(clusterOf(name)).toEqual(wanted);
  });
});

describe("clusterCounters", () => {
  it.each([
    ["newer Istio, with a mark where the name ends", ";"],
    ["older Istio, without", ""],
  ])("reads names of %s", (_, mark) => {
    const text = [
      `cluster.outbound|9080|v1|${host}${mark}.upstream_rq_200: 788`,
      `cluster.outbound|9080|v1|${host}${mark}.internal.upstream_rq_503: 2`,
      `cluster.outbound|9080||${host}${mark}.outlier_detection.ejections_enforced_total: 1`,
      `cluster.outbound|9080|v1|${host}${mark}.upstream_rq_time: P0(nan,1) P25(nan,1.02)`,
      "cluster.xds-grpc.upstream_rq_200: 4",
    ].join("\n");
    expect(clusterCounters(readStats(text))).toEqual([
      { cluster: `outbound|9080|v1|${host}`, counter: "upstream_rq_200", value: 788 },
      { cluster: `outbound|9080|v1|${host}`, counter: "internal.upstream_rq_503", value: 2 },
      { cluster: `outbound|9080||${host}`, counter: "outlier_detection.ejections_enforced_total", value: 1 },
    ]);
  });
});

describe("readEndpoints", () => {
  it("reads what a real Envoy says of each pod", () => {
    expect(readEndpoints(fixture("all-after-clusters.txt"))).toEqual([
      { cluster: `outbound|9080||${host}`, address: "127.0.0.1:18081", total: 100, success: 100, error: 0 },
      { cluster: `outbound|9080||${host}`, address: "127.0.0.1:18082", total: 100, success: 100, error: 0 },
    ]);
  });

  it("reads addresses of either family", () => {
    const text = `outbound|80||a.b.svc.cluster.local::[fd00::1]:8080::rq_total::3`;
    expect(readEndpoints(text)).toEqual([
      {
        cluster: "outbound|80||a.b.svc.cluster.local",
        address: "[fd00::1]:8080",
        total: 3,
        success: 0,
        error: 0,
      },
    ]);
  });
});

describe("readIstioRequests", () => {
  it("reads samples with their labels", () => {
    const text = [
      "# TYPE istio_requests_total counter",
      'istio_requests_total{reporter="source",destination_version="v1",response_code="200"} 17',
      'istio_requests_total{reporter="source",destination_service="a\\"b",response_code="503"} 1e+06',
      "istio_request_bytes_sum{} 4",
    ].join("\n");
    expect(readIstioRequests(text)).toEqual([
      { labels: { reporter: "source", destination_version: "v1", response_code: "200" }, value: 17 },
      { labels: { reporter: "source", destination_service: 'a"b', response_code: "503" }, value: 1_000_000 },
    ]);
  });
});
