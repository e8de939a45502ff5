import { describe, expect, it } from "vitest";
import { imageOf } from "../../../components/addons/images";
import { outsideUrls } from "../../../components/addons/outside";
import { addonVersions, knownIstioLines } from "../../../components/addons/versions";
import { addonVersions as built } from "../../../components/sandbox/mirror/versions";

describe("addonVersions", () => {
  it("are by default those that the sandbox's mirror builds", () => {
    const { prometheus, jaeger } = built;
    expect(addonVersions("1.32.0-alpha.20260827")).toMatchObject({ prometheus, jaeger });
  });

  it.each([
    ["1.7.4", "2.19.0", "7.0.5", "1.18.0", "1.22.1"],
    ["1.10.0", "2.24.0", "7.4.3", "1.20.0", "1.34.1"],
    ["1.13.2", "2.31.1", "8.3.1", "1.29.0", "1.45.1"],
    ["1.29.8", "3.5.0", "12.0.1", "1.70.0", "2.17.0"],
    ["1.31.1", "3.10.0", "12.0.1", "2.13.0", "2.27.0"],
  ])("goes with Istio %s", (istio, prometheus, grafana, jaeger, kiali) => {
    expect(addonVersions(istio)).toMatchObject({ prometheus, grafana, jaeger, kiali });
  });

  it("takes the newest line for versions that the table does not know yet, builds before a release too", () => {
    expect(addonVersions("1.32.0-alpha.20260827")).toEqual(addonVersions("1.31.0"));
    expect(knownIstioLines[0]).toBe("1.31");
  });
});

describe("imageOf", () => {
  it.each([
    ["prometheus", "3.10.0", "docker.io/prom/prometheus:v3.10.0"],
    ["grafana", "12.0.1", "docker.io/grafana/grafana:12.0.1"],
    ["jaeger", "2.13.0", "docker.io/jaegertracing/jaeger:2.13.0"],
    ["jaeger", "1.70.0", "docker.io/jaegertracing/all-in-one:1.70.0"],
    ["kiali", "2.27.0", "quay.io/kiali/kiali:v2.27.0"],
    ["elasticsearch", "8.19.16", "docker.elastic.co/elasticsearch/elasticsearch:8.19.16"],
    ["kibana", "8.19.16", "docker.elastic.co/kibana/kibana:8.19.16"],
    ["fluentBit", "4.2.3", "docker.io/fluent/fluent-bit:4.2.3"],
  ] as const)("finds %s %s where its project publishes it", (program, version, image) => {
    expect(imageOf(program, version)).toBe(image);
  });
});

describe("outsideUrls", () => {
  const port = { name: "http", container: 20001 };
  const nodes = ["172.16.8.241", "172.16.8.242"];
  it.each([
    [
      { kind: "nodePort", nodePorts: { http: 30201 } },
      ["http://172.16.8.241:30201/kiali", "http://172.16.8.242:30201/kiali"],
    ],
    [{ kind: "nodePort" }, []],
    [{ kind: "ingress", host: "kiali.istio.com" }, ["http://kiali.istio.com/kiali"]],
    [{ kind: "ingress", host: "kiali.istio.com", tlsSecretName: "tls" }, ["https://kiali.istio.com/kiali"]],
    [{ kind: "hostNetwork" }, ["http://172.16.8.241:20001/kiali", "http://172.16.8.242:20001/kiali"]],
    [{ kind: "clusterIP" }, []],
  ] as const)("tells what can be told of %j", (exposure, urls) => {
    expect(outsideUrls(exposure, port, nodes, "/kiali")).toEqual(urls);
  });
});
