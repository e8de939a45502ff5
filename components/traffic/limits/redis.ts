import type { KubeObject } from "../../lib/objects";
import { confinedContainer, serviceOf, workload } from "./workload";

const port = 6379;

/** A Redis that keeps nothing: counters are worth no disk, and after a restart all windows begin anew. */
export function redisObjects(name: string, namespace: string, image: string): KubeObject[] {
  const container = {
    ...confinedContainer("redis", image, { cpu: "10m", memory: "32Mi" }),
    command: ["redis-server"],
    // Protected mode would refuse everybody from outside the pod, as there is no password.
    args: [
      "--save",
      "",
      "--appendonly",
      "no",
      "--protected-mode",
      "no",
      "--maxmemory",
      "64mb",
      "--dir",
      "/tmp",
    ],
    ports: [{ name: "tcp-redis", containerPort: port }],
    readinessProbe: { tcpSocket: { port: "tcp-redis" }, periodSeconds: 5, failureThreshold: 3 },
    volumeMounts: [{ name: "scratch", mountPath: "/tmp" }],
  };
  return [
    workload({
      name,
      namespace,
      replicas: 1,
      annotations: {},
      container,
      user: 999,
      volumes: [{ name: "scratch", emptyDir: {} }],
    }),
    serviceOf(name, namespace, { app: name }, [{ name: "tcp-redis", port }]),
  ];
}
