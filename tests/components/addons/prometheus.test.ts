import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { PrometheusArgs } from "../../../components/addons/prometheus";
import { Prometheus, renderPrometheus } from "../../../components/addons/prometheus";
import { record } from "../../support/recorder";
import { prometheusArgs, the, titles } from "./args";

const keeper = (args: Partial<PrometheusArgs> = {}) =>
  the(renderPrometheus({ ...prometheusArgs, ...args }), "StatefulSet istio-system/prometheus");

const jobs = (args: Partial<PrometheusArgs["scrape"]> = {}) => {
  const scrape = { ...prometheusArgs.scrape, ...args };
  const config = the(renderPrometheus({ ...prometheusArgs, scrape }), "ConfigMap istio-system/prometheus");
  const list: { job_name: string; relabel_configs?: Record<string, unknown>[] }[] = parse(
    config.data["prometheus.yml"],
  ).scrape_configs;
  return new Map(list.map((job) => [job.job_name, job]));
};

describe("renderPrometheus", () => {
  it("makes everything that it needs, in order", () => {
    expect(titles(renderPrometheus(prometheusArgs))).toEqual([
      "ServiceAccount istio-system/prometheus",
      "ClusterRole prometheus-istio-system",
      "ClusterRoleBinding prometheus-istio-system",
      "ConfigMap istio-system/prometheus",
      "Service istio-system/prometheus",
      "StatefulSet istio-system/prometheus",
    ]);
  });

  it("keeps the data in the pod where nothing else is said", () => {
    expect(keeper().spec.template.spec.volumes).toEqual([
      { name: "config", configMap: { name: "prometheus" } },
      { name: "data", emptyDir: {} },
    ]);
  });

  it("keeps them on a claim of its own, whose size can grow", () => {
    const persistence = { kind: "claim", storageClassName: "fast", size: "20Gi" } as const;
    const objects = renderPrometheus({ ...prometheusArgs, persistence });
    expect(the(objects, "PersistentVolumeClaim istio-system/prometheus")).toMatchObject({
      metadata: { annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: "fast",
        resources: { requests: { storage: "20Gi" } },
      },
    });
    const { spec } = the(objects, "StatefulSet istio-system/prometheus");
    expect(spec.template.spec.volumes).toContainEqual({
      name: "data",
      persistentVolumeClaim: { claimName: "prometheus" },
    });
    expect(spec).not.toHaveProperty("volumeClaimTemplates");
  });

  it("keeps them in a folder of one node, which it is given first", () => {
    const { spec } = keeper({
      persistence: { kind: "hostPath", path: "/var/lib/data/prometheus", node: "worker1" },
    }).spec.template;
    expect(spec.nodeSelector).toEqual({ "kubernetes.io/hostname": "worker1" });
    expect(spec.volumes).toContainEqual({
      name: "data",
      hostPath: { path: "/var/lib/data/prometheus", type: "DirectoryOrCreate" },
    });
    expect(spec.initContainers).toMatchObject([
      { command: ["chown", "65534:65534", "/data"], securityContext: { runAsUser: 0 } },
    ]);
  });

  it("never lets two pods share a volume: one at a time, the old one gone first", () => {
    const { kind, spec } = keeper();
    expect({ kind, replicas: spec.replicas, management: spec.podManagementPolicy }).toEqual({
      kind: "StatefulSet",
      replicas: 1,
      management: "Parallel",
    });
  });

  it("starts anew for a changed config, and has no door by which others could stop it", () => {
    const digest = (args: Partial<PrometheusArgs>) =>
      keeper(args).spec.template.metadata.annotations["mesh-platform/config"];
    expect(digest({})).toBe(digest({}));
    expect(digest({ intervalSeconds: 30 })).not.toBe(digest({}));
    expect(keeper({ retention: { time: "7d", size: "8GB" } }).spec.template.spec.containers[0].args).toEqual([
      "--config.file=/etc/prometheus/prometheus.yml",
      "--storage.tsdb.path=/data",
      "--storage.tsdb.retention.time=7d",
      "--storage.tsdb.retention.size=8GB",
    ]);
  });

  it("asks for what it reads, and no more", () => {
    const rules = (scrape: Partial<PrometheusArgs["scrape"]>) =>
      the(
        renderPrometheus({ ...prometheusArgs, scrape: { ...prometheusArgs.scrape, ...scrape } }),
        "ClusterRole prometheus-istio-system",
      ).rules;
    expect(rules({})).toHaveLength(2);
    expect(rules({ nodes: true })).toContainEqual({
      apiGroups: [""],
      resources: ["nodes/metrics"],
      verbs: ["get"],
    });
    expect(rules({ apiServer: true })).toContainEqual({ nonResourceURLs: ["/metrics"], verbs: ["get"] });
  });

  it("takes the objects of a chart, with a Service of ours", () => {
    const selector = { "app.kubernetes.io/instance": "prometheus" };
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "prometheus", namespace: "istio-system" },
      spec: { selector, ports: [{ port: 80 }] },
    };
    const workload = { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "prometheus" } };
    const objects = renderPrometheus({
      ...prometheusArgs,
      chart: [service, workload],
      persistence: { kind: "claim", size: "1Gi" },
      exposure: { kind: "nodePort", nodePorts: { http: 30046 } },
    });
    expect(titles(objects)).toEqual([
      "PersistentVolumeClaim istio-system/prometheus",
      "StatefulSet prometheus",
      "Service istio-system/prometheus",
    ]);
    expect(the(objects, "Service istio-system/prometheus").spec).toEqual({
      type: "NodePort",
      selector,
      ports: [{ name: "http", port: 9090, protocol: "TCP", targetPort: 9090, nodePort: 30046 }],
    });
  });
});

describe("the scrape config", () => {
  it("looks at istiod, proxies and annotated pods, and at more where asked", () => {
    expect([...jobs().keys()]).toEqual(["prometheus", "istiod", "mesh-proxies", "pods"]);
    expect([...jobs({ nodes: true, apiServer: true }).keys()].slice(4)).toEqual([
      "kubelet",
      "cadvisor",
      "api-server",
    ]);
  });

  it("reads a proxy's page once: the merged one, or Envoy's", () => {
    const toAgent = { replacement: "$1:15020" };
    expect(jobs().get("mesh-proxies")?.relabel_configs).toContainEqual(expect.objectContaining(toAgent));
    expect(jobs({ proxies: "envoy" }).get("mesh-proxies")?.relabel_configs).not.toContainEqual(
      expect.objectContaining(toAgent),
    );
    expect(jobs().get("pods")?.relabel_configs).toContainEqual({
      action: "drop",
      source_labels: ["__meta_kubernetes_pod_annotation_prometheus_io_port"],
      regex: "15020",
    });
  });

  it("finds istiods of every revision", () => {
    expect(jobs().get("istiod")?.relabel_configs?.slice(0, 2)).toEqual([
      { action: "keep", source_labels: ["__meta_kubernetes_pod_label_app"], regex: "istiod" },
      {
        source_labels: ["__meta_kubernetes_pod_ip"],
        regex: "(.+)",
        target_label: "__address__",
        replacement: "$1:15014",
      },
    ]);
  });
});

describe("Prometheus", () => {
  it("declares its objects as children, and makes what the pod reads before the pod", async () => {
    const recording = await record(() => new Prometheus("prometheus", prometheusArgs).objects.length);
    expect(recording.result).toBe(6);
    const pod = recording.find("istio-system/prometheus", "kubernetes:apps/v1:StatefulSet");
    expect(pod.dependencies.join(" ")).toContain("ConfigMap::istio-system/prometheus");
    expect(pod.parent).toContain("mesh-platform:addons:Prometheus");
  });
});
