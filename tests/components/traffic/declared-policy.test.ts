import { describe, expect, it } from "vitest";
import { Chaos } from "../../../components/traffic/delivery/chaos";
import { EnvoyFilter } from "../../../components/traffic/envoy-filter";
import { MixerQuotaLimits } from "../../../components/traffic/limits/mixer-objects";
import { RateLimitService } from "../../../components/traffic/limits/rate-limit-service";
import { memoryQuota } from "../../../components/traffic/limits/seed-quotas";
import { PeerAuthentication } from "../../../components/traffic/security/peer-authentication";
import { record } from "../../support/recorder";

const version = "1.31.0";

/** What a policy declares: type and name of each child. */
async function childrenOf(program: () => unknown): Promise<string[]> {
  const recording = await record(program);
  return recording.resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .map(({ type, name }) => `${type.replace("kubernetes:", "")} ${name}`);
}

const scope = { kind: "workload", namespace: "shop", labels: { app: "cart" } } as const;

describe("components of policies", () => {
  it("declare what they render, below themselves", async () => {
    const recording = await record(
      () => new PeerAuthentication("cart", { name: "cart", scope, mode: "STRICT", version }),
    );
    const found = recording.find("shop/cart");
    expect(found.type).toBe("kubernetes:security.istio.io/v1:PeerAuthentication");
    expect(found.parent).toContain("mesh-platform:traffic:PeerAuthentication::cart");
  });

  it("are a service with its store, and the limits that ask it", async () => {
    const rule = { entries: [{ by: "constant", key: "a", value: "b" }], limit: "unlimited" } as const;
    const declared = await childrenOf(() => {
      const service = new RateLimitService("limits", {
        namespace: "limits",
        domains: [{ name: "shop", rules: [rule] }],
      });
      expect(service.handle.port).toBe(8081);
      const limits = new MixerQuotaLimits("quota", { quota: memoryQuota, version });
      expect(limits.notes).toHaveLength(2);
    });
    expect(declared.sort()).toEqual([
      "apps/v1:Deployment limits/ratelimit",
      "apps/v1:Deployment limits/ratelimit-redis",
      "core/v1:ConfigMap limits/ratelimit-config",
      "core/v1:Service limits/ratelimit",
      "core/v1:Service limits/ratelimit-redis",
      "networking.istio.io/v1alpha3:EnvoyFilter default/requestcount-service-go-local",
      "networking.istio.io/v1alpha3:EnvoyFilter default/requestcount-service-node-local",
      "networking.istio.io/v1alpha3:EnvoyFilter default/requestcount-service-python-local",
    ]);
  });

  it("declare nothing where an argument is wrong", async () => {
    const declared = await childrenOf(() => {
      const wrong = { name: "a", scope, because: "", priority: 1, patches: [], version };
      expect(() => new EnvoyFilter("a", wrong)).toThrow("nothing was declared");
      const chaos = {
        name: "a",
        experiments: [],
        inventory: { nodes: [] },
        tier: { name: "production" },
      } as const;
      expect(() => new Chaos("a", chaos)).toThrow("nothing was declared");
    });
    expect(declared).toEqual([]);
  });
});
