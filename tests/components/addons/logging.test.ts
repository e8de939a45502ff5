import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { usersText } from "../../../components/addons/elasticsearch";
import type { LoggingArgs } from "../../../components/addons/logging";
import { Logging, renderLogging } from "../../../components/addons/logging";
import { renderFluentBitConfig } from "../../../components/addons/shipper";
import { record } from "../../support/recorder";
import { loggingArgs, the, titles } from "./args";

const secrets = {
  users: { file: "users", adminPassword: "a", kibanaPassword: "k", shipperPassword: "s" },
  encryptionKey: "e",
};
const render = (args: Partial<LoggingArgs> = {}) => renderLogging({ ...loggingArgs, ...args, ...secrets });

describe("renderLogging", () => {
  it("makes everything that it needs, in order, in a namespace outside the mesh", () => {
    expect(titles(render())).toEqual([
      "Namespace logging",
      "ConfigMap logging/elasticsearch",
      "Secret logging/elasticsearch-users",
      "Service logging/elasticsearch",
      "StatefulSet logging/elasticsearch",
      "ServiceAccount logging/fluent-bit",
      "ClusterRole fluent-bit-logging",
      "ClusterRoleBinding fluent-bit-logging",
      "ConfigMap logging/fluent-bit",
      "DaemonSet logging/fluent-bit",
      "Secret logging/kibana-key",
      "Service logging/kibana",
      "Deployment logging/kibana",
      "ConfigMap logging/delete-old-indices",
      "CronJob logging/delete-old-indices",
    ]);
    expect(the(render(), "Namespace logging").metadata.labels).toEqual({
      "istio-injection": "disabled",
      "pod-security.kubernetes.io/enforce": "privileged",
    });
  });

  it("asks for passwords, and gives everybody the rights that they need", () => {
    const { data } = the(render(), "ConfigMap logging/elasticsearch");
    expect(parse(data["elasticsearch.yml"])).toMatchObject({
      "discovery.type": "single-node",
      "xpack.security.enabled": true,
      "node.store.allow_mmap": false,
    });
    expect(data.users_roles).toBe(
      "superuser:admin\nkibana_system:kibana\nlog_shipper:shipper\nlog_keeper:shipper\n",
    );
    expect(parse(data["roles.yml"]).log_shipper.indices[0].names).toEqual(["mesh-*"]);
    expect(usersText("$2a$10$a", "$2a$10$k", "$2a$10$s")).toBe(
      "admin:$2a$10$a\nkibana:$2a$10$k\nshipper:$2a$10$s\n",
    );
  });

  it("carries logs by Fluentd where that is wanted", () => {
    const resources = { requests: { cpu: "50m", memory: "200Mi" } };
    const objects = render({ shipper: { kind: "fluentd", version: "1.19.3", resources } });
    const [container] = the(objects, "DaemonSet logging/fluentd").spec.template.spec.containers;
    expect(container.image).toBe(
      "docker.io/fluent/fluentd-kubernetes-daemonset:v1.19.3-debian-elasticsearch8-1.1",
    );
    expect(container.env).toContainEqual({
      name: "FLUENT_ELASTICSEARCH_HOST",
      value: "elasticsearch.logging",
    });
    expect(titles(objects)).not.toContain("DaemonSet logging/fluent-bit");
  });

  it("reads logs as the runtime writes them, on every node", () => {
    expect(renderFluentBitConfig({ ...loggingArgs, logFormat: "docker" })).toMatch(
      /multiline\.parser +docker\n/,
    );
    const config = renderFluentBitConfig(loggingArgs);
    expect(config).toMatch(/multiline\.parser +cri\n/);
    expect(config).toMatch(/HTTP_Passwd +\$\{PASSWORD\}\n/);
    expect(the(render(), "DaemonSet logging/fluent-bit").spec.template.spec.tolerations).toEqual([
      { operator: "Exists", effect: "NoSchedule" },
    ]);
  });
});

describe("Logging", () => {
  it("makes every password here, and shows none", async () => {
    const recording = await record(() => new Logging("logging", loggingArgs).objects.length);
    expect(recording.result).toBe(15);
    const passwords = recording.all("random:index/randomPassword:RandomPassword");
    expect(passwords.map(({ name }) => name)).toEqual([
      "logging-admin",
      "logging-kibana",
      "logging-shipper",
      "logging-kibana-key",
    ]);
  });
});

describe("delete-old-indices.sh", () => {
  const script = join(__dirname, "../../../components/addons/pod/delete-old-indices.sh");

  /** Runs it against a curl that lists indices and notes what it is asked to delete. */
  function deleted(indices: readonly string[], days: number): string[] {
    const folder = mkdtempSync(join(tmpdir(), "indices-"));
    const notes = join(folder, "notes");
    writeFileSync(notes, "");
    writeFileSync(
      join(folder, "curl"),
      [
        "#!/bin/bash",
        'for last; do :; done; case "$*" in',
        `*DELETE*) echo "$last" >>${notes} ;;`,
        `*_cat*) printf '%s\\n' ${indices.join(" ")} ;;`,
        "esac",
      ].join("\n"),
    );
    chmodSync(join(folder, "curl"), 0o755);
    try {
      execFileSync("bash", [script], {
        env: {
          PATH: `${folder}:${process.env.PATH}`,
          ADDRESS: "http://elasticsearch",
          PREFIX: "mesh",
          DAYS: String(days),
          PASSWORD: "secret",
        },
      });
      return readFileSync(notes, "utf8").split("\n").filter(Boolean);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  const dayBefore = (days: number) =>
    new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10).replaceAll("-", ".");

  it("deletes days that are too long ago, and nothing of another shape", () => {
    const old = `mesh-${dayBefore(30)}`;
    const fresh = `mesh-${dayBefore(2)}`;
    expect(deleted([old, fresh, "mesh-kept-by-hand", "mesh-2001.01.01"], 7)).toEqual([
      "http://elasticsearch/mesh-2001.01.01",
      `http://elasticsearch/${old}`,
    ]);
  });

  it("finds nothing to do the second time", () => {
    expect(deleted([`mesh-${dayBefore(1)}`], 7)).toEqual([]);
  });
});
