import * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../../lib/objects";
import { confinedContainer, serviceOf, workload } from "./workload";

const port = 6379;

/** Where the password is in its Secret, as it stands and as a line of Redis's own config. */
export const passwordKey = "password";
const configKey = "redis.conf";
const configPath = "/etc/redis-password";

/** The Secret with the password of a Redis. On a command line or in a variable others on the node could read it. */
export const redisSecret = (name: string, namespace: string, password: pulumi.Input<string>): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace },
  type: "Opaque",
  stringData: { [passwordKey]: password, [configKey]: pulumi.interpolate`requirepass ${password}` },
});

export interface RedisArgs {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
  /** Name of its `redisSecret`. Default: no password. */
  readonly secret: string | undefined;
}

const settings = ["--save", "", "--appendonly", "no", "--maxmemory", "64mb", "--dir", "/tmp"];

/** Protected mode would refuse everybody from outside the pod, where there is no password. */
const protection = (secret: string | undefined) =>
  secret === undefined
    ? { args: [...settings, "--protected-mode", "no"], mounts: [], volumes: [] }
    : {
        args: [`${configPath}/${configKey}`, ...settings],
        mounts: [{ name: "password", mountPath: configPath, readOnly: true }],
        volumes: [
          { name: "password", secret: { secretName: secret, items: [{ key: configKey, path: configKey }] } },
        ],
      };

/** A Redis that keeps nothing: counters are worth no disk, and after a restart all windows begin anew. */
export function redisObjects({ name, namespace, image, secret }: RedisArgs): KubeObject[] {
  const { args, mounts, volumes } = protection(secret);
  const container = {
    ...confinedContainer("redis", image, { cpu: "10m", memory: "32Mi" }),
    command: ["redis-server"],
    args,
    ports: [{ name: "tcp-redis", containerPort: port }],
    readinessProbe: { tcpSocket: { port: "tcp-redis" }, periodSeconds: 5, failureThreshold: 3 },
    volumeMounts: [{ name: "scratch", mountPath: "/tmp" }, ...mounts],
  };
  return [
    workload({
      name,
      namespace,
      replicas: 1,
      annotations: {},
      container,
      user: 999,
      volumes: [{ name: "scratch", emptyDir: {} }, ...volumes],
    }),
    serviceOf(name, namespace, { app: name }, [{ name: "tcp-redis", port }]),
  ];
}
