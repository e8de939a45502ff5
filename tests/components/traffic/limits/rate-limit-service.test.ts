import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  rateLimitService,
  renderRateLimitService,
} from "../../../../components/traffic/limits/rate-limit-service";
import { faultsOf } from "../security-faults";

const rule = {
  entries: [{ by: "constant", key: "a", value: "b" }],
  limit: { requestsPerUnit: 5, unit: "minute" },
} as const;
const args = { namespace: "limits", domains: [{ name: "shop", rules: [rule] }] };

describe("RateLimitService", () => {
  it("is a service beside a Redis, with one file per domain", () => {
    const objects = renderRateLimitService(args);
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      "ConfigMap ratelimit-config",
      "Deployment ratelimit-redis",
      "Service ratelimit-redis",
      "Deployment ratelimit",
      "Service ratelimit",
    ]);
    const [config] = objects as { data?: Record<string, string> }[];
    expect(parse(config?.data?.["shop.yaml"] ?? "")).toEqual({
      domain: "shop",
      descriptors: [{ key: "a", value: "b", rate_limit: { unit: "minute", requests_per_unit: 5 } }],
    });
    expect(rateLimitService(args)).toEqual({ name: "ratelimit", namespace: "limits", port: 8081 });
  });

  it("reads its files where the ConfigMap is, and starts anew when they change", () => {
    const podOf = (more: object) => {
      const { spec } = renderRateLimitService({ ...args, ...more })[3] as unknown as {
        spec: {
          template: {
            metadata: { annotations: Record<string, string> };
            spec: { containers: { image: string; env: { name: string; value: string }[] }[] };
          };
        };
      };
      return spec.template;
    };
    const { metadata, spec } = podOf({});
    expect(spec.containers[0]?.image).toBe("docker.io/envoyproxy/ratelimit:3fb70258");
    expect(Object.fromEntries(spec.containers[0]?.env.map(({ name, value }) => [name, value]) ?? [])).toEqual(
      {
        LOG_LEVEL: "info",
        USE_STATSD: "false",
        REDIS_SOCKET_TYPE: "tcp",
        REDIS_URL: "ratelimit-redis.limits:6379",
        REDIS_POOL_SIZE: "10",
        RUNTIME_ROOT: "/data",
        RUNTIME_SUBDIRECTORY: "ratelimit",
        RUNTIME_WATCH_ROOT: "false",
        RUNTIME_IGNOREDOTFILES: "true",
      },
    );
    const other = podOf({ domains: [{ name: "shop", rules: [{ ...rule, limit: "unlimited" }] }] });
    expect(other.metadata.annotations).not.toEqual(metadata.annotations);
  });

  it("takes a Redis that is there", () => {
    const objects = renderRateLimitService({ ...args, redis: "redis-ratelimit.istio-system:6379" });
    expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      "ConfigMap ratelimit-config",
      "Deployment ratelimit",
      "Service ratelimit",
    ]);
  });

  it("reads the password of Redis from its Secret", () => {
    const [, redis, , service] = renderRateLimitService({ ...args, redisSecret: "hidden" });
    expect(redis?.spec).toMatchObject({
      template: {
        spec: {
          containers: [
            {
              command: ["redis-server"],
              args: [
                "/etc/redis-password/redis.conf",
                ...["--save", "", "--appendonly", "no", "--maxmemory", "64mb", "--dir", "/tmp"],
              ],
              volumeMounts: [
                { name: "scratch", mountPath: "/tmp" },
                { name: "password", mountPath: "/etc/redis-password", readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: "scratch", emptyDir: {} },
            {
              name: "password",
              secret: { secretName: "hidden", items: [{ key: "redis.conf", path: "redis.conf" }] },
            },
          ],
        },
      },
    });
    expect(JSON.stringify(service)).toContain(
      '{"name":"REDIS_AUTH","valueFrom":{"secretKeyRef":{"name":"hidden","key":"password"}}}',
    );
  });

  it("refuses a domain twice, for which the service would refuse everything", () => {
    expect(
      faultsOf(() =>
        renderRateLimitService({ ...args, domains: [...args.domains, ...args.domains], redis: "redis" }),
      ),
    ).toEqual(["redis: write it so", "domains[1].name: join the two"]);
  });
});
