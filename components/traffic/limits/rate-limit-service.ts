import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { KubeObject } from "../../lib/objects";
import { DeclaredPolicy } from "../declared-policy";
import { checked } from "../faults";
import { dnsLabel, integer } from "../values";
import { passwordKey, redisObjects } from "./redis";
import { type LimitDomain, renderDomain } from "./rules";
import { confinedContainer, serviceOf, workload } from "./workload";

/** The rate limit service, as limits refer to it. */
export interface RateLimitServiceHandle {
  readonly name: string;
  readonly namespace: string;
  /** Port of its Service for gRPC. */
  readonly port: number;
}

export interface RateLimitServiceArgs {
  /** Default `ratelimit`. */
  readonly name?: string;
  /** A namespace of its own is best; it may be in the mesh or outside. */
  readonly namespace: string;
  /** All that it is asked about. A domain that it does not know it lets pass. */
  readonly domains: readonly LimitDomain[];
  /** Pods of the service; they count in Redis, so that it may be any number. Default 1. */
  readonly replicas?: number;
  /** Connections to Redis per pod. Default 10. */
  readonly redisPoolSize?: number;
  /** `HOST:PORT` of a Redis that is there already. Default: one without persistence, beside the service. */
  readonly redis?: string;
  /** Secret beside the service with the password of Redis, as `redisSecret` renders it. Default: no password. */
  readonly redisSecret?: string;
  /** Default `docker.io/envoyproxy/ratelimit:3fb70258`; the project tags commits, and has no releases any more. */
  readonly image?: string;
  /** Default `docker.io/library/redis:7.0.15`. */
  readonly redisImage?: string;
}

export const rateLimitImage = "docker.io/envoyproxy/ratelimit:3fb70258";
export const redisImage = "docker.io/library/redis:7.0.15";

const ports = { http: 8080, grpc: 8081, debug: 6070 } as const;

/** How limits refer to a service with these arguments. */
export const rateLimitService = ({
  name = "ratelimit",
  namespace,
}: RateLimitServiceArgs): RateLimitServiceHandle => ({
  name,
  namespace,
  port: ports.grpc,
});

/** ConfigMap, Redis, and the service with its Service. */
export function renderRateLimitService(args: RateLimitServiceArgs): KubeObject[] {
  const { name = "ratelimit", namespace, domains, replicas = 1, redisPoolSize = 10, redis } = args;
  return checked(`RateLimitService ${name}`, (at) => {
    dnsLabel(name, at.in("name"));
    dnsLabel(namespace, at.in("namespace"));
    integer(replicas, at.in("replicas"), { min: 1 });
    integer(redisPoolSize, at.in("redisPoolSize"), { min: 1 });
    if (redis !== undefined && !/^[^\s:/]+:\d+$/.test(redis))
      at.in("redis").fault(redis, "HOST:PORT", "write it so");
    if (domains.length === 0) at.in("domains").fault([], "one or more", "add one");
    const names = domains.map((domain) => domain.name);
    names.forEach((domain, index) => {
      if (names.indexOf(domain) < index) {
        at.in("domains", index, "name").fault(
          domain,
          "each once: the service refuses its whole config",
          "join the two",
        );
      }
    });
    const files = domains.map((domain, index) => {
      const file = renderDomain(domain, at.in("domains", index));
      return [`${domain.name}.yaml`, stringify(file)] as const;
    });
    const data = Object.fromEntries(files);
    const labels = { app: name };
    return [
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `${name}-config`, namespace, labels }, data },
      ...(redis === undefined ? ownRedis(args) : []),
      deployment(args, data),
      serviceOf(name, namespace, labels, [
        { name: "http", port: ports.http },
        // The name tells proxies to speak HTTP/2 with it.
        { name: "grpc", port: ports.grpc },
        { name: "http-debug", port: ports.debug },
      ]),
    ];
  });
}

const ownRedis = ({ name = "ratelimit", namespace, redisSecret, redisImage: image }: RateLimitServiceArgs) =>
  redisObjects({ name: `${name}-redis`, namespace, image: image ?? redisImage, secret: redisSecret });

function deployment(args: RateLimitServiceArgs, data: Readonly<Record<string, string>>): KubeObject {
  const { name = "ratelimit", namespace, replicas = 1, image = rateLimitImage } = args;
  const container = {
    ...confinedContainer("ratelimit", image, { cpu: "20m", memory: "64Mi" }),
    command: ["/bin/ratelimit"],
    env: [...environment(args), ...passwordOf(args)],
    ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
    readinessProbe: {
      httpGet: { path: "/healthcheck", port: "http" },
      periodSeconds: 5,
      failureThreshold: 3,
    },
    volumeMounts: [{ name: "config", mountPath: "/data/ratelimit/config", readOnly: true }],
  };
  return workload({
    name,
    namespace,
    replicas,
    // The service looks for changes of its files in a way that a ConfigMap's links do not trigger.
    annotations: {
      "mesh-platform/config": createHash("sha256").update(JSON.stringify(data)).digest("hex").slice(0, 16),
    },
    container,
    user: 65_532,
    volumes: [{ name: "config", configMap: { name: `${name}-config` } }],
  });
}

const environment = ({ name = "ratelimit", namespace, redis, redisPoolSize = 10 }: RateLimitServiceArgs) =>
  Object.entries({
    LOG_LEVEL: "info",
    USE_STATSD: "false",
    REDIS_SOCKET_TYPE: "tcp",
    REDIS_URL: redis ?? `${name}-redis.${namespace}:6379`,
    REDIS_POOL_SIZE: String(redisPoolSize),
    RUNTIME_ROOT: "/data",
    RUNTIME_SUBDIRECTORY: "ratelimit",
    RUNTIME_WATCH_ROOT: "false",
    // A ConfigMap's folder has `..data` in it, which is the same files again, and a domain twice is refused.
    RUNTIME_IGNOREDOTFILES: "true",
  }).map(([variable, value]) => ({ name: variable, value }));

/** The password stays in its Secret: the Deployment only says where it is. */
const passwordOf = ({ redisSecret }: RateLimitServiceArgs) =>
  redisSecret === undefined
    ? []
    : [{ name: "REDIS_AUTH", valueFrom: { secretKeyRef: { name: redisSecret, key: passwordKey } } }];

/** The rate limit service with its store, in the cluster. */
export class RateLimitService extends DeclaredPolicy {
  readonly handle: RateLimitServiceHandle;

  constructor(name: string, args: RateLimitServiceArgs, options?: pulumi.ComponentResourceOptions) {
    super("RateLimitService", name, renderRateLimitService(args), options);
    this.handle = rateLimitService(args);
  }
}
