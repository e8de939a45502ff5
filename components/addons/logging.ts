import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import type { Exposure } from "../mesh/exposure-types";
import { renderNamespace } from "../mesh/namespace";
import { type ElasticUsers, renderElasticsearch, usersText } from "./elasticsearch";
import { renderKibana } from "./kibana";
import type { Persistence } from "./persistence";
import { renderRetention } from "./retention";
import { renderShipper, type Shipper } from "./shipper";
import { after, type Resources } from "./workload";

export interface LoggingArgs {
  /** A namespace of its own, made here and outside the mesh: logs tell what is wrong with the mesh. */
  readonly namespace: string;
  readonly elasticsearch: {
    readonly version: string;
    readonly persistence: Persistence;
    readonly resources: Resources;
    /** In MiB. */
    readonly heapMiB: number;
    /** Needs vm.max_map_count 262144 on the node. */
    readonly mapFiles: boolean;
  };
  readonly kibana: { readonly version: string; readonly resources: Resources; readonly exposure: Exposure };
  readonly shipper: Shipper;
  /** Indices are called by this and the day: `mesh-2026.01.31`. */
  readonly indexPrefix: string;
  /** Days that logs are kept. */
  readonly retentionDays: number;
  /** How the nodes' container runtime writes logs. */
  readonly logFormat: "cri" | "docker";
}

interface LoggingSecrets {
  readonly users: ElasticUsers;
  readonly encryptionKey: pulumi.Input<string>;
}

/** Elasticsearch, what sends it logs from every node, Kibana, and the job that lets old days go. */
export function renderLogging(args: LoggingArgs & LoggingSecrets): KubeObject[] {
  const { namespace, indexPrefix, elasticsearch, kibana, users, encryptionKey } = args;
  return [
    renderNamespace({
      name: namespace,
      injection: "disabled",
      // What reads the nodes' logs has to mount folders of the nodes.
      labels: { "pod-security.kubernetes.io/enforce": "privileged" },
    }),
    ...renderElasticsearch({ ...elasticsearch, namespace, indexPrefix, users }),
    ...renderShipper(args),
    ...renderKibana({ ...kibana, namespace, encryptionKey }),
    ...renderRetention({
      namespace,
      version: elasticsearch.version,
      indexPrefix,
      days: args.retentionDays,
    }),
  ];
}

/** EFK: all containers' logs in Elasticsearch, seen in Kibana. Passwords are made here. */
export class Logging extends pulumi.ComponentResource {
  readonly objects: readonly pulumi.Resource[];
  /** Of the user admin in Kibana and Elasticsearch; secret. */
  readonly adminPassword: pulumi.Output<string>;

  constructor(name: string, args: LoggingArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:addons:Logging", name, {}, options);
    const password = (user: string) =>
      new random.RandomPassword(`${name}-${user}`, { length: 32, special: false }, { parent: this });
    const admin = password("admin");
    const kibana = password("kibana");
    const shipper = password("shipper");
    const key = password("kibana-key");
    this.adminPassword = admin.result;
    const users: ElasticUsers = {
      file: pulumi
        .all([admin.bcryptHash, kibana.bcryptHash, shipper.bcryptHash])
        .apply((hashes) => usersText(...hashes)),
      adminPassword: admin.result,
      kibanaPassword: kibana.result,
      shipperPassword: shipper.result,
    };
    this.objects = declareObjects(renderLogging({ ...args, users, encryptionKey: key.result }), {
      parent: this,
      ...after(options),
    });
    this.registerOutputs({});
  }
}
