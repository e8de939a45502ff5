/** Reads from a kubeconfig how to reach a cluster and who to be there. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { parse } from "yaml";

export interface ClusterAccess {
  readonly server: string;
  readonly namespace: string;
  readonly ca?: Buffer;
  readonly certificate?: Buffer;
  readonly key?: Buffer;
  readonly token?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
}

interface Cluster {
  readonly server?: string;
  readonly "certificate-authority-data"?: string;
  readonly "certificate-authority"?: string;
  readonly "insecure-skip-tls-verify"?: boolean;
  readonly "tls-server-name"?: string;
}

interface User {
  readonly "client-certificate-data"?: string;
  readonly "client-certificate"?: string;
  readonly "client-key-data"?: string;
  readonly "client-key"?: string;
  readonly token?: string;
  readonly exec?: unknown;
  readonly "auth-provider"?: unknown;
}

interface Context {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly clusters?: readonly { name: string; cluster?: Cluster }[];
  readonly users?: readonly { name: string; user?: User }[];
  readonly contexts?: readonly { name: string; context?: Context }[];
}

/** The provider's settings that choose among what the file offers. */
export interface Selection {
  readonly context?: string;
  readonly cluster?: string;
  readonly namespace?: string;
}

/** Finds the active cluster and user. The text is the file's content, or its path. */
export function readKubeconfig(text: string | undefined, selection: Selection): ClusterAccess {
  const config = parseKubeconfig(text ?? defaultKubeconfig());
  const context = named(config.contexts, selection.context ?? config["current-context"])?.context;
  const cluster = named(config.clusters, selection.cluster ?? context?.cluster)?.cluster;
  const user = named(config.users, context?.user)?.user;
  if (!cluster?.server) {
    throw new Error("the kubeconfig names no server for its current context");
  }
  if (user?.exec || user?.["auth-provider"]) {
    throw new Error("the stand-in provider does not implement exec and auth-provider users in a kubeconfig");
  }
  const ca = content(cluster["certificate-authority-data"], cluster["certificate-authority"]);
  const certificate = content(user?.["client-certificate-data"], user?.["client-certificate"]);
  const key = content(user?.["client-key-data"], user?.["client-key"]);
  return {
    server: cluster.server,
    namespace: selection.namespace ?? context?.namespace ?? "default",
    insecure: cluster["insecure-skip-tls-verify"] === true,
    ...(ca ? { ca } : {}),
    ...(certificate ? { certificate } : {}),
    ...(key ? { key } : {}),
    ...(user?.token ? { token: user.token } : {}),
    ...(cluster["tls-server-name"] ? { serverName: cluster["tls-server-name"] } : {}),
  };
}

/** The active cluster's own settings, which decide whether two kubeconfigs mean the same cluster. */
export function activeCluster(text: string | undefined, selection: Selection): unknown {
  const config = parseKubeconfig(text ?? "{}");
  const context = named(config.contexts, selection.context ?? config["current-context"])?.context;
  return named(config.clusters, selection.cluster ?? context?.cluster)?.cluster;
}

function parseKubeconfig(text: string): Kubeconfig {
  const isPath = !text.includes("\n") && text.length < 4096 && existsSync(text);
  try {
    return (parse(isPath ? readFileSync(text, "utf8") : text) ?? {}) as Kubeconfig;
  } catch {
    // The parser's message quotes the text, which holds keys.
    throw new Error("the kubeconfig is not valid YAML");
  }
}

function defaultKubeconfig(): string {
  const file = process.env.KUBECONFIG || path.join(homedir(), ".kube", "config");
  if (!existsSync(file)) {
    throw new Error(
      "the provider was given no kubeconfig, and there is none in $KUBECONFIG or ~/.kube/config",
    );
  }
  return readFileSync(file, "utf8");
}

function named<Entry extends { name: string }>(
  entries: readonly Entry[] | undefined,
  name: string | undefined,
): Entry | undefined {
  return entries?.find((entry) => entry.name === name);
}

function content(base64: string | undefined, file: string | undefined): Buffer | undefined {
  if (base64) {
    return Buffer.from(base64, "base64");
  }
  return file ? readFileSync(file) : undefined;
}
