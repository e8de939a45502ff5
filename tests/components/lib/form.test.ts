import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../components/lib/declared";
import { wellFormed } from "../../../components/lib/form";
import type { KubeObject } from "../../../components/lib/objects";

const service = (rest: object, metadata: object = {}): KubeObject =>
  ({ apiVersion: "v1", kind: "Service", metadata: { name: "cart", ...metadata }, ...rest }) as KubeObject;
const told = (object: KubeObject) =>
  wellFormed(object).misfits.map(({ path, change }) => `${path}: ${change}`);

describe("the form of an object", () => {
  it("leaves a good one as it is, also with values that are not known yet", () => {
    for (const object of [
      service({ spec: { ports: [{ port: 80 }], selector: { app: "cart" } } }, { labels: { a: "b" } }),
      service({ spec: UNKNOWN }, { labels: UNKNOWN, namespace: UNKNOWN }),
      service({ spec: { selector: { app: UNKNOWN } } }),
    ])
      expect(wellFormed(object)).toEqual({ object, misfits: [] });
    const good = service({ spec: {} });
    expect(wellFormed(good).object).toBe(good);
  });

  it("gives readers what was meant, or nothing", () => {
    const object = service(
      { spec: { selector: ["app"], ports: [null, { port: 80 }] } },
      { namespace: 7, labels: { version: 1, other: { a: 1 }, empty: null }, annotations: null },
    );
    expect(wellFormed(object).object).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "cart", namespace: "7", labels: { version: "1", empty: "" } },
      spec: { ports: [{}, { port: 80 }] },
    });
    expect(told(object)).toEqual([
      'metadata.namespace: put it in quotes: "7"',
      'metadata.labels.version: put it in quotes: "1"',
      "metadata.labels.other: write text",
      "spec.selector: write a map of texts",
      "spec.ports[0]: write a map",
    ]);
  });

  it.each([
    ["Pod", "v1", ""],
    ["Deployment", "apps/v1", "spec.template."],
    ["CronJob", "batch/v1", "spec.jobTemplate.spec.template."],
  ])("is looked at where a %s has its pods", (kind, apiVersion, at) => {
    const pod: object = { spec: { containers: "none" } };
    const keys = at.split(".").filter((key) => key !== "");
    const body = keys.reduceRight<object>((inner, key) => ({ [key]: inner }), pod);
    const object = { apiVersion, kind, metadata: { name: "cart" }, ...body } as KubeObject;
    expect(told(object)).toEqual([`${at}spec.containers: write a list`]);
  });
});
