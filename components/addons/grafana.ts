import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { expose } from "../mesh/exposure";
import type { Exposure } from "../mesh/exposure-types";
import { withServices } from "./chart-services";
import { WEBHOOK_VARIABLE } from "./grafana-alerts";
import {
  dashboardFolder,
  type GrafanaFilesArgs,
  provisioned,
  renderDashboards,
  renderGrafanaFiles,
} from "./grafana-files";
import { imageOf } from "./images";
import { DATA_VOLUME, type Persistence, renderStorage } from "./persistence";
import {
  type AddonArgs,
  after,
  asUser,
  configMap,
  configVolume,
  confined,
  httpProbe,
  type Resources,
  renderKeeper,
} from "./workload";

export interface GrafanaArgs extends AddonArgs, GrafanaFilesArgs {
  /** For what people make beside the dashboards that come with it: users, dashboards of their own, silences. */
  readonly persistence: Persistence;
  readonly resources: Resources;
  readonly exposure: Exposure;
}

interface GrafanaSecrets {
  /** Of the user admin. Holds from the first start on a volume; later it is changed in Grafana. */
  readonly adminPassword: pulumi.Input<string>;
}

export const grafanaPort = 3000;
const name = "grafana";
/** `grafana` in the image. */
const USER = 472;
const selector = { app: name, "app.kubernetes.io/name": name };
const dashboardsName = "grafana-dashboards";

const fromSecret = (variable: string, secret: string, key: string) => ({
  name: variable,
  valueFrom: { secretKeyRef: { name: secret, key } },
});

function environment({ alerting }: GrafanaArgs): object[] {
  const receiver = alerting === false ? undefined : alerting.receiver;
  const login = receiver?.kind === "email" ? receiver.smtp.login : undefined;
  return [
    fromSecret("GF_SECURITY_ADMIN_USER", name, "admin-user"),
    fromSecret("GF_SECURITY_ADMIN_PASSWORD", name, "admin-password"),
    ...(receiver?.kind === "webhookFromSecret"
      ? [fromSecret(WEBHOOK_VARIABLE, receiver.secretName, receiver.key)]
      : []),
    ...(login === undefined ? [] : [fromSecret("GF_SMTP_PASSWORD", login.secretName, login.key)]),
  ];
}

/** One by one: a folder that is mounted as a whole would hide what the image has in it. */
const mounts = (files: Readonly<Record<string, string>>) => [
  { name: "config", mountPath: "/etc/grafana/grafana.ini", subPath: "grafana.ini" },
  ...Object.entries(provisioned)
    .filter(([file]) => file in files)
    .map(([file, place]) => ({
      name: "config",
      mountPath: `/etc/grafana/provisioning/${place}`,
      subPath: file,
    })),
  { name: "dashboards", mountPath: dashboardFolder },
  { name: DATA_VOLUME, mountPath: "/var/lib/grafana" },
];

export function renderGrafana(args: GrafanaArgs & GrafanaSecrets): KubeObject[] {
  const { namespace, version, persistence, resources } = args;
  const files = renderGrafanaFiles(args);
  const boards = renderDashboards(version);
  const storage = renderStorage({ name, namespace, labels: selector, persistence, user: USER });
  // The port's name is Istio's own sample's, which presets and people's notes refer to.
  const ports = [{ name: "service", port: grafanaPort, appProtocol: "http" }];
  const own = [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace, labels: selector },
      type: "Opaque",
      stringData: { "admin-user": "admin", "admin-password": args.adminPassword },
    },
    configMap(dashboardsName, namespace, selector, boards),
    ...storage.objects,
  ];
  if (args.chart !== undefined) {
    const service = { name, exposure: args.exposure, ports };
    return [...own, ...withServices(args.chart, namespace, name, [service])];
  }
  const exposed = expose(args.exposure, { name, namespace, labels: selector, selector, ports });
  const container = {
    name,
    image: imageOf("grafana", version),
    imagePullPolicy: "IfNotPresent",
    env: environment(args),
    ports: [{ name: "http", containerPort: grafanaPort }],
    // The first start makes the database.
    startupProbe: httpProbe("http", "/api/health", 5, 60),
    readinessProbe: httpProbe("http", "/api/health"),
    livenessProbe: httpProbe("http", "/api/health", 15, 6),
    resources,
    securityContext: confined,
    volumeMounts: mounts(files),
  };
  return [
    ...own,
    configMap(name, namespace, selector, files),
    exposed.service,
    ...(exposed.ingress === undefined ? [] : [exposed.ingress]),
    renderKeeper(
      {
        name,
        namespace,
        selector,
        config: { files, boards },
        pod: exposed.pod,
        containers: [container],
        volumes: [configVolume("config", name), configVolume("dashboards", dashboardsName)],
        securityContext: asUser(USER),
      },
      storage,
    ),
  ];
}

/** Grafana with the mesh's dashboards, its rules and whom to tell; its password is made here. */
export class Grafana extends pulumi.ComponentResource {
  readonly objects: readonly pulumi.Resource[];
  /** Of the user admin; secret. */
  readonly adminPassword: pulumi.Output<string>;

  constructor(name: string, args: GrafanaArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:addons:Grafana", name, {}, options);
    const password = new random.RandomPassword(
      `${name}-admin`,
      { length: 24, special: false },
      { parent: this },
    );
    this.adminPassword = password.result;
    this.objects = declareObjects(renderGrafana({ ...args, adminPassword: password.result }), {
      parent: this,
      ...after(options),
    });
    this.registerOutputs({});
  }
}
