import { hideSecrets, type Json, openSecrets, valueAt } from "./markers";

export type Hooks = Readonly<Record<string, readonly string[]>>;

/** Type of the resource that is above all others. */
export const STACK = "pulumi:pulumi:Stack";

/** One resource as the engine is told of it. */
export interface Registration {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  /** Whether a provider manages it; false for a component. */
  readonly custom: boolean;
  /** URN of the parent. */
  readonly parent: string;
  /** Inputs with their secret markers. */
  readonly inputs: Json;
  /** URNs, by data and by `dependsOn` alike. */
  readonly dependencies: readonly string[];
  /** `URN::id` of an explicit provider, else empty. */
  readonly provider: string;
  readonly protect: boolean;
  /** URN, else empty. */
  readonly deletedWith: string;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace: boolean;
  readonly replaceOnChanges: readonly string[];
  readonly ignoreChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  /** How many aliases it has. */
  readonly aliases: number;
  readonly timeouts: { readonly create: string; readonly update: string; readonly delete: string };
  /** Names of the hooks by when they run. */
  readonly hooks: Hooks;
}

/** What a component, or the stack itself, declared as its outputs. */
export interface RegisteredOutputs {
  readonly type: string;
  readonly name: string;
  /** With their secret markers. */
  readonly values: Json;
}

/** What a program asked of the engine, in the order in which it constructed its resources. */
export class Recording<T = unknown> {
  /** What the program returned. */
  readonly result: T;
  readonly resources: readonly Registration[];
  /** Outputs of the components and of the stack. */
  readonly outputs: readonly RegisteredOutputs[];
  /** What the program logged. */
  readonly log: readonly string[];
  private readonly byUrn: ReadonlyMap<string, Registration>;

  constructor(
    result: T,
    resources: readonly Registration[],
    outputs: readonly RegisteredOutputs[],
    log: readonly string[],
  ) {
    this.result = result;
    this.resources = resources;
    this.outputs = outputs;
    this.log = log;
    this.byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  }

  /** The one resource of this name; its type may be given by its last part, such as `Command`. */
  find(name: string, type?: string): Registration {
    const [found, ...more] = this.resources.filter(
      (resource) => resource.name === name && isOfType(resource, type),
    );
    if (found === undefined) throw new Error(`no resource ${name}; there are ${this.names().join(", ")}`);
    if (more.length > 0)
      throw new Error(`${more.length + 1} resources are called ${name}; name the type too`);
    return found;
  }

  /** All resources of a type, given whole or by its last part. */
  all(type: string): readonly Registration[] {
    return this.resources.filter((resource) => isOfType(resource, type));
  }

  /** The commands that run a step's script, on a machine or on this computer. */
  steps(): readonly Registration[] {
    return this.all("Command").filter((command) => / bash -s -- create$/.test(textInput(command, "create")));
  }

  /** The steps on machines, sandbox or not. */
  remoteSteps(): readonly Registration[] {
    return this.all("command:remote:Command");
  }

  /**
   * Names of the steps on machines by the host that each is for. That is not always where it runs: a node's membership
   * is asked of another host. Those of the cluster as a whole, such as `etcd-members`, are under the empty name.
   */
  stepsByHost(): ReadonlyMap<string, readonly string[]> {
    const hosts = this.all("mesh-platform:hosts:NodePreparation").map(({ name }) => name);
    const ownerOf = (step: string) => hosts.find((host) => step.startsWith(`${host}-`)) ?? "";
    const owners = new Map<string, string[]>();
    for (const { name } of this.remoteSteps()) {
      owners.set(ownerOf(name), [...(owners.get(ownerOf(name)) ?? []), name]);
    }
    return owners;
  }

  /** The outputs of the stack itself, with their secret markers. */
  stackOutputs(): Json {
    return this.outputs.find(({ type }) => type === STACK)?.values ?? {};
  }

  names(): string[] {
    return this.resources.map(({ name }) => name);
  }

  /** Names from one resource to another along dependencies, shortest first; undefined if it does not wait for it. */
  path(from: string, to: string): readonly string[] | undefined {
    const goal = this.find(to);
    const seen = new Set<string>();
    let rows: (readonly Registration[])[] = [[this.find(from)]];
    while (rows.length > 0) {
      const arrived = rows.find((row) => row.at(-1) === goal);
      if (arrived !== undefined) return arrived.map(({ name }) => name);
      rows = rows.flatMap((row) =>
        this.directDependencies(row.at(-1))
          .filter(({ urn }) => !seen.has(urn))
          .map((next) => {
            seen.add(next.urn);
            return [...row, next];
          }),
      );
    }
    return undefined;
  }

  /** Name of a resource by its URN; the stack, and nothing, are the empty name. */
  nameOf(urn: string): string {
    return this.byUrn.get(urn)?.name ?? "";
  }

  /** What a resource waits for itself, its provider included. */
  private directDependencies(resource: Registration | undefined): Registration[] {
    if (resource === undefined) return [];
    const provider = resource.provider.split("::").slice(0, -1).join("::");
    return [...resource.dependencies, provider].flatMap((urn) => this.byUrn.get(urn) ?? []);
  }
}

function isOfType(resource: Registration, type: string | undefined): boolean {
  return type === undefined || resource.type === type || resource.type.split(":").at(-1) === type;
}

/** Whether an input, or anything around it, is marked secret. */
export const isSecret = ({ inputs }: Registration, ...path: readonly string[]): boolean =>
  valueAt(inputs, path).secret;

/** The value of an input as the provider gets it, secret or not. */
export const input = ({ inputs }: Registration, ...path: readonly string[]): Json | undefined => {
  const { value } = valueAt(inputs, path);
  return value === undefined ? undefined : openSecrets(value);
};

/** An input that must be text. */
export function textInput(registration: Registration, ...path: readonly string[]): string {
  const value = input(registration, ...path);
  if (typeof value !== "string")
    throw new Error(`${registration.name}: ${path.join(".")} is no text but ${JSON.stringify(value)}`);
  return value;
}

/** All inputs as Pulumi would print them, secrets hidden. */
export const shown = ({ inputs }: Registration): Json => hideSecrets(inputs);

/** All inputs as the provider gets them. */
export const opened = ({ inputs }: Registration): Json => openSecrets(inputs);
