import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { files, plain, variants } from "../../support/kubeadm-variants";

describe("v1beta2", () => {
  const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(__dirname, "v1beta2.schema.json"), "utf8")));

  it.each(Object.entries(variants))("fits its own types: %s", (_, variant) => {
    const model = { ...plain, api: "v1beta2", kubernetesVersion: "1.20.7", ...variant } as const;
    for (const text of Object.values(files(model))) {
      const own = parseAllDocuments(text)
        .map((document) => document.toJS())
        .filter(({ apiVersion }) => apiVersion.startsWith("kubeadm."));
      expect(own.length).toBeGreaterThan(0);
      for (const document of own) expect(schema.safeParse(document)).toMatchObject({ success: true });
    }
  });

  it("would not fit with what came later", () => {
    const document = { apiVersion: "kubeadm.k8s.io/v1beta2", kind: "InitConfiguration" };
    expect(schema.safeParse(document).success).toBe(true);
    expect(schema.safeParse({ ...document, skipPhases: ["addon/kube-proxy"] }).success).toBe(false);
    expect(schema.safeParse({ ...document, timeouts: {} }).success).toBe(false);
    expect(schema.safeParse({ ...document, nodeRegistration: { kubeletExtraArgs: [] } }).success).toBe(false);
  });
});
