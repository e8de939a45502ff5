import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { dashboards } from "../../../components/addons/dashboards";
import { renderDashboard } from "../../../components/addons/dashboards/render";
import type { GrafanaArgs } from "../../../components/addons/grafana";
import { Grafana, renderGrafana } from "../../../components/addons/grafana";
import { renderGrafanaAlerting, renderGrafanaRule, uidOf } from "../../../components/addons/grafana-alerts";
import { meshRules } from "../../../components/addons/mesh-rules";
import { record } from "../../support/recorder";
import { grafanaArgs, the, titles } from "./args";

const files = (args: Partial<GrafanaArgs> = {}) =>
  the(renderGrafana({ ...grafanaArgs, ...args }), "ConfigMap istio-system/grafana").data;
const pod = (args: Partial<GrafanaArgs> = {}) =>
  the(renderGrafana({ ...grafanaArgs, ...args }), "StatefulSet istio-system/grafana").spec.template.spec;

describe("renderGrafana", () => {
  it("makes everything that it needs, in order", () => {
    expect(titles(renderGrafana(grafanaArgs))).toEqual([
      "Secret istio-system/grafana",
      "ConfigMap istio-system/grafana-dashboards",
      "ConfigMap istio-system/grafana",
      "Service istio-system/grafana",
      "StatefulSet istio-system/grafana",
    ]);
  });

  it("asks for a login unless told otherwise", () => {
    expect(files()["grafana.ini"]).toContain("[auth.anonymous]\nenabled = false\n");
    expect(files({ anonymousViewer: true })["grafana.ini"]).toContain(
      "[auth.anonymous]\nenabled = true\norg_role = Viewer\n",
    );
  });

  it("knows Prometheus, and Jaeger where there is one", () => {
    const names = (args: Partial<GrafanaArgs>) =>
      parse(files(args)["datasources.yaml"]).datasources.map(({ uid, url }: Record<string, string>) => [
        uid,
        url,
      ]);
    expect(names({})).toEqual([["prometheus", "http://prometheus.istio-system:9090"]]);
    expect(names({ jaegerUrl: "http://tracing.istio-system:80/jaeger" })).toEqual([
      ["prometheus", "http://prometheus.istio-system:9090"],
      ["jaeger", "http://tracing.istio-system:80/jaeger"],
    ]);
  });

  it("leaves rules to Prometheus where this Grafana takes none by files", () => {
    expect(Object.keys(files({ version: "8.3.1" }))).not.toContain("alerting.yaml");
    expect(Object.keys(files())).toContain("alerting.yaml");
    expect(Object.keys(files({ alerting: false }))).not.toContain("alerting.yaml");
  });

  it("takes the address of a receiver out of a Secret by a variable", () => {
    const alerting = {
      rules: meshRules(),
      receiver: { kind: "webhookFromSecret", secretName: "pager", key: "url" },
      repeatHours: 4,
    } as const;
    expect(pod({ alerting }).containers[0].env).toContainEqual({
      name: "MESH_ALERT_WEBHOOK",
      valueFrom: { secretKeyRef: { name: "pager", key: "url" } },
    });
    expect(parse(files({ alerting })["alerting.yaml"]).contactPoints).toEqual([
      {
        orgId: 1,
        name: "mesh",
        receivers: [
          {
            uid: "mesh-receiver",
            type: "webhook",
            settings: { url: "$MESH_ALERT_WEBHOOK", httpMethod: "POST" },
          },
        ],
      },
    ]);
  });

  it("sends mail by a server that may want a login", () => {
    const alerting = {
      rules: [],
      receiver: {
        kind: "email",
        addresses: ["a@example.com", "b@example.com"],
        smtp: {
          host: "mail.example.com:587",
          from: "mesh@example.com",
          login: { user: "mesh", secretName: "mail", key: "password" },
        },
      },
      repeatHours: 12,
    } as const;
    expect(files({ alerting })["grafana.ini"]).toContain(
      "[smtp]\nenabled = true\nhost = mail.example.com:587\nfrom_address = mesh@example.com\nuser = mesh\n",
    );
    expect(pod({ alerting }).containers[0].env.map(({ name }: { name: string }) => name)).toContain(
      "GF_SMTP_PASSWORD",
    );
    expect(parse(files({ alerting })["alerting.yaml"]).policies[0].repeat_interval).toBe("12h");
  });

  it("mounts each file at its place", () => {
    expect(pod().containers[0].volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)).toEqual(
      [
        "/etc/grafana/grafana.ini",
        "/etc/grafana/provisioning/datasources/datasources.yaml",
        "/etc/grafana/provisioning/dashboards/dashboards.yaml",
        "/etc/grafana/provisioning/alerting/alerting.yaml",
        "/var/lib/grafana-dashboards",
        "/var/lib/grafana",
      ],
    );
  });
});

describe("rules in Grafana", () => {
  it("ask Prometheus, then compare, and get variables of theirs through Grafana's own", () => {
    const rule = meshRules().find(({ name }) => name === "MeshGatewayCertificateExpires");
    if (rule === undefined) throw new Error("the rule is gone");
    const rendered = JSON.parse(JSON.stringify(renderGrafanaRule(rule)));
    expect(rendered).toMatchObject({
      uid: "mesh-gateway-certificate-expires",
      condition: "B",
      for: "5m",
      noDataState: "OK",
      annotations: {
        summary: "A certificate of gateway {{ $$labels.namespace }}/{{ $$labels.pod }} ends soon",
      },
    });
    expect(rendered.data[0].model.expr).toContain('"certificate", "$$1", "__name__"');
    expect(rendered.data[1].model.conditions).toEqual([
      { type: "query", evaluator: { type: "lt", params: [14] } },
    ]);
  });

  it("have names of their own that Grafana takes", () => {
    const uids = meshRules().map(({ name }) => uidOf(name));
    expect(new Set(uids).size).toBe(uids.length);
    expect(uids.filter((uid) => !/^[a-z][a-z-]{0,39}$/.test(uid))).toEqual([]);
  });

  it("tell nobody where there is no receiver, and leave Grafana's own policies alone", () => {
    const rendered = renderGrafanaAlerting({ rules: [], receiver: { kind: "none" }, repeatHours: 4 });
    expect(Object.keys(rendered)).toEqual(["apiVersion", "groups"]);
  });
});

describe("dashboards", () => {
  const rendered = dashboards.map((dashboard) => JSON.parse(renderDashboard(dashboard, "12.0.1")));

  it("have addresses that last", () => {
    expect(dashboards.map(({ uid, title }) => [uid, title])).toEqual([
      ["mesh-overview", "Mesh Overview"],
      ["mesh-service", "Mesh Service"],
      ["mesh-workload", "Mesh Workload"],
      ["mesh-control-plane", "Mesh Control Plane"],
      ["mesh-performance", "Mesh Performance"],
    ]);
  });

  it("lay panels out without gaps in a row, overlaps, or ids that occur twice", () => {
    type Place = { x: number; y: number; w: number; h: number };
    const clashes = rendered.flatMap(({ uid, panels }) => {
      const places: Place[] = panels.map(({ gridPos }: { gridPos: Place }) => gridPos);
      const ids = panels.map(({ id }: { id: number }) => id);
      const overlapping = places.flatMap((a, index) =>
        places
          .slice(index + 1)
          .filter((b) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h),
      );
      const outside = places.filter(({ x, w }) => x + w > 24);
      return overlapping.length + outside.length > 0 || new Set(ids).size < ids.length ? [uid] : [];
    });
    expect(clashes).toEqual([]);
  });

  it("are the same text for the same data", () => {
    const [first] = dashboards;
    if (first === undefined) throw new Error("there is no dashboard");
    expect(renderDashboard(first, "12.0.1")).toBe(renderDashboard(first, "12.0.1"));
  });

  it("ask old versions of Grafana in their own words", () => {
    const [first] = dashboards;
    if (first === undefined) throw new Error("there is no dashboard");
    const old = JSON.parse(renderDashboard(first, "7.0.5"));
    const kinds = new Set(old.panels.map(({ type }: { type: string }) => type));
    expect([...kinds].sort()).toEqual(["graph", "row", "stat", "table"]);
    expect(old.panels[1].datasource).toBe("Prometheus");
    expect(rendered[0].panels[1].datasource).toEqual({ type: "prometheus", uid: "prometheus" });
  });
});

describe("Grafana", () => {
  it("makes a password that nobody sees", async () => {
    const { adminPassword: _, ...args } = grafanaArgs;
    const recording = await record(() => new Grafana("grafana", args).adminPassword);
    const secret = recording.find("istio-system/grafana", "kubernetes:core/v1:Secret");
    expect(secret.additionalSecretOutputs).toEqual(["data", "stringData"]);
    const [password] = recording.all("random:index/randomPassword:RandomPassword");
    expect(password?.inputs).toEqual({ length: 24, special: false });
  });
});
