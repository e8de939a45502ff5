import * as pulumi from "@pulumi/pulumi";
import { engineKnowsHooks } from "../components/lib/hooks";
import { ConfigError } from "./config/faults";
import type { Platform } from "./config/load";
import { type Formation, transitionFaults } from "./config/transitions";
import type { Host } from "./hosts";

/** The only hosts that may begin a new cluster; every other one joins what is there. */
export interface Founders {
  readonly etcd: pulumi.Output<string>;
  readonly controlPlane: pulumi.Output<string>;
}

/**
 * Who founded the cluster, kept from the very first `up` whatever the config says later. A host that found no answer
 * from its peers and began a cluster of its own would split the platform in two, or start it empty.
 *
 * A Stash gives out its first value for ever; only replacing it renews that.
 */
export function founders(etcd: readonly Host[], controlPlanes: readonly Host[]): Founders {
  const first = { etcd: etcd[0]?.name ?? "", controlPlane: controlPlanes[0]?.name ?? "" };
  const stash = new pulumi.Stash("founders", { input: first });
  // Unit tests with mocks of their own may not answer it.
  const kept = stash.output.apply((value: typeof first | undefined) => value ?? first);
  return { etcd: kept.etcd, controlPlane: kept.controlPlane };
}

/**
 * Remembers what the cluster was formed of once it stands, so that the next preview can refuse what a running cluster
 * cannot follow. The hosts refuse it too; here nothing has been touched yet.
 */
export function rememberFormation(
  platform: Platform,
  dependsOn: readonly pulumi.Resource[],
): pulumi.Resource {
  const guard = new pulumi.ResourceHook(
    "formation",
    async ({ oldInputs, newInputs }) => {
      const faults = transitionFaults(formationOf(oldInputs), formationOf(newInputs));
      if (faults.length > 0) throw new ConfigError(faults);
    },
    { onDryRun: true },
  );
  const hooks = engineKnowsHooks() ? { hooks: { beforeUpdate: [guard] } } : {};
  return new pulumi.Stash(
    "formation",
    { input: describe(platform) },
    { dependsOn: [...dependsOn], ...hooks },
  );
}

const formationOf = (inputs: unknown) => (inputs as { input: Formation }).input;

function describe({ config, members, endpoint }: Platform): Formation {
  const named = (role: "etcd" | "controlPlane") =>
    members.filter((member) => member.roles.includes(role)).map(({ name }) => name);
  const { kubernetes, etcd } = config;
  return {
    etcdMembers: named("etcd"),
    controlPlanes: named("controlPlane"),
    kubernetesVersion: kubernetes.version,
    etcdVersion: etcd.version,
    etcdAuthorities: config.pki.etcdAuthorities,
    encryptionKeyGeneration:
      kubernetes.encryptionAtRest === false ? 0 : kubernetes.encryptionAtRest.keyGeneration,
    fixed: {
      "kubernetes.clusterName": kubernetes.clusterName,
      "kubernetes.podSubnet": kubernetes.podSubnet,
      "kubernetes.serviceSubnet": kubernetes.serviceSubnet,
      "kubernetes.dnsDomain": kubernetes.dnsDomain,
      "kubernetes.bindPort": String(kubernetes.bindPort),
      "kubernetes.controlPlaneEndpoint": JSON.stringify(endpoint),
      "etcd.kind": etcd.kind,
      "etcd.dataDir": etcd.dataDir,
      "pki.keyAlgorithm": config.pki.keyAlgorithm,
    },
  };
}
