import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { traffic } from "../../../stacks/config/traffic-schema";
import { buildTraffic, planTraffic } from "../../../stacks/traffic";
import { record } from "../../support/recorder";
import { type Around, around, faultsOf, objectsOf } from "./support";

const limit = {
  name: "per-user",
  scope: { kind: "workload", namespace: "bookinfo", labels: { app: "ratings" } },
  domain: {
    name: "shop",
    rules: [
      {
        entries: [
          { by: "header", key: "user", header: "end-user", ifAbsent: "leaveOut" },
          { by: "constant", key: "all", value: "1" },
        ],
        limit: { requestsPerUnit: 10, unit: "second" },
        overrides: [{ values: { user: "jason" }, limit: "unlimited" }],
      },
    ],
  },
};
const shared = (service: object = {}, more: object = {}) => ({
  rateLimits: { global: [{ ...limit, ...more }], service },
});

describe("shared limits of the config", () => {
  it("come with their service, its store and a namespace for both", () => {
    const objects = objectsOf(shared());
    expect(
      objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`),
    ).toEqual([
      "Namespace /rate-limits",
      "ConfigMap rate-limits/ratelimit-config",
      "Deployment rate-limits/ratelimit-redis",
      "Service rate-limits/ratelimit-redis",
      "Deployment rate-limits/ratelimit",
      "Service rate-limits/ratelimit",
      "EnvoyFilter bookinfo/per-user",
    ]);
    const { data } = objects[1] as unknown as { data: Record<string, string> };
    expect(parse(data["shop.yaml"] ?? "")).toMatchObject({ domain: "shop" });
    expect(JSON.stringify(objects.at(-1))).toContain(
      "outbound|8081||ratelimit.rate-limits.svc.cluster.local",
    );
  });

  it("may share the namespace of an application", () => {
    expect(objectsOf(shared({ namespace: "bookinfo" })).map(({ kind }) => kind)).not.toContain("Namespace");
  });

  it.each<[string, object, string[]]>([
    [
      "a domain twice",
      { rateLimits: { global: [limit, { ...limit, name: "other" }] } },
      [
        'traffic.rateLimits.global[1].domain.name: "shop" -> each once: the service refuses its whole config; join the two',
      ],
    ],
    [
      "a limit that cannot be, once",
      shared({}, { domain: { name: "shop", rules: [] }, timeout: "soon" }),
      [
        "traffic.rateLimits.global[0].domain.rules: [] -> one or more; add one",
        'traffic.rateLimits.global[0].timeout: "soon" -> a number with its unit: h, m, s or ms; write it like "2s" or "500ms"',
      ],
    ],
    [
      "a Redis without a port",
      shared({ redis: "redis", replicas: 0 }),
      [
        "traffic.rateLimits.service.replicas: 0 -> 1 or more; write one of these",
        'traffic.rateLimits.service.redis: "redis" -> HOST:PORT; write it so',
      ],
    ],
  ])("name %s", (_name, section, found) => {
    expect(faultsOf(section)).toEqual(found);
  });
});

describe("the password of Redis", () => {
  const build = (section: object, more: Around = {}) =>
    record(() => {
      const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
      const ready = new k8s.core.v1.ConfigMap("ready", {}, { provider });
      const plan = planTraffic(traffic.parse(section), around(more));
      return buildTraffic(plan, { after: [ready], cluster: ready, provider });
    });

  it("is generated, and in clear nowhere", async () => {
    const recording = await build(shared());
    expect(recording.all("random:index/randomPassword:RandomPassword").map(({ name }) => name)).toEqual([
      "rate-limit-redis",
    ]);
    const secret = recording.find("rate-limits/ratelimit-redis", "kubernetes:core/v1:Secret");
    expect(secret.inputs).toMatchObject({
      stringData: { password: expect.anything(), "redis.conf": expect.anything() },
    });
    const [service] = recording
      .all("kubernetes:apps/v1:Deployment")
      .filter(({ name }) => name.endsWith("/ratelimit"));
    const reference = '"secretKeyRef":{"key":"password","name":"ratelimit-redis"}';
    expect(JSON.stringify(service?.inputs)).toContain(`{"name":"REDIS_AUTH","valueFrom":{${reference}}}`);
    expect(service?.dependencies).toContain(secret.urn);
    expect(recording.find("rate-limits").dependencies).toContain(recording.find("ready").urn);
  });

  it("of another Redis is the key's, and there need not be any", async () => {
    const redis = { redis: "redis.example.com:6379" };
    const given = await build(shared(redis), { redisPassword: pulumi.secret("hush-redis") });
    expect(given.all("RandomPassword")).toEqual([]);
    expect(given.all("kubernetes:core/v1:Secret").length).toBe(1);
    const others = given.resources.filter(({ type }) => type !== "kubernetes:core/v1:Secret");
    expect(JSON.stringify(others)).not.toContain("hush-redis");
    expect((await build(shared(redis))).all("kubernetes:core/v1:Secret")).toEqual([]);
  });
});
