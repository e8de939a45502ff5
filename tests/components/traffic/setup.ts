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

if (missingDefinitions !== undefined)
  console.warn(`objects are not compared with the definitions: ${missingDefinitions}`);

/** The spec of the one object, which has to fit its definition wherever the definitions are at hand. */
export function specOf(objects: readonly KubeObject[]): unknown {
  expect(objects).toHaveLength(1);
  for (const object of objects)
    expect(missingDefinitions ?? schemaFaults(object)).toEqual(missingDefinitions ?? []);
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
