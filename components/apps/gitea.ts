import type * as pulumi from "@pulumi/pulumi";
import { type Persistence, renderStorage } from "../addons/persistence";
import type { KubeObject } from "../lib/objects";
import { type Exposure, expose } from "../mesh/exposure";
import { appImages } from "./images";
import { fromSecret, renderKeeper, variables } from "./keeper";
import { type AppArgs, renderService } from "./parts";

export interface GiteaArgs extends AppArgs {
  /** Name by which browsers and git clients reach it. Default: its Service. */
  readonly domain?: string | undefined;
  /** Where browsers find it. Default `http://DOMAIN:10000/`. */
  readonly url?: string | undefined;
  /** Of its Service. Default: inside the cluster only. */
  readonly expose?: Exposure | undefined;
  /** Repositories and settings. Default: in the pod. */
  readonly persistence?: Persistence | undefined;
  /** The database. Default: in the pod. */
  readonly databasePersistence?: Persistence | undefined;
}

/** Made once, by Pulumi. */
export interface GiteaSecrets {
  readonly databaseRoot: pulumi.Input<string>;
  readonly database: pulumi.Input<string>;
}

const database = { name: "db", port: 3306, secret: "gitea-database", user: 999 } as const;
const none: Persistence = { kind: "none" };

/** MariaDB with one database for Gitea. */
export function renderDatabase(args: GiteaArgs, secrets: GiteaSecrets): KubeObject[] {
  const { namespace, pods, databasePersistence: persistence = none } = args;
  const { name, secret, user } = database;
  const labels = { app: name, version: "v1" };
  const storage = renderStorage({ name, namespace, labels, persistence, user });
  // The name says TCP: the server speaks first, and a mesh that waits for the client's first bytes would wait for ever.
  const ports = [{ name: "tcp-mysql", port: database.port }];
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: secret, namespace, labels },
      type: "Opaque",
      stringData: { rootPassword: secrets.databaseRoot, password: secrets.database },
    },
    ...storage.objects,
    renderService({ name, namespace, selector: { app: name }, ports }),
    renderKeeper({
      namespace,
      pods,
      name,
      labels,
      container: "mariadb",
      image: appImages.mariadb,
      env: [
        fromSecret("MYSQL_ROOT_PASSWORD", secret, "rootPassword"),
        fromSecret("MYSQL_PASSWORD", secret, "password"),
        ...variables({ MYSQL_DATABASE: "gitea", MYSQL_USER: "gitea" }),
      ],
      ports,
      health: "tcp",
      user,
      memory: "128Mi",
      storage,
      dataPath: "/var/lib/mysql",
    }),
  ];
}

/** In-cluster address of Gitea. */
export const giteaService = (namespace: string) => `http://gitea.${namespace}:10000`;

/**
 * Gitea in its image without root. Its settings file lies with the data: the keys that it makes for itself at the first
 * start are in there, and what the variables say is written into it at each start.
 */
export function renderGitea(args: GiteaArgs): KubeObject[] {
  const { namespace, pods, persistence = none, expose: exposure = { kind: "clusterIP" } } = args;
  const { domain = `gitea.${namespace}` } = args;
  const user = 1000;
  const name = "gitea";
  const labels = { app: name, version: "v1" };
  const storage = renderStorage({ name, namespace, labels, persistence, user });
  const ports = [
    { name: "http", port: 10000 },
    { name: "tcp-ssh", port: 2222 },
  ];
  const { service, ingress, pod } = expose(exposure, {
    name,
    namespace,
    labels: { app: name },
    selector: { app: name },
    ports,
  });
  const settings = {
    GITEA_APP_INI: "/var/lib/gitea/conf/app.ini",
    GITEA__server__DOMAIN: domain,
    GITEA__server__SSH_DOMAIN: domain,
    GITEA__server__ROOT_URL: args.url ?? `http://${domain}:10000/`,
    GITEA__server__HTTP_PORT: "10000",
    GITEA__server__SSH_PORT: "2222",
    GITEA__server__SSH_LISTEN_PORT: "2222",
    GITEA__server__START_SSH_SERVER: "true",
    GITEA__database__DB_TYPE: "mysql",
    GITEA__database__HOST: `${database.name}:${database.port}`,
    GITEA__database__NAME: "gitea",
    GITEA__database__USER: "gitea",
    // Without it the first visitor gets a page on which to choose all of the above.
    GITEA__security__INSTALL_LOCK: "true",
  };
  return [
    ...storage.objects,
    service,
    ...(ingress === undefined ? [] : [ingress]),
    renderKeeper({
      namespace,
      pods,
      name,
      labels,
      container: name,
      image: appImages.gitea,
      env: [...variables(settings), fromSecret("GITEA__database__PASSWD", database.secret, "password")],
      ports,
      health: "/api/healthz",
      user,
      memory: "128Mi",
      storage,
      dataPath: "/var/lib/gitea",
      pod,
    }),
  ];
}
