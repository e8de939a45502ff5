import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { KubeObject } from "../lib/objects";
import { expose } from "../mesh/exposure";
import { imageOf } from "./images";
import { DATA_VOLUME, type Persistence, renderStorage } from "./persistence";
import {
  type AddonArgs,
  asUser,
  configMap,
  configVolume,
  confined,
  type Resources,
  renderKeeper,
} from "./workload";

/** Secrets of those who talk to Elasticsearch: people, Kibana itself, and what sends logs. */
export interface ElasticUsers {
  /** Text of Elasticsearch's file of users: see `usersText`. */
  readonly file: pulumi.Input<string>;
  readonly adminPassword: pulumi.Input<string>;
  readonly kibanaPassword: pulumi.Input<string>;
  readonly shipperPassword: pulumi.Input<string>;
}

export interface ElasticsearchArgs extends AddonArgs {
  readonly persistence: Persistence;
  readonly resources: Resources;
  /** Of Java's heap, in MiB; about half of the memory's limit. */
  readonly heapMiB: number;
  /**
   * Whether it maps its files into memory. Faster, and needs vm.max_map_count 262144 on the node (`nodes.sysctl`),
   * which a sandbox must not touch.
   */
  readonly mapFiles: boolean;
  /** Indices begin with this and a hyphen. */
  readonly indexPrefix: string;
}

export const elasticPort = 9200;
export const elasticName = "elasticsearch";
export const usersSecret = "elasticsearch-users";
/** The image's user, whose group is root's: its folder of settings belongs to that. */
const USER = 1000;
const GROUP = 0;
export const elasticSelector = { app: elasticName, "app.kubernetes.io/name": elasticName };
const folder = "/usr/share/elasticsearch";

export const elasticUrl = (namespace: string) => `http://${elasticName}.${namespace}:${elasticPort}`;

function settings({ mapFiles }: ElasticsearchArgs): string {
  return stringify({
    "cluster.name": "mesh-logs",
    "node.name": `${elasticName}-0`,
    "network.host": "0.0.0.0",
    // One node that looks for no others; also, it only warns where the host is not tuned.
    "discovery.type": "single-node",
    "node.store.allow_mmap": mapFiles,
    "xpack.security.enabled": true,
    // Names and passwords travel inside the pod network only; TLS there would need an authority of its own.
    "xpack.security.http.ssl.enabled": false,
    "xpack.security.transport.ssl.enabled": false,
    "xpack.security.enrollment.enabled": false,
    "xpack.ml.enabled": false,
    "ingest.geoip.downloader.enabled": false,
  });
}

/** What the shipper may: make the day's index, and write into it. */
const roles = (prefix: string) =>
  stringify({
    log_shipper: {
      cluster: ["monitor"],
      indices: [
        { names: [`${prefix}-*`], privileges: ["create_index", "create_doc", "index", "auto_configure"] },
      ],
    },
    log_keeper: {
      cluster: ["monitor"],
      indices: [{ names: [`${prefix}-*`], privileges: ["monitor", "delete_index", "view_index_metadata"] }],
    },
  });

/**
 * Elasticsearch's own file of users, with the bcrypt hashes of their passwords. So every login is there from the start,
 * nobody has to set passwords over the network, and there is no superuser with a known one.
 */
export const usersText = (admin: string, kibana: string, shipper: string): string =>
  `admin:${admin}\nkibana:${kibana}\nshipper:${shipper}\n`;

const usersRoles = "superuser:admin\nkibana_system:kibana\nlog_shipper:shipper\nlog_keeper:shipper\n";

export function renderElasticsearch(
  args: ElasticsearchArgs & { readonly users: ElasticUsers },
): KubeObject[] {
  const { namespace, version, persistence, heapMiB, users } = args;
  const name = elasticName;
  const selector = elasticSelector;
  const files = {
    "elasticsearch.yml": settings(args),
    "roles.yml": roles(args.indexPrefix),
    users_roles: usersRoles,
  };
  const storage = renderStorage({ name, namespace, labels: selector, persistence, user: USER });
  const mount = (file: string, volume = "config") => ({
    name: volume,
    mountPath: `${folder}/config/${file}`,
    subPath: file,
  });
  const alive = { tcpSocket: { port: elasticPort }, periodSeconds: 10, failureThreshold: 6 };
  const container = {
    name,
    image: imageOf("elasticsearch", version),
    imagePullPolicy: "IfNotPresent",
    env: [{ name: "ES_JAVA_OPTS", value: `-Xms${heapMiB}m -Xmx${heapMiB}m` }],
    ports: [{ name: "http", containerPort: elasticPort }],
    startupProbe: { ...alive, failureThreshold: 60 },
    readinessProbe: alive,
    livenessProbe: alive,
    resources: args.resources,
    securityContext: confined,
    volumeMounts: [
      ...Object.keys(files).map((file) => mount(file)),
      mount("users", "users"),
      { name: DATA_VOLUME, mountPath: `${folder}/data` },
    ],
  };
  return [
    configMap(name, namespace, selector, files),
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: usersSecret, namespace, labels: selector },
      type: "Opaque",
      stringData: {
        users: users.file,
        "admin-password": users.adminPassword,
        "kibana-password": users.kibanaPassword,
        "shipper-password": users.shipperPassword,
      },
    },
    ...storage.objects,
    expose(
      { kind: "clusterIP" },
      {
        name,
        namespace,
        labels: selector,
        selector,
        ports: [{ name: "http", port: elasticPort, targetPort: "http" }],
      },
    ).service,
    renderKeeper(
      {
        name,
        namespace,
        selector,
        config: files,
        containers: [container],
        volumes: [
          configVolume("config", name),
          {
            name: "users",
            secret: { secretName: usersSecret, items: [{ key: "users", path: "users" }] },
          },
        ],
        securityContext: { ...asUser(USER, GROUP), fsGroup: USER },
        terminationGracePeriodSeconds: 120,
      },
      storage,
    ),
  ];
}
