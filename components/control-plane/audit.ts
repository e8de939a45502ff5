import { createHash } from "node:crypto";
import { stringify } from "yaml";
import type { EndpointFile } from "./endpoint-file";
import type { ApiServerPart } from "./kubeadm-model";

export interface AuditLogSettings {
  /** Days after which an old log file is deleted. Default of the config: 30. */
  readonly maxAge: number;
  /** Old log files that are kept. Default of the config: 10. */
  readonly maxBackup: number;
  /** MiB after which a new file is begun. Default of the config: 100. */
  readonly maxSize: number;
}

const policyPath = "/etc/kubernetes/audit-policy.yaml";
const logFolder = "/var/log/kubernetes";

/** Flags of the API server for the log, and what it needs to see of the host. */
export function auditPart(settings: AuditLogSettings): ApiServerPart {
  return {
    flags: {
      "audit-policy-file": policyPath,
      "audit-log-path": `${logFolder}/audit.log`,
      "audit-log-maxage": String(settings.maxAge),
      "audit-log-maxbackup": String(settings.maxBackup),
      "audit-log-maxsize": String(settings.maxSize),
    },
    volumes: [
      { name: "audit-policy", path: policyPath, readOnly: true, type: "File" },
      { name: "audit-log", path: logFolder, readOnly: false, type: "DirectoryOrCreate" },
    ],
  };
}

/** The policy, to be placed before kubeadm runs: an API server that misses it does not start. */
export function auditFile(): EndpointFile {
  return { path: policyPath, mode: "0600", content: renderAuditPolicy() };
}

/** Changes with the policy, which the API server reads once, when it starts. */
export function auditDigest(): string {
  return createHash("sha256").update(renderAuditPolicy()).digest("hex").slice(0, 16);
}

const reads = ["get", "list", "watch"];

/** In order; the first that fits an event decides. */
const rules: readonly Readonly<Record<string, unknown>>[] = [
  // Probes and discovery: thousands an hour, by nobody in particular.
  {
    level: "None",
    nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", "/version", "/openapi*", "/metrics"],
  },
  {
    level: "None",
    resources: [
      { group: "", resources: ["events"] },
      { group: "events.k8s.io", resources: ["events"] },
    ],
  },
  // The cluster talking to itself: leases, and what kubelets, kube-proxy and controllers read all day.
  { level: "None", resources: [{ group: "coordination.k8s.io", resources: ["leases"] }] },
  { level: "None", userGroups: ["system:nodes"], verbs: reads },
  { level: "None", users: ["system:kube-proxy"], verbs: ["list", "watch"] },
  {
    level: "None",
    users: ["system:kube-scheduler", "system:kube-controller-manager", "system:apiserver"],
    verbs: reads,
  },
  // Who touched a secret, or asked for a token, but never what is in it.
  {
    level: "Metadata",
    resources: [
      { group: "", resources: ["secrets", "configmaps", "serviceaccounts/token"] },
      { group: "authentication.k8s.io", resources: ["tokenreviews", "tokenrequests"] },
    ],
  },
  // What was asked for, where it decides who may do what, or runs a command in a pod.
  {
    level: "Request",
    verbs: ["create", "update", "patch", "delete"],
    resources: [{ group: "rbac.authorization.k8s.io" }],
  },
  { level: "Metadata" },
];

/** What is worth a line: who did what to which object and when. Bodies only of changes of rights. */
export function renderAuditPolicy(): string {
  return stringify({
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    // One line per request, at its end; the start of a watch says nothing more.
    omitStages: ["RequestReceived"],
    rules,
  });
}
