import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  auditDigest,
  auditFile,
  auditPart,
  renderAuditPolicy,
} from "../../../components/control-plane/audit";

interface Rule {
  level: string;
  users?: string[];
  userGroups?: string[];
  verbs?: string[];
  resources?: { group: string; resources?: string[] }[];
  nonResourceURLs?: string[];
}

interface Event {
  user?: string;
  groups?: string[];
  verb: string;
  group?: string;
  resource?: string;
  url?: string;
}

/** Which rule the API server would take: the first whose every list has the event's value. */
function level(event: Event): string {
  const { rules }: { rules: Rule[] } = parse(renderAuditPolicy());
  const fits = (rule: Rule) =>
    (rule.users === undefined || rule.users.includes(event.user ?? "")) &&
    (rule.userGroups === undefined || rule.userGroups.some((group) => event.groups?.includes(group))) &&
    (rule.verbs === undefined || rule.verbs.includes(event.verb)) &&
    (rule.resources === undefined ||
      rule.resources.some(
        ({ group, resources }) =>
          group === (event.group ?? "") &&
          event.resource !== undefined &&
          (resources === undefined || resources.includes(event.resource)),
      )) &&
    (rule.nonResourceURLs === undefined ||
      rule.nonResourceURLs.some((url) =>
        url.endsWith("*") ? event.url?.startsWith(url.slice(0, -1)) : event.url === url,
      ));
  return rules.find(fits)?.level ?? "None";
}

describe("the audit policy", () => {
  it.each<[string, string, Event]>([
    ["Metadata", "somebody makes a pod", { user: "ann", verb: "create", resource: "pods" }],
    ["Metadata", "somebody reads a Secret", { user: "ann", verb: "get", resource: "secrets" }],
    ["Metadata", "somebody writes a Secret", { user: "ann", verb: "update", resource: "secrets" }],
    ["Metadata", "a token is made", { user: "ann", verb: "create", resource: "serviceaccounts/token" }],
    [
      "Request",
      "rights are given",
      { user: "ann", verb: "create", group: "rbac.authorization.k8s.io", resource: "rolebindings" },
    ],
    ["Metadata", "a node changes something", { groups: ["system:nodes"], verb: "patch", resource: "nodes" }],
    ["None", "a node reads", { groups: ["system:nodes"], verb: "get", resource: "configmaps" }],
    ["None", "a lease is renewed", { verb: "update", group: "coordination.k8s.io", resource: "leases" }],
    ["None", "an event is written", { verb: "create", resource: "events" }],
    ["None", "a load balancer probes", { verb: "get", url: "/readyz" }],
    ["None", "kube-proxy watches", { user: "system:kube-proxy", verb: "watch", resource: "services" }],
  ])("has level %s when %s", (wanted, _, event) => {
    expect(level(event)).toBe(wanted);
  });

  it("never has a level that would write the content of a Secret", () => {
    for (const verb of ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]) {
      for (const user of ["ann", "system:kube-controller-manager", "system:serviceaccount:a:b"]) {
        expect(["None", "Metadata"]).toContain(level({ user, verb, resource: "secrets" }));
      }
    }
  });
});

describe("the API server's part", () => {
  const part = auditPart({ maxAge: 30, maxBackup: 10, maxSize: 100 });

  it("has the settings as flags", () => {
    expect(part.flags).toEqual({
      "audit-policy-file": "/etc/kubernetes/audit-policy.yaml",
      "audit-log-path": "/var/log/kubernetes/audit.log",
      "audit-log-maxage": "30",
      "audit-log-maxbackup": "10",
      "audit-log-maxsize": "100",
    });
  });

  it("sees the policy, read only, and the folder of the log", () => {
    expect(part.volumes.map(({ path, readOnly }) => [path, readOnly])).toEqual([
      [auditFile().path, true],
      ["/var/log/kubernetes", false],
    ]);
  });

  it("has a digest that is steady", () => {
    expect(auditDigest()).toMatch(/^[0-9a-f]{16}$/);
    expect(auditDigest()).toBe(auditDigest());
  });
});
