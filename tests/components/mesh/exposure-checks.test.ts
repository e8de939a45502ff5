import { describe, expect, it } from "vitest";
import type { Finding } from "../../../components/lib/findings";
import type { KubeObject } from "../../../components/lib/objects";
import { aliyunSlbCheck } from "../../../components/mesh/aliyun-slb-checks";
import { type Exposure, expose } from "../../../components/mesh/exposure";
import {
  type LoadBalancerImplementation,
  loadBalancerCheck,
  resolveExposure,
} from "../../../components/mesh/exposure-checks";
import { hostNetworkCheck } from "../../../components/mesh/exposure-host-network";
import { checkNodePorts, parseNodePortRange } from "../../../components/mesh/node-ports";

const service = (name: string, exposure: Exposure, ports = [{ name: "http", port: 80 }]): KubeObject =>
  expose(exposure, { name, namespace: "shop", selector: { app: name }, ports }).service;

const brief = (findings: readonly Finding[]) =>
  findings.map(({ code, severity, object, path }) => `${severity} ${code} ${object} ${path}`);

const withSpec = (object: KubeObject, fields: object): KubeObject => ({
  ...object,
  spec: { ...(object.spec as object), ...fields },
});

describe("checkNodePorts", () => {
  const cart = service("cart", { kind: "nodePort", nodePorts: { http: 30100 } });

  it("finds nothing wrong with ports of their own", () => {
    const other = service("web", { kind: "nodePort", nodePorts: { http: 30101 } });
    expect(checkNodePorts([cart, other, service("db", { kind: "clusterIP" })])).toEqual([]);
  });

  it("tells one port of two Services once, at the second", () => {
    const web = service("web", { kind: "loadBalancer", nodePorts: { http: 30100 } });
    expect(checkNodePorts([cart, web])).toEqual([
      {
        code: "MP0302",
        severity: "error",
        object: "Service shop/web",
        path: "spec.ports[0].nodePort",
        message:
          "node port 30100 is taken by Service shop/cart, spec.ports[0].nodePort: the API server refuses the second",
        change: "give one of the two another port, or leave it out and let the cluster choose",
      },
    ]);
  });

  it("counts the port for health checks, and only ports of one protocol", () => {
    const local: Exposure = {
      kind: "loadBalancer",
      externalTrafficPolicy: "Local",
      healthCheckNodePort: 30100,
    };
    expect(brief(checkNodePorts([cart, service("web", local)]))).toEqual([
      "error MP0302 Service shop/web spec.healthCheckNodePort",
    ]);
    const dns = service("dns", { kind: "clusterIP" });
    const udp = withSpec(dns, { type: "NodePort", ports: [{ port: 53, protocol: "UDP", nodePort: 30100 }] });
    expect(checkNodePorts([cart, udp])).toEqual([]);
  });

  it("finds the same port twice in one Service", () => {
    const ports = [
      { name: "a", port: 1 },
      { name: "b", port: 2 },
    ];
    const twice = service("web", { kind: "nodePort", nodePorts: { a: 30100, b: 30100 } }, ports);
    expect(brief(checkNodePorts([twice]))).toEqual(["error MP0302 Service shop/web spec.ports[1].nodePort"]);
  });

  it("goes by the range of the API server", () => {
    const low = service("web", { kind: "nodePort", nodePorts: { http: 8080 } });
    expect(checkNodePorts([low])).toEqual([
      {
        code: "MP0301",
        severity: "error",
        object: "Service shop/web",
        path: "spec.ports[0].nodePort",
        message: "node port 8080 is outside 30000-32767: the API server refuses the Service",
        change: "take one from 30000 to 32767, or widen service-node-port-range of the API server",
      },
    ]);
    expect(checkNodePorts([low], parseNodePortRange("8000-9000"))).toEqual([]);
    expect(parseNodePortRange(undefined)).toEqual({ first: 30000, last: 32767 });
    expect(() => parseNodePortRange("9000-8000")).toThrow(
      "service-node-port-range is 9000-8000; allowed is FIRST-LAST such as 30000-32767; correct the flag",
    );
  });

  it("refuses ports of nodes where a Service has none", () => {
    const inside = withSpec(cart, { type: "ClusterIP", healthCheckNodePort: 30200 });
    expect(brief(checkNodePorts([inside]))).toEqual([
      "error MP0303 Service shop/cart spec.ports[0].nodePort",
      "error MP0304 Service shop/cart spec.healthCheckNodePort",
    ]);
  });

  it("says what it cannot decide yet, and only once", () => {
    const later = withSpec(cart, { ports: Symbol("unknown") });
    expect(
      brief(checkNodePorts([later, service("web", { kind: "nodePort", nodePorts: { http: 30100 } })])),
    ).toEqual(["info MP0001 Service shop/cart spec.ports"]);
  });
});

describe("loadBalancerCheck", () => {
  const check = (exposure: Exposure, implementation: LoadBalancerImplementation) =>
    loadBalancerCheck(implementation)([service("gate", resolveExposure(exposure, implementation))]);

  it("explains the pending address of source document 002, and what answers all the same", () => {
    expect(check({ kind: "loadBalancer", nodePorts: { http: 31966 } }, "none")).toEqual([
      {
        code: "MP0312",
        severity: "warning",
        object: "Service shop/gate",
        path: "spec.type",
        message: "the Service stays <pending>; every node answers for it: http on 31966",
        change: "expose it as nodePort, which says the same without an address that never comes",
      },
    ]);
  });

  it("refuses to wait ten minutes for an address that nothing assigns", () => {
    const findings = check({ kind: "loadBalancer", awaitAddress: true }, "none");
    expect(brief(findings)).toEqual(["error MP0311 Service shop/gate spec.type"]);
    expect(findings[0]?.message).toBe(
      "nothing in this cluster assigns addresses to load balancers (loadBalancerImplementation is none): " +
        "the Service stays <pending>, and the run waits ten minutes for it and fails",
    );
  });

  it.each(["metallb", "external", "aliyun"] as const)(
    "waits for the address that %s assigns",
    (implementation) => {
      expect(resolveExposure({ kind: "loadBalancer" }, implementation)).toEqual({
        kind: "loadBalancer",
        awaitAddress: true,
      });
      expect(check({ kind: "loadBalancer" }, implementation)).toEqual([]);
    },
  );

  it("wants Aliyun's controller for a load balancer of Aliyun", () => {
    const slb: Exposure = {
      kind: "aliyunSlb",
      id: "lb-uf6abc",
      addressType: "intranet",
      forceOverrideListeners: true,
    };
    expect(brief(check(slb, "none"))).toEqual(["error MP0313 Service shop/gate metadata.annotations"]);
    expect(brief(check({ ...slb, annotations: "alicloud" }, "metallb"))).toEqual([
      "error MP0313 Service shop/gate metadata.annotations",
    ]);
    expect(check(slb, "aliyun")).toEqual([]);
  });
});

describe("aliyunSlbCheck", () => {
  const slb = (forceOverrideListeners: boolean, annotations?: "alicloud"): Exposure => ({
    kind: "aliyunSlb",
    id: "lb-uf6abc",
    addressType: "intranet",
    forceOverrideListeners,
    annotations,
  });

  it("tells what a yes costs", () => {
    expect(aliyunSlbCheck([service("gate", slb(true))])).toEqual([
      {
        code: "MP0321",
        severity: "info",
        object: "Service shop/gate",
        path: "metadata.annotations",
        message:
          "listeners 80 of lb-uf6abc become this Service's: what others have set up on them (backends, certificates, rules) is lost, and does not come back when the Service is deleted",
        change:
          "nothing, if nobody else uses these ports of lb-uf6abc; else take other ports or a load balancer of its own",
      },
    ]);
  });

  it("tells what a no leaves undone", () => {
    expect(brief(aliyunSlbCheck([service("gate", slb(false))]))).toEqual([
      "warning MP0322 Service shop/gate metadata.annotations",
    ]);
  });

  it("refuses two Services on one listener, in either spelling", () => {
    const found = aliyunSlbCheck([service("gate", slb(true)), service("web", slb(true, "alicloud"))]);
    expect(brief(found.filter(({ code }) => code === "MP0323"))).toEqual([
      "error MP0323 Service shop/web spec.ports[0].port",
    ]);
  });
});

describe("hostNetworkCheck", () => {
  const deployment = (name: string, spec: object, pod: object = {}): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop" },
    spec: {
      ...spec,
      template: {
        metadata: { labels: { app: name } },
        spec: { hostNetwork: true, containers: [{ name, ports: [{ containerPort: 80 }] }], ...pod },
      },
    },
  });
  const nodes = [
    { name: "cp1", labels: {} },
    { name: "worker1", labels: { edge: "true" } },
  ];
  const onEdge = { nodeSelector: { edge: "true" } };
  const recreate = { strategy: { type: "Recreate" } };
  const check = (...objects: KubeObject[]) => brief(hostNetworkCheck(nodes)(objects));

  it("finds nothing wrong with one pod on one host", () => {
    expect(check(deployment("edge", recreate, onEdge))).toEqual([]);
  });

  it("refuses labels that no host has", () => {
    expect(check(deployment("edge", recreate, { nodeSelector: { "istio-nginx": "true" } }))).toEqual([
      "error MP0331 Deployment shop/edge spec.template.spec.nodeSelector",
    ]);
  });

  it("refuses more pods on a port than there are hosts", () => {
    expect(check(deployment("edge", { ...recreate, replicas: 2 }, onEdge))).toEqual([
      "error MP0332 Deployment shop/edge spec.template.spec.containers",
    ]);
    expect(check(deployment("edge", recreate, onEdge), deployment("web", recreate, onEdge))).toEqual([
      "error MP0332 Deployment shop/web spec.template.spec.containers",
    ]);
    expect(check(deployment("edge", recreate, onEdge), deployment("web", recreate))).toEqual([]);
  });

  it("counts ports of hosts that a pod outside the host's network takes", () => {
    const ported = {
      hostNetwork: false,
      ...onEdge,
      containers: [{ name: "web", ports: [{ containerPort: 8080, hostPort: 80 }] }],
    };
    expect(check(deployment("edge", recreate, onEdge), deployment("web", recreate, ported))).toEqual([
      "error MP0332 Deployment shop/web spec.template.spec.containers",
    ]);
  });

  it("warns of a rolling update that waits for its own port", () => {
    expect(check(deployment("edge", {}, onEdge))).toEqual([
      "warning MP0333 Deployment shop/edge spec.strategy",
    ]);
    expect(check(deployment("edge", { strategy: { rollingUpdate: { maxSurge: 0 } } }, onEdge))).toEqual([]);
    expect(check(deployment("edge", {}))).toEqual([]);
  });
});
