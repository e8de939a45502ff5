import { beforeEach, describe, expect, it } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { missingDefinitions, schemaFaults } from "./crds";

const virtualService = (spec: object, apiVersion = "networking.istio.io/v1"): KubeObject => ({
  apiVersion,
  kind: "VirtualService",
  metadata: { name: "a" },
  spec,
});

// A comparison that finds nothing has to be able to find something.
describe("schemaFaults", () => {
  beforeEach(({ skip }) => skip(missingDefinitions !== undefined, missingDefinitions));

  it.each([
    [{ http: [{ rout: [] }] }, [".spec.http[0].rout: unknown field"]],
    [{ http: [{ timeout: 5 }] }, [".spec.http[0].timeout: integer instead of string"]],
    [{ http: [{ match: [{ uri: { exact: "a", prefix: "b" } }] }] }, [".spec.http[0].match[0].uri: oneOf"]],
    [{ http: [{ route: [{ weight: 1 }] }] }, [".spec.http[0].route[0].destination: missing"]],
    [{ http: [{ match: [{ port: -1 }] }] }, [".spec.http[0].match[0].port: out of range"]],
    [{ hosts: ["a"], http: [{ match: [{ headers: { a: {} } }] }] }, []],
  ])("finds in %j: %j", (spec, faults) => {
    expect(schemaFaults(virtualService(spec))).toEqual(faults);
  });

  it("knows the versions that there are", () => {
    expect(schemaFaults(virtualService({}, "networking.istio.io/v1beta1"))).toEqual([]);
    expect(schemaFaults(virtualService({}, "networking.istio.io/v2"))).toEqual([
      "networking.istio.io/v2 VirtualService is not defined",
    ]);
  });
});
