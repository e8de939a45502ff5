import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Artifacts, Delivery } from "../artifacts/sources";
import { RemoteScript, type ScriptParameters } from "../remote/script";
import { containerdUnit, renderContainerdConfig } from "./containerd";
import type { RuntimeKind } from "./cri-socket";
import { planDocker } from "./docker";
import { type Machine, stepOptions } from "./machine";
import type { HostProfile } from "./profile";
import { mergeMirrors, type RegistryMirrors, renderMirrors } from "./registry-mirrors";

export { criSocketOf, type RuntimeKind } from "./cri-socket";

export interface ContainerRuntimeArgs {
  readonly machine: Machine;
  readonly artifacts: Artifacts;
  /** Default containerd. */
  readonly kind?: RuntimeKind;
  /** containerd's, three numbers without a leading v; that of Docker is the artifacts' matter. */
  readonly version: string;
  readonly profile: HostProfile;
  /** Image of the container that holds a pod's namespaces; must be kubeadm's own, or two versions are kept. */
  readonly sandboxImage: string;
  /** Mirrors of the operator, asked before those of the artifacts. Default: none. */
  readonly registryMirrors?: RegistryMirrors;
}

interface RuntimeStep {
  readonly script: string;
  readonly parameters: ScriptParameters;
}

const steps: Readonly<Record<RuntimeKind, (args: ContainerRuntimeArgs) => RuntimeStep>> = {
  containerd: (args) => ({ script: "runtime.sh", parameters: planContainerd(args) }),
  criDockerd: (args) => ({ script: "docker.sh", parameters: plannedDocker("criDockerd", args) }),
  dockershim: (args) => ({ script: "docker.sh", parameters: plannedDocker("dockershim", args) }),
};

/** The container runtime of a host with the CNI plugins, answering on the socket that `criSocketOf` names. */
export function containerRuntime(
  name: string,
  args: ContainerRuntimeArgs,
  parent: pulumi.Resource,
  after: pulumi.Resource,
): RemoteScript {
  const { script, parameters } = steps[args.kind ?? "containerd"](args);
  return new RemoteScript(
    `${name}-runtime`,
    {
      connection: args.machine.connection,
      script: join(__dirname, "scripts", script),
      parameters,
      timeoutSeconds: 1800,
    },
    stepOptions(args.machine, parent, [after]),
  );
}

const mirrorsOf = ({ registryMirrors, artifacts }: ContainerRuntimeArgs) =>
  mergeMirrors(registryMirrors ?? {}, artifacts.registryMirrors);

function planContainerd(args: ContainerRuntimeArgs): ScriptParameters {
  return {
    VERSION: args.version,
    ...deliveryParameters(args.artifacts.runtime),
    CONTAINERD_CONFIG: renderContainerdConfig(args),
    CONTAINERD_UNIT: containerdUnit,
    REGISTRY_HOSTS: renderMirrors(mirrorsOf(args)),
  };
}

function plannedDocker(kind: "criDockerd" | "dockershim", args: ContainerRuntimeArgs): ScriptParameters {
  const { docker } = args.artifacts;
  if (docker === undefined)
    throw new Error(
      `runtime.kind is ${kind}, and the artifacts were resolved without a version of Docker; allowed: versions with docker; change the call of resolveArtifacts`,
    );
  return planDocker({
    kind,
    source: docker,
    profile: args.profile,
    sandboxImage: args.sandboxImage,
    mirrors: mirrorsOf(args),
  });
}

/** How a delivery reaches a script: one line per file, or the repository's four addresses. */
export function deliveryParameters(delivery: Delivery): ScriptParameters {
  return delivery.method === "files"
    ? {
        FILES: Object.entries(delivery.files).map(
          ([name, file]) => `${name} ${file.url} ${file.checksumUrl}`,
        ),
        REPOSITORY: "",
        PACKAGES: "",
      }
    : {
        FILES: "",
        REPOSITORY: [
          delivery.repository.deb,
          delivery.repository.debKey,
          delivery.repository.rpm,
          delivery.repository.rpmKey,
        ],
        PACKAGES: delivery.packages,
      };
}
