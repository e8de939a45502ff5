import { describe, expect, it } from "vitest";
import { renderClient } from "../../../components/apps/client";
import { renderFortio } from "../../../components/apps/fortio";
import { renderHttpbin } from "../../../components/apps/httpbin";
import { renderIstioLab } from "../../../components/apps/istio-lab";
import { renderWebDemo } from "../../../components/apps/web-demo";
import { type KubeObject, titleOf } from "../../../components/lib/objects";

interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
}

const containerOf = (objects: readonly KubeObject[], name: string): Container | undefined => {
  const found = objects.find(({ kind, metadata }) => kind === "Deployment" && metadata.name === name);
  const spec = found?.spec as { template: { spec: { containers: readonly Container[] } } } | undefined;
  return spec?.template.spec.containers[0];
};

const specOf = (objects: readonly KubeObject[], title: string) =>
  objects.find((object) => titleOf(object) === title)?.spec;

describe("renderHttpbin", () => {
  it("puts all versions behind one Service on port 8000", () => {
    const objects = renderHttpbin({ namespace: "demo", versions: ["v1", "v2"] });
    expect(objects.map(titleOf)).toEqual([
      "ServiceAccount demo/httpbin",
      "Service demo/httpbin",
      "Deployment demo/httpbin-v1",
      "Deployment demo/httpbin-v2",
    ]);
    expect(specOf(objects, "Service demo/httpbin")).toEqual({
      type: "ClusterIP",
      selector: { app: "httpbin" },
      ports: [{ name: "http", port: 8000, protocol: "TCP", targetPort: 8080 }],
    });
  });
});

describe("renderFortio", () => {
  it("shows what its calls met, down to overflowed pools", () => {
    const objects = renderFortio({ namespace: "demo" });
    expect(containerOf(objects, "fortio")).toMatchObject({
      image: "docker.io/fortio/fortio:1.68.1",
      args: ["server", "-data-dir", "/tmp"],
    });
    expect(objects.find(({ kind }) => kind === "Deployment")).toHaveProperty(
      ["spec", "template", "metadata", "annotations", "proxy.istio.io/config"],
      expect.stringContaining("- cluster.outbound\n"),
    );
  });
});

describe("renderClient", () => {
  it("is named as asked, with an account of that name", () => {
    expect(renderClient({ name: "sleep", namespace: "demo" }).map(titleOf)).toEqual([
      "ServiceAccount demo/sleep",
      "Service demo/sleep",
      "Deployment demo/sleep",
    ]);
  });
});

describe("renderIstioLab", () => {
  it("has each service of document 004 in two versions on port 80, and dns-test", () => {
    const objects = renderIstioLab({ namespace: "default" });
    const deployments = objects.filter(({ kind }) => kind === "Deployment");
    expect(deployments.map(({ metadata }) => metadata.name)).toEqual([
      ...["go", "node", "lua", "python"].flatMap((name) => [`service-${name}-v1`, `service-${name}-v2`]),
      "dns-test",
    ]);
    expect(specOf(objects, "Service default/service-python")).toEqual({
      type: "ClusterIP",
      selector: { app: "service-python" },
      ports: [{ name: "http", port: 80, protocol: "TCP", targetPort: 80 }],
    });
    expect(containerOf(objects, "service-lua-v2")?.image).toBe(
      "registry.cn-shanghai.aliyuncs.com/istio-lab/service-lua:v2",
    );
    expect(containerOf(objects, "dns-test")?.image).toBe("docker.io/radial/busyboxplus:curl");
  });

  it("runs those that are asked for", () => {
    const names = renderIstioLab({ namespace: "default", services: ["go"] }).map(titleOf);
    expect(names).toEqual([
      "Service default/service-go",
      "Deployment default/service-go-v1",
      "Deployment default/service-go-v2",
      "Deployment default/dns-test",
    ]);
  });
});

describe("renderWebDemo", () => {
  it("has Services whose selectors find the pods that they are meant for", () => {
    const objects = renderWebDemo({ namespace: "demo" });
    const pods = objects
      .filter(({ kind }) => kind === "Deployment")
      .map((object) => [object.metadata.name, object.metadata.labels ?? {}] as const);
    const found = objects
      .filter(({ kind }) => kind === "Service")
      .map(({ metadata, spec }) => {
        const { selector } = spec as { selector: Record<string, string> };
        const names = pods.filter(([, labels]) =>
          Object.entries(selector).every(([key, value]) => labels[key] === value),
        );
        return [metadata.name, names.map(([name]) => name)];
      });
    expect(found).toEqual([
      ["httpd-svc", ["httpd"]],
      ["tomcat-svc", ["tomcat"]],
      ["web-svc", ["httpd", "tomcat"]],
    ]);
  });
});
