import { stringify } from "yaml";
import { atLeast } from "../lib/versions";
import { dashboards } from "./dashboards";
import { dataSource, renderDashboard } from "./dashboards/render";
import { type GrafanaAlerting, renderGrafanaAlerting } from "./grafana-alerts";

export interface GrafanaFilesArgs {
  /** Version of Grafana. */
  readonly version: string;
  /** Address of Prometheus inside the cluster. */
  readonly prometheusUrl: string;
  /** Seconds between two scrapes of that; shorter steps would show holes. */
  readonly intervalSeconds: number;
  /** Address of Jaeger inside the cluster. Default: no data source for traces. */
  readonly jaegerUrl?: string | undefined;
  /** People who do not log in may look at everything. */
  readonly anonymousViewer: boolean;
  readonly alerting: GrafanaAlerting | false;
}

/** From here on rules and receivers can be given as files. */
export const ALERTING_BY_FILES = "9.1";

export const dashboardFolder = "/var/lib/grafana-dashboards";

/** Settings by section, as grafana.ini has them. */
type IniSections = Readonly<Record<string, Readonly<Record<string, string | boolean>>>>;

const renderIni = (sections: IniSections): string =>
  Object.entries(sections)
    .map(([name, settings]) =>
      [`[${name}]`, ...Object.entries(settings).map(([key, value]) => `${key} = ${value}`), ""].join("\n"),
    )
    .join("\n");

/** Sections of grafana.ini. */
export function grafanaSettings({ alerting, anonymousViewer }: GrafanaFilesArgs): IniSections {
  const receiver = alerting === false ? undefined : alerting.receiver;
  const smtp = receiver?.kind === "email" ? receiver.smtp : undefined;
  return {
    // A cluster without a way out would only log that it found no news.
    analytics: { check_for_updates: false, check_for_plugin_updates: false, reporting_enabled: false },
    "auth.anonymous": { enabled: anonymousViewer, org_role: "Viewer" },
    users: { allow_sign_up: false },
    ...(smtp === undefined
      ? {}
      : {
          smtp: {
            enabled: true,
            host: smtp.host,
            from_address: smtp.from,
            ...(smtp.login === undefined ? {} : { user: smtp.login.user }),
          },
        }),
  };
}

function renderDataSources({ prometheusUrl, jaegerUrl, intervalSeconds }: GrafanaFilesArgs): object {
  const common = { orgId: 1, access: "proxy", editable: false };
  return {
    apiVersion: 1,
    datasources: [
      {
        ...common,
        ...dataSource,
        type: "prometheus",
        isDefault: true,
        url: prometheusUrl,
        jsonData: { timeInterval: `${intervalSeconds}s`, httpMethod: "POST" },
      },
      ...(jaegerUrl === undefined
        ? []
        : [{ ...common, uid: "jaeger", name: "Jaeger", type: "jaeger", url: jaegerUrl }]),
    ],
  };
}

const dashboardProvider = (path: string) => ({
  apiVersion: 1,
  providers: [
    {
      name: "mesh",
      orgId: 1,
      folder: "Mesh",
      type: "file",
      // What is edited in the browser would be lost at the next start; so it cannot be saved.
      allowUiUpdates: false,
      disableDeletion: true,
      options: { path },
    },
  ],
});

/** Files of the folder `provisioning`, with where they go below it. */
export const provisioned = {
  "datasources.yaml": "datasources/datasources.yaml",
  "dashboards.yaml": "dashboards/dashboards.yaml",
  "alerting.yaml": "alerting/alerting.yaml",
} as const;

/** What is provisioned, by file. */
export function grafanaProvisioning(args: GrafanaFilesArgs, folder: string = dashboardFolder) {
  const { alerting, version } = args;
  const alerts =
    alerting === false || !atLeast(version, ALERTING_BY_FILES) ? undefined : renderGrafanaAlerting(alerting);
  return {
    "datasources.yaml": renderDataSources(args),
    "dashboards.yaml": dashboardProvider(folder),
    ...(alerts === undefined ? {} : { "alerting.yaml": alerts }),
  };
}

/** grafana.ini and what is provisioned, as text. */
export function renderGrafanaFiles(args: GrafanaFilesArgs): Record<string, string> {
  const files = Object.entries(grafanaProvisioning(args)).map(([file, value]) => [
    file,
    stringify(value, { lineWidth: 0, aliasDuplicateObjects: false }),
  ]);
  return { "grafana.ini": renderIni(grafanaSettings(args)), ...Object.fromEntries(files) };
}

export const renderDashboards = (version: string): Record<string, string> =>
  Object.fromEntries(
    dashboards.map((dashboard) => [`${dashboard.uid}.json`, renderDashboard(dashboard, version)]),
  );
