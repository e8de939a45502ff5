/** What the provider resource says: which cluster, and how to treat its objects. */
import type { DiffResult } from "../harness";
import {
  changedPaths,
  containsUnknown,
  isMap,
  plain,
  UNKNOWN,
  unsecret,
  type Value,
  type ValueMap,
} from "../values";
import { KubeClient } from "./client";
import { activeCluster, readKubeconfig, type Selection } from "./kubeconfig";

/** Settings that would change everything here, and that nothing in this project uses. */
const REFUSED = ["renderYamlToDirectory", "skipUpdateUnreachable"];

export class ClusterSettings {
  namespace = "default";
  patchForce = false;
  upsert = false;
  mutableSecrets = false;
  mutableConfigMaps = false;
  deleteUnreachable = false;
  /** Why the cluster cannot be reached; asked once per run, as the official provider does. */
  unreachable: string | undefined;
  #client: KubeClient | undefined;

  async configure(args: ValueMap): Promise<void> {
    for (const name of REFUSED) {
      if (isSet(args[name])) {
        throw new Error(`the stand-in provider does not implement '${name}'`);
      }
    }
    if (unsecret(args.enableServerSideApply ?? null) === "false") {
      throw new Error("the stand-in provider implements server-side apply only");
    }
    this.patchForce = isSet(args.enablePatchForce);
    this.upsert = isSet(args.upsertExistingObjects);
    this.mutableSecrets = isSet(args.enableSecretMutable);
    this.mutableConfigMaps = isSet(args.enableConfigMapMutable);
    this.deleteUnreachable =
      isSet(args.deleteUnreachable) || process.env.PULUMI_K8S_DELETE_UNREACHABLE === "true";
    try {
      const access = readKubeconfig(kubeconfigText(args.kubeconfig), selectionOf(args));
      this.namespace = access.namespace;
      this.#client = new KubeClient(access);
      await this.#client.request("GET", "/version");
    } catch (error) {
      this.unreachable = (error as Error).message;
    }
  }

  client(): KubeClient {
    if (!this.#client || this.unreachable) {
      throw new Error(
        `configured Kubernetes cluster is unreachable: ${this.unreachable ?? "not configured"}`,
      );
    }
    return this.#client;
  }
}

/**
 * Whether another configuration means another cluster, and so all objects anew: an equal `clusterIdentifier`
 * says no, a changed one yes; without it a kubeconfig that is unknown or names another server does.
 */
export function diffSettings(olds: ValueMap, news: ValueMap): DiffResult {
  const changes = changedPaths(olds, news);
  const before = unsecret(olds.clusterIdentifier ?? null);
  const after = unsecret(news.clusterIdentifier ?? null);
  if (isSet(before) && isSet(after) && after !== UNKNOWN) {
    const changed = before !== after;
    return { changes, replaces: (path) => changed && path === "clusterIdentifier" };
  }
  const unknown = ["kubeconfig", "context", "cluster"].find((key) => containsUnknown(news[key]));
  if (unknown) {
    return { changes: { [unknown]: "update" }, replaces: () => true };
  }
  const moved = clusterOf(olds) !== clusterOf(news);
  return { changes, replaces: (path) => moved && ["kubeconfig", "context", "cluster"].includes(path) };
}

function clusterOf(args: ValueMap): string {
  return JSON.stringify(activeCluster(kubeconfigText(args.kubeconfig), selectionOf(args)) ?? null);
}

function kubeconfigText(value: Value | undefined): string | undefined {
  const known = value === undefined ? null : plain(value);
  if (known === null || known === "") {
    return undefined;
  }
  // The SDK takes an object as well; JSON is YAML.
  return typeof known === "string" ? known : JSON.stringify(known);
}

function selectionOf(args: ValueMap): Selection {
  const selection: Record<string, string> = {};
  for (const name of ["context", "cluster", "namespace"]) {
    const value = unsecret(args[name] ?? null);
    if (typeof value === "string" && value !== "") {
      selection[name] = value;
    }
  }
  return selection;
}

/** The SDK sends switches as the texts "true" and "false". */
function isSet(value: Value | undefined): boolean {
  const known = unsecret(value ?? null);
  if (isMap(known)) {
    return true;
  }
  return known !== null && known !== false && known !== "false" && known !== "";
}
