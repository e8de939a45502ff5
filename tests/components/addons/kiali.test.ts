import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { KialiArgs } from "../../../components/addons/kiali";
import { Kiali, renderKiali } from "../../../components/addons/kiali";
import { kialiPolicies } from "../../../components/addons/kiali-config";
import { record } from "../../support/recorder";
import { kialiArgs, the, titles } from "./args";

const config = (args: Partial<KialiArgs> = {}) =>
  parse(the(renderKiali({ ...kialiArgs, ...args }), "ConfigMap istio-system/kiali").data["config.yaml"]);

const linked = {
  grafana: { insideUrl: "http://grafana.istio-system:3000", outsideUrl: "http://grafana.istio.com/" },
  tracing: { insideUrl: "http://tracing.istio-system:80/jaeger" },
};

describe("renderKiali", () => {
  it("makes everything that it needs, in order", () => {
    expect(titles(renderKiali(kialiArgs))).toEqual([
      "ServiceAccount istio-system/kiali",
      "ClusterRole kiali-istio-system",
      "ClusterRoleBinding kiali-istio-system",
      "ConfigMap istio-system/kiali",
      "Secret istio-system/kiali-signing-key",
      "Service istio-system/kiali",
      "Deployment istio-system/kiali",
    ]);
    expect(the(renderKiali(kialiArgs), "Service istio-system/kiali").spec.ports).toEqual([
      { name: "http", port: 20001, protocol: "TCP", targetPort: 20001, appProtocol: "http" },
      { name: "http-metrics", port: 9090, protocol: "TCP", targetPort: 9090, appProtocol: "http" },
    ]);
  });

  it("knows the others from inside, and links to them where people can reach them", () => {
    const { prometheus, grafana, tracing } = config(linked).external_services;
    expect(prometheus).toEqual({ url: "http://prometheus.istio-system:9090" });
    expect(grafana).toEqual({
      enabled: true,
      internal_url: "http://grafana.istio-system:3000",
      external_url: "http://grafana.istio.com/",
      dashboards: [
        { name: "Mesh Service", variables: { service: "var-service" } },
        { name: "Mesh Workload", variables: { namespace: "var-namespace", workload: "var-workload" } },
      ],
    });
    expect(tracing).toEqual({
      enabled: true,
      internal_url: "http://tracing.istio-system:80/jaeger",
      use_grpc: false,
    });
    expect(config().external_services.grafana).toEqual({ enabled: false });
  });

  it("says it in the words of an old version", () => {
    const old = config({ ...linked, version: "1.76.0" });
    expect(old.external_services.tracing).toEqual({
      enabled: true,
      in_cluster_url: "http://tracing.istio-system:80/jaeger",
      use_grpc: false,
    });
    expect(old.istio_namespace).toBe("istio-system");
    expect(old.server).toEqual({
      port: 20001,
      web_root: "/kiali",
      metrics_enabled: true,
      metrics_port: 9090,
    });
  });

  it("has no key for sessions where the version reads none from a Secret", () => {
    expect(titles(renderKiali({ ...kialiArgs, version: "1.34.0" }))).not.toContain(
      "Secret istio-system/kiali-signing-key",
    );
  });

  it("may write only where it was given full access", () => {
    const verbs = (access: "readOnly" | "full") =>
      new Set(kialiPolicies(access).flatMap((rule) => rule.verbs as string[]));
    expect([...verbs("readOnly")].sort()).toEqual(["create", "get", "list", "watch"]);
    expect([...verbs("full")].sort()).toEqual(["create", "delete", "get", "list", "patch", "watch"]);
    // What it creates without it are questions: reviews of tokens, tunnels to pods.
    const creating = kialiPolicies("readOnly").filter((rule) =>
      JSON.stringify(rule.verbs).includes("create"),
    );
    expect(creating.map(({ resources }) => resources)).toEqual([["pods/portforward"], ["tokenreviews"]]);
    expect(config({ access: "readOnly" }).deployment.view_only_mode).toBe(true);
  });
});

describe("Kiali", () => {
  it("makes the key of its sessions", async () => {
    const { signingKey: _, ...args } = kialiArgs;
    const recording = await record(() => new Kiali("kiali", args).objects.length);
    expect(recording.result).toBe(7);
    const [key] = recording.all("random:index/randomPassword:RandomPassword");
    expect(key?.inputs).toEqual({ length: 32, special: false });
  });
});
