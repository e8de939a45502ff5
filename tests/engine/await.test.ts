/** What `pulumi.com/waitFor` means to the stand-in: the same as to the official provider. */
import { describe, expect, it } from "vitest";
import { customJudge } from "./providers/kubernetes/await";
import type { KubeClient } from "./providers/kubernetes/client";

const client = {} as KubeClient;
const condition = (status: string, more: object = {}) => ({
  metadata: { name: "x", generation: 2 },
  status: { conditions: [{ type: "Established", status, ...more }] },
});

describe("pulumi.com/waitFor", () => {
  it.each([
    ["condition=Established", condition("True"), true],
    ["condition=established", condition("true"), true],
    ["condition=Established=False", condition("False"), true],
    ["condition=Established", condition("False"), false],
    ["condition=Established", { metadata: { name: "x" } }, false],
    ["condition=Established", condition("True", { observedGeneration: 1 }), false],
    ["condition=Established", condition("True", { observedGeneration: 2 }), true],
    [
      "jsonpath={.webhooks[0].clientConfig.caBundle}",
      { webhooks: [{ clientConfig: { caBundle: "abc" } }] },
      true,
    ],
    ["jsonpath={.webhooks[0].clientConfig.caBundle}", { webhooks: [{ clientConfig: {} }] }, false],
    ["jsonpath={$.status.phase}=Bound", { status: { phase: "Bound" } }, true],
    ["jsonpath={ .status.phase }=Bound", { status: { phase: "Pending" } }, false],
    ["jsonpath={.status}", { status: { a: 1 } }, true],
    ['["condition=Established","jsonpath={.spec.n}=3"]', { ...condition("True"), spec: { n: 3 } }, true],
    ['["condition=Established","jsonpath={.spec.n}=3"]', { ...condition("True"), spec: { n: 4 } }, false],
  ])("%s: %#", async (expression, live, ready) => {
    expect((await customJudge(expression)(live as never, client)) === undefined).toBe(ready);
  });

  it("gives up where a value is compared that is no plain one", async () => {
    expect(await customJudge("jsonpath={.status}=x")({ status: { a: 1 } }, client)).toMatchObject({
      failed: true,
    });
  });

  it.each(["jsonpath=.status.phase", "jsonpath={.a[?(@.b==1)]}", "ready", "jsonpath={.a}="])(
    "refuses what it does not know, before anything is made: %s",
    (expression) => {
      expect(() => customJudge(expression)).toThrow("is not implemented by the stand-in provider");
    },
  );
});
