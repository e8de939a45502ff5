/** What a stack's state says of its hosts: how each is reached, and what its steps have declared. */
import type { SshEndpoint, SshTarget } from "../ssh";
import { type Claim, claimsOf, settle } from "./claims";

/** A step that can be run again for a repair. */
export interface Step {
  readonly name: string;
  /** Whether it also knows how to undo its work; then it must not be replaced. */
  readonly undoes: boolean;
}

export interface HostState {
  readonly name: string;
  readonly target: SshTarget;
  readonly claims: readonly Claim[];
  readonly steps: readonly Step[];
  readonly generation: number;
}

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean;
  readonly retainOnDelete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface StepState {
  readonly name: string;
  readonly gone: boolean;
  readonly target: SshTarget;
  readonly stdin: string;
  readonly undoes: boolean;
  readonly claims: readonly Claim[];
}

export interface DeclaredState {
  readonly hosts: readonly HostState[];
  /** Names of hosts that the operator has declared dead; nobody looks at them. */
  readonly gone: readonly string[];
}

/** Takes a decrypted export apart. Steps stand in it after those that they depend on, so a later claim is the newer. */
export function readDeclared(exported: string): DeclaredState {
  const { deployment } = JSON.parse(exported) as { deployment?: { resources?: Resource[] } };
  const steps = (deployment?.resources ?? [])
    .filter(({ type, delete: leaving }) => type === "command:remote:Command" && leaving !== true)
    .map(stepOf);
  const byHost = new Map<string, StepState[]>();
  for (const step of steps) {
    const key = placeOf(step.target);
    byHost.set(key, [...(byHost.get(key) ?? []), step]);
  }
  const groups = [...byHost.values()].map((group) => ({ name: nameOf(group), group }));
  return {
    hosts: groups
      .map(({ name, group }) => ({ name, group: group.filter(({ gone }) => !gone) }))
      .filter(({ group }) => group.length > 0)
      .map(({ name, group }) => hostOf(name, group))
      .sort((left, right) => left.name.localeCompare(right.name, "en", { numeric: true })),
    gone: groups.filter(({ group }) => group.every(({ gone }) => gone)).map(({ name }) => name),
  };
}

function hostOf(name: string, steps: readonly StepState[]): HostState {
  const last = steps.at(-1);
  if (last === undefined) throw new Error(`${name} has no step`);
  const generations = steps.map(({ stdin }) => Number(/^# generation (\d+)$/m.exec(stdin)?.[1] ?? 1));
  return {
    name,
    target: last.target,
    claims: settle(steps.flatMap(({ claims }) => claims)),
    steps: steps.map(({ name: step, undoes }) => ({ name: step, undoes })),
    generation: Math.max(...generations),
  };
}

/** The name that the host was given; before it has one, that of the step which looks at it first; else its address. */
function nameOf(steps: readonly StepState[]): string {
  const claimed = steps.flatMap(({ claims }) => claims).find(({ kind }) => kind === "hostname");
  const facts = steps.find(({ name }) => name.endsWith("-facts"));
  return claimed?.fields[0] ?? facts?.name.slice(0, -"-facts".length) ?? steps[0]?.target.host ?? "";
}

const placeOf = ({ host, port, bastion }: SshTarget) =>
  `${host}:${port} ${bastion?.host ?? ""}:${bastion?.port ?? ""}`;

function stepOf(resource: Resource): StepState {
  const name = resource.urn.slice(resource.urn.lastIndexOf("::") + 2);
  const inputs = reveal(resource.inputs) as Record<string, unknown>;
  const outputs = reveal(resource.outputs) as Record<string, unknown>;
  return {
    name,
    gone: resource.retainOnDelete === true,
    target: targetOf(inputs.connection as StoredConnection),
    stdin: String(inputs.stdin ?? ""),
    undoes: typeof inputs.delete === "string",
    claims: claimsOf(String(outputs.stdout ?? ""), name),
  };
}

interface StoredConnection extends SshEndpoint {
  readonly proxy?: SshEndpoint | null;
}

function targetOf({ proxy, ...connection }: StoredConnection): SshTarget {
  const endpoint = ({ host, port, user, privateKey, hostKey }: SshEndpoint): SshEndpoint => ({
    host,
    port,
    user,
    privateKey,
    hostKey,
  });
  return { ...endpoint(connection), ...(proxy ? { bastion: endpoint(proxy) } : {}) };
}

/** Secrets of an export with --show-secrets are objects whose `plaintext` is JSON; puts the values in their place. */
function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value ?? {};
  if ("plaintext" in value && typeof value.plaintext === "string") return reveal(JSON.parse(value.plaintext));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, inner === null ? null : reveal(inner)]),
  );
}
