import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../../components/lib/objects";
import type { CanaryArgs } from "../../../../components/traffic/delivery/canary";
import {
  canaryOwns,
  conflictsOf,
  refuseSecondOwners,
  weightPaths,
} from "../../../../components/traffic/delivery/ownership";

const canary: CanaryArgs = {
  name: "ad",
  namespace: "weather",
  target: { kind: "Deployment", name: "ad" },
  port: 3003,
  hosts: ["ads.example.com"],
  threshold: 3,
  plan: { kind: "blueGreen", iterations: 1 },
  metrics: [{ kind: "successRate", min: 99 }],
};
const object = (kind: string, name: string, spec: object, namespace = "weather"): KubeObject => ({
  apiVersion: kind === "Service" ? "v1" : "networking.istio.io/v1",
  kind,
  metadata: { name, namespace },
  spec,
});
const conflicts = (...objects: readonly KubeObject[]) =>
  conflictsOf([canary], objects).map(({ object: title }) => title);

describe("what a Canary owns", () => {
  it("is three Services and the hosts that are routed to them", () => {
    expect(canaryOwns(canary)).toEqual({
      owner: "Canary weather/ad",
      namespace: "weather",
      services: ["ad", "ad-primary", "ad-canary"],
      routed: ["ads.example.com", "ad.weather", "ad-primary.weather", "ad-canary.weather"],
      destinations: ["ad.weather", "ad-primary.weather", "ad-canary.weather"],
    });
  });

  it.each<[string, KubeObject]>([
    ["a VirtualService by the short name", object("VirtualService", "mine", { hosts: ["ad"] })],
    [
      "by the full name from elsewhere",
      object("VirtualService", "mine", { hosts: ["ad.weather.svc.cluster.local"] }, "other"),
    ],
    [
      "for a host of the Canary",
      object("VirtualService", "mine", { hosts: ["b.example.com", "ads.example.com"] }),
    ],
    ["a DestinationRule", object("DestinationRule", "mine", { host: "ad-canary.weather" })],
    ["a Service", object("Service", "ad", {})],
  ])("is refused to %s", (_, second) => {
    expect(conflicts(second)).toHaveLength(1);
    expect(() => refuseSecondOwners([canary], [second])).toThrow("Canary weather/ad");
  });

  it("leaves namesakes alone", () => {
    const others = [
      object("VirtualService", "mine", { hosts: ["ad"] }, "other"),
      object("DestinationRule", "mine", { host: "ad.example.com" }),
      object("Service", "ad", {}, "other"),
      object("Service", "advert", {}),
    ];
    expect(conflicts(...others)).toEqual([]);
    expect(() => refuseSecondOwners([canary], others)).not.toThrow();
  });

  it("is not shared with another Canary", () => {
    const rival = { ...canary, name: "ad2", namespace: "other" };
    expect(conflictsOf([canary, rival], [])).toEqual([
      {
        object: "Canary other/ad2",
        reason: "Canary weather/ad has a host of it too",
        change: "leave the host to one",
      },
    ]);
  });
});

describe("weights that a controller changes", () => {
  it("are all that Pulumi leaves alone", () => {
    const route = [
      { destination: { host: "a" }, weight: 90 },
      { destination: { host: "b" }, weight: 10 },
    ];
    const routes = object("VirtualService", "a", {
      hosts: ["a"],
      http: [{ match: [], route }, { route: [{}] }],
      tcp: [{ route }],
    });
    expect(weightPaths(routes)).toEqual([
      "spec.http[0].route[0].weight",
      "spec.http[0].route[1].weight",
      "spec.http[1].route[0].weight",
      "spec.tcp[0].route[0].weight",
      "spec.tcp[0].route[1].weight",
    ]);
    expect(() => weightPaths(object("DestinationRule", "a", {}))).toThrow("has no weights");
  });
});
