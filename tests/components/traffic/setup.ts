import { expect } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { TrafficFault } from "../../../components/traffic/faults";
import { gateway, SubsetHandle, service } from "../../../components/traffic/handles";
import { missingDefinitions, schemaFaults } from "./crds";

/** The Istio of the sandbox. */
export const context = { version: "1.31.0" } as const;

const bookinfo = (name: string) => service(name, "bookinfo", { http: 9080 });
export const reviews = bookinfo("reviews");
export const ratings = bookinfo("ratings");
export const details = bookinfo("details");
export const productpage = bookinfo("productpage");
export const httpbin = service("httpbin", "bookinfo", { http: 8000 });
export const subset = (of: typeof reviews, name: string) => new SubsetHandle(of, name);
export const front = gateway("bookinfo-gateway", "bookinfo", ["*"], [80]);

/** A host of the namespace `bookinfo` as objects have it. */
export const full = (name: string) => `${name}.bookinfo.svc.cluster.local`;

/** The spec of the one object, which has to fit its definition; crds.test.ts says so where there are no definitions. */
export function specOf(objects: readonly KubeObject[]): unknown {
  expect(objects).toHaveLength(1);
  if (missingDefinitions === undefined)
    for (const object of objects) expect(schemaFaults(object)).toEqual([]);
  return objects[0]?.spec;
}

/** Paths of the faults that rendering throws; empty where it throws none. */
export function faultPaths(render: () => unknown): string[] {
  try {
    render();
    return [];
  } catch (error) {
    if (error instanceof TrafficFault) return error.faults.map(({ path }) => path);
    throw error;
  }
}
