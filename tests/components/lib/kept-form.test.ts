import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { keptForm } from "../../../components/lib/kept-form";

describe("keptForm", () => {
  it("leaves out what the API server would not keep", () => {
    const container = {
      env: [
        { name: "A", value: "" },
        { name: "B", value: "1" },
      ],
      resources: { limits: {}, requests: { cpu: "1" } },
      securityContext: null,
    };
    expect(keptForm({ metadata: { name: "m", annotations: {} }, spec: { containers: [container] } })).toEqual(
      {
        metadata: { name: "m" },
        spec: {
          containers: [
            { env: [{ name: "A" }, { name: "B", value: "1" }], resources: { requests: { cpu: "1" } } },
          ],
        },
      },
    );
  });

  it("keeps what means something by being empty, and what is not known yet", () => {
    const later = pulumi.output("later");
    const object = {
      volumes: [{ name: "v", emptyDir: {} }],
      podSelector: {},
      data: { value: "" },
      later,
      n: [0, false],
    };
    expect(keptForm(object)).toEqual(object);
    expect((keptForm(object) as typeof object).later).toBe(later);
  });
});
