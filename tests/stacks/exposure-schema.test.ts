import { describe, expect, expectTypeOf, it } from "vitest";
import type { z } from "zod";
import type { Exposure } from "../../components/mesh/exposure";
import { exposurePresets, seed000Slb } from "../../components/mesh/exposure-presets";
import { exposure, gatewayMode, loadBalancerImplementation } from "../../stacks/config/exposure-schema";
import { toFaults } from "../../stacks/config/faults";

const faults = (schema: z.ZodType, value: unknown) => {
  const { error } = schema.safeParse(value);
  return error === undefined ? [] : toFaults(error.issues, value, ["mesh", "expose"]);
};

const slb = { kind: "aliyunSlb", id: "lb-uf6abc", addressType: "intranet" };

describe("exposure", () => {
  it("is what components take", () => {
    expectTypeOf<z.output<typeof exposure>>().toExtend<Exposure>();
    expect(exposure.parse({ kind: "nodePort", nodePorts: { http2: 32430 } })).toEqual({
      kind: "nodePort",
      nodePorts: { http2: 32430 },
    });
  });

  it("takes every preset of the source documents", () => {
    const all: Exposure[] = [
      seed000Slb("lb-uf6abc"),
      ...Object.values(exposurePresets).flatMap(Object.values),
    ];
    expect(all.length).toBe(15);
    expect(all.flatMap((one) => faults(exposure, one))).toEqual([]);
  });

  it("asks for a yes or a no before listeners of a shared load balancer are replaced", () => {
    expect(faults(exposure, slb)).toEqual([
      {
        path: "mesh.expose.forceOverrideListeners",
        given: "nothing",
        allowed:
          "true or false, said outright: with true the listeners that the instance has on these ports are replaced, and " +
          "what they served (backends, certificates, rules) is lost for good; with false they stay, and only those made for this Service bring traffic",
        change: "write forceOverrideListeners: true if nobody else uses these ports of the instance",
      },
    ]);
    expect(faults(exposure, { ...slb, forceOverrideListeners: true })).toEqual([]);
    expect(faults(exposure, { ...slb, forceOverrideListeners: "true" })).toHaveLength(1);
  });

  it.each([
    [{ kind: "nodePorts" }, "mesh.expose.kind", "Invalid"],
    [{ kind: "clusterIP", nodePorts: {} }, "mesh.expose.nodePorts", "the keys that"],
    [{ kind: "nodePort", nodePorts: { http: 70000 } }, "mesh.expose.nodePorts.http", "at most 65535"],
    [{ kind: "ingress" }, "mesh.expose.host", "a DNS name"],
    [{ ...slb, forceOverrideListeners: true, id: "alb-1" }, "mesh.expose.id", "the id of an instance"],
    [
      { kind: "loadBalancer", loadBalancerSourceRanges: ["10.0.0.1/8"] },
      "mesh.expose.loadBalancerSourceRanges[0]",
      "",
    ],
    [
      {
        kind: "loadBalancer",
        annotations: { "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-id": "lb-uf6abc" },
      },
      "mesh.expose.annotations",
      "annotations other than Aliyun's",
    ],
    [
      { ...slb, forceOverrideListeners: false, settings: { "force-override-listeners": "true" } },
      "mesh.expose.settings.force-override-listeners",
      "a setting that has no field of its own",
    ],
  ])("refuses %j at %s", (value, path, allowed) => {
    const [found, ...more] = faults(exposure, value);
    expect([found?.path, more]).toEqual([path, []]);
    expect(found?.allowed).toContain(allowed);
  });

  it("takes bare hosts for what they are: nothing assigns addresses", () => {
    expect(loadBalancerImplementation.parse(undefined)).toBe("none");
  });
});

describe("gatewayMode", () => {
  it("fills in what is not said", () => {
    expect(gatewayMode.parse({ kind: "terminate" })).toEqual({
      kind: "terminate",
      certificate: { kind: "generated" },
      minProtocolVersion: "TLSV1_2",
      httpsRedirect: false,
    });
    expect(gatewayMode.parse({ kind: "passthrough" })).toEqual({ kind: "passthrough" });
    expect(gatewayMode.parse({ kind: "reencrypt", inside: {} })).toMatchObject({
      inside: { kind: "generated", mutual: false },
    });
  });

  it.each([
    [{ kind: "passthrough", certificate: { kind: "generated" } }, "certificate"],
    [{ kind: "http", httpsRedirect: true }, "httpsRedirect"],
    [{ kind: "mutual" }, "clients"],
    [{ kind: "mutual", clients: { kind: "generated", names: [] } }, "clients.names"],
    [{ kind: "mutual", clients: { kind: "given", certificate: "not a PEM" } }, "clients.certificate"],
    [{ kind: "terminate", minProtocolVersion: "TLSV1_0" }, "minProtocolVersion"],
    [{ kind: "reencrypt" }, "inside"],
  ])("refuses %j at %s", (value, path) => {
    expect(faults(gatewayMode, value).map((fault) => fault.path)).toEqual([`mesh.expose.${path}`]);
  });
});
