import type { KubeObject } from "../lib/objects";
import { type PolicyRule, renderAccount } from "./account";
import { elasticName, elasticPort, usersSecret } from "./elasticsearch";
import { imageOf } from "./images";
import { configMap, configVolume, httpProbe, type Resources, renderAgent } from "./workload";

/** What carries logs from nodes to Elasticsearch. */
export interface Shipper {
  /** `fluentBit`: small, and enough for most. `fluentd`: for those who use its plugins. */
  readonly kind: "fluentBit" | "fluentd";
  readonly version: string;
  readonly resources: Resources;
}

export interface ShipperArgs {
  readonly namespace: string;
  readonly shipper: Shipper;
  readonly indexPrefix: string;
  /** How the nodes' container runtime writes logs: `cri` for containerd, `docker` for Docker. */
  readonly logFormat: "cri" | "docker";
}

const rules: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["pods", "namespaces"], verbs: ["get", "list", "watch"] },
];

const password = (variable: string) => ({
  name: variable,
  valueFrom: { secretKeyRef: { name: usersSecret, key: "shipper-password" } },
});

const hostFolder = (name: string, path: string, type: "Directory" | "DirectoryOrCreate" | "") => ({
  name,
  hostPath: { path, type },
});

/** Where a shipper remembers how far it has read; on the node, or a restart would send everything again. */
const memory = (name: string) => `/var/lib/mesh-platform-${name}`;

/** Links in /var/log/containers lead to /var/log/pods, and with Docker on to its own folder. */
const logFolders = [
  hostFolder("logs", "/var/log", "Directory"),
  hostFolder("docker", "/var/lib/docker/containers", ""),
];
const logMounts = [
  { name: "logs", mountPath: "/var/log", readOnly: true },
  { name: "docker", mountPath: "/var/lib/docker/containers", readOnly: true },
];

/** Fluent Bit puts the value of a variable there. */
const fromEnvironment = (variable: string) => `$\{${variable}}`;

/** A section of Fluent Bit's own format; a key may stand several times. */
const section = (name: string, entries: readonly (readonly [string, string])[]) =>
  [`[${name}]`, ...entries.map(([key, value]) => `    ${key.padEnd(20)} ${value}`), ""].join("\n");

export function renderFluentBitConfig({ namespace, indexPrefix, logFormat }: ShipperArgs): string {
  return [
    section("SERVICE", [
      ["Flush", "5"],
      ["Log_Level", "info"],
      ["HTTP_Server", "On"],
      ["HTTP_Listen", "0.0.0.0"],
      ["HTTP_Port", "2020"],
      ["storage.path", "/memory/buffer"],
    ]),
    section("INPUT", [
      ["Name", "tail"],
      ["Tag", "kube.*"],
      ["Path", "/var/log/containers/*.log"],
      // Its own lines about lines would feed themselves.
      ["Exclude_Path", "/var/log/containers/fluent-bit-*.log"],
      ["multiline.parser", logFormat],
      ["DB", "/memory/positions.db"],
      ["Mem_Buf_Limit", "16MB"],
      ["Skip_Long_Lines", "On"],
      ["storage.type", "filesystem"],
    ]),
    section("FILTER", [
      ["Name", "kubernetes"],
      ["Match", "kube.*"],
      ["Merge_Log", "On"],
      ["Keep_Log", "Off"],
      ["Annotations", "Off"],
      // A pod says fluentbit.io/exclude: "true" to be left out.
      ["K8S-Logging.Exclude", "On"],
    ]),
    section("OUTPUT", [
      ["Name", "es"],
      ["Match", "kube.*"],
      ["Host", `${elasticName}.${namespace}`],
      ["Port", String(elasticPort)],
      ["HTTP_User", "shipper"],
      ["HTTP_Passwd", fromEnvironment("PASSWORD")],
      ["Logstash_Format", "On"],
      ["Logstash_Prefix", indexPrefix],
      ["Suppress_Type_Name", "On"],
      // Labels such as app and app.kubernetes.io/name would be a text and an object of one name.
      ["Replace_Dots", "On"],
      ["Retry_Limit", "no_limits"],
      ["storage.total_limit_size", "512M"],
    ]),
  ].join("\n");
}

function renderFluentBit(args: ShipperArgs): KubeObject[] {
  const { namespace, shipper } = args;
  const name = "fluent-bit";
  const selector = { app: name, "app.kubernetes.io/name": name };
  const files = { "fluent-bit.conf": renderFluentBitConfig(args) };
  const container = {
    name,
    image: imageOf("fluentBit", shipper.version),
    imagePullPolicy: "IfNotPresent",
    args: ["--config=/config/fluent-bit.conf"],
    env: [password("PASSWORD")],
    ports: [{ name: "http", containerPort: 2020 }],
    livenessProbe: httpProbe("http", "/", 15),
    resources: shipper.resources,
    // Root, as the logs are root's; nothing else of root's.
    securityContext: { allowPrivilegeEscalation: false, runAsUser: 0, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "config", mountPath: "/config" },
      { name: "memory", mountPath: "/memory" },
      ...logMounts,
    ],
  };
  return [
    ...renderAccount(name, namespace, selector, rules),
    configMap(name, namespace, selector, files),
    renderAgent({
      name,
      namespace,
      selector,
      annotations: {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "2020",
        "prometheus.io/path": "/api/v2/metrics/prometheus",
      },
      config: files,
      serviceAccountName: name,
      containers: [container],
      volumes: [
        configVolume("config", name),
        hostFolder("memory", memory(name), "DirectoryOrCreate"),
        ...logFolders,
      ],
    }),
  ];
}

/** The image has a config of its own that is told everything by variables. */
function fluentdVariables({ namespace, indexPrefix, logFormat }: ShipperArgs): Record<string, string> {
  return {
    FLUENT_ELASTICSEARCH_HOST: `${elasticName}.${namespace}`,
    FLUENT_ELASTICSEARCH_PORT: String(elasticPort),
    FLUENT_ELASTICSEARCH_SCHEME: "http",
    FLUENT_ELASTICSEARCH_USER: "shipper",
    FLUENT_ELASTICSEARCH_LOGSTASH_PREFIX: indexPrefix,
    FLUENT_CONTAINER_TAIL_EXCLUDE_PATH: '["/var/log/containers/fluentd-*.log"]',
    FLUENT_CONTAINER_TAIL_PARSER_TYPE: logFormat === "cri" ? "cri" : "json",
    FLUENT_CONTAINER_TAIL_PARSER_TIME_FORMAT: "%Y-%m-%dT%H:%M:%S.%N%:z",
    // The journal of the node, which this is not about.
    FLUENTD_SYSTEMD_CONF: "disable",
  };
}

function renderFluentd(args: ShipperArgs): KubeObject[] {
  const { namespace, shipper } = args;
  const name = "fluentd";
  const selector = { app: name, "app.kubernetes.io/name": name };
  const variables = fluentdVariables(args);
  const container = {
    name,
    image: imageOf("fluentd", shipper.version),
    imagePullPolicy: "IfNotPresent",
    env: [
      ...Object.entries(variables).map(([key, value]) => ({ name: key, value })),
      password("FLUENT_ELASTICSEARCH_PASSWORD"),
      { name: "K8S_NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    ],
    resources: shipper.resources,
    securityContext: { allowPrivilegeEscalation: false, runAsUser: 0 },
    // Its config keeps the positions beside the logs.
    volumeMounts: logMounts.map((mount) => (mount.name === "logs" ? { ...mount, readOnly: false } : mount)),
  };
  return [
    ...renderAccount(name, namespace, selector, rules),
    renderAgent({
      name,
      namespace,
      selector,
      config: variables,
      serviceAccountName: name,
      containers: [container],
      volumes: logFolders,
    }),
  ];
}

const renderers = { fluentBit: renderFluentBit, fluentd: renderFluentd } as const;

export const renderShipper = (args: ShipperArgs): KubeObject[] => renderers[args.shipper.kind](args);
