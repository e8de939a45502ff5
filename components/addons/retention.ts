import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../lib/objects";
import { elasticUrl, usersSecret } from "./elasticsearch";
import { imageOf } from "./images";
import { asUser, configMap, configVolume, confined } from "./workload";

export interface RetentionArgs {
  readonly namespace: string;
  /** Version of Elasticsearch: its image has all that is needed. */
  readonly version: string;
  readonly indexPrefix: string;
  /** Days that logs are kept. */
  readonly days: number;
}

const name = "delete-old-indices";
const labels = { app: name, "app.kubernetes.io/name": name };
const USER = 1000;

/** A daily job that deletes indices of days that are too long ago: one index is one day, so nothing is rewritten. */
export function renderRetention({ namespace, version, indexPrefix, days }: RetentionArgs): KubeObject[] {
  const script = readFileSync(join(__dirname, "pod", "delete-old-indices.sh"), "utf8");
  const container = {
    name,
    image: imageOf("elasticsearch", version),
    imagePullPolicy: "IfNotPresent",
    command: ["bash", "/scripts/delete-old-indices.sh"],
    env: [
      { name: "ADDRESS", value: elasticUrl(namespace) },
      { name: "PREFIX", value: indexPrefix },
      { name: "DAYS", value: String(days) },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: usersSecret, key: "shipper-password" } } },
    ],
    resources: { requests: { cpu: "10m", memory: "32Mi" } },
    securityContext: confined,
    volumeMounts: [{ name: "scripts", mountPath: "/scripts" }],
  };
  return [
    configMap(name, namespace, labels, { "delete-old-indices.sh": script }),
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name, namespace, labels },
      spec: {
        // A while after midnight UTC, when the names of the days change.
        schedule: "23 1 * * *",
        concurrencyPolicy: "Forbid",
        successfulJobsHistoryLimit: 1,
        failedJobsHistoryLimit: 1,
        jobTemplate: {
          spec: {
            backoffLimit: 2,
            template: {
              metadata: { labels: { ...labels, "sidecar.istio.io/inject": "false" } },
              spec: {
                restartPolicy: "Never",
                automountServiceAccountToken: false,
                securityContext: asUser(USER),
                containers: [container],
                volumes: [configVolume("scripts", name)],
              },
            },
          },
        },
      },
    },
  ];
}
