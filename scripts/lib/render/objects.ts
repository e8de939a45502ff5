/** The Kubernetes objects of a plan, as a GitOps tool may have them. */
import type { KubeObject } from "../../../components/lib/objects";
import { type Planned, SECRET, UNKNOWN } from "./plan";

/** All of them, each group in a fixed order. */
export interface PlannedObjects {
  /** Objects that this program owns, without Secrets. */
  readonly owned: readonly KubeObject[];
  /** Fields of objects that others made. */
  readonly patches: readonly KubeObject[];
  /** Secrets; their values are not in the plan. */
  readonly secrets: readonly KubeObject[];
}

/** Annotations that are instructions to Pulumi's provider. */
const INSTRUCTION = /^pulumi\.com\//;

const isObject = ({ type, inputs }: Planned) =>
  type.startsWith("kubernetes:") && typeof inputs.kind === "string" && typeof inputs.apiVersion === "string";

/** Takes the objects of a plan. Throws one error that names everything that has no plain value. */
export function objectsOf(plan: readonly Planned[]): PlannedObjects {
  const planned = plan.filter(isObject);
  const others = plan.filter((each) => each.type.startsWith("kubernetes:") && !isObject(each));
  const faults = [
    ...others.map(({ type, name }) => `${type} ${name} is no object: it is rendered by its provider alone`),
    ...planned.flatMap((each) => faultsOf(each)),
  ];
  if (faults.length > 0) {
    throw new Error(
      ["What has no plain value before `up` cannot be rendered:", ...faults.sort()].join("\n  ") +
        "\nGive a plain value, or put it into a Secret that the object names.",
    );
  }
  const isPatch = ({ type, inputs }: Planned) => type.endsWith(`:${inputs.kind}Patch`);
  const sorted = (list: readonly Planned[]) =>
    list.map(cleaned).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return {
    owned: sorted(planned.filter((each) => !isPatch(each) && each.inputs.kind !== "Secret")),
    patches: sorted(planned.filter((each) => isPatch(each) && each.inputs.kind !== "Secret")),
    secrets: sorted(planned.filter(({ inputs }) => inputs.kind === "Secret")),
  };
}

/** `deployment.apps_shop_cart`: unlike for each object, alike in each run, and good as a file's name. */
export function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes("/") ? `.${apiVersion.split("/")[0]}` : "";
  const words = [`${kind.toLowerCase()}${group}`, metadata.namespace, metadata.name];
  // RBAC has names like system:auth-delegator, which not every file system takes.
  return words
    .filter((word) => word !== undefined)
    .join("_")
    .replaceAll(/[^A-Za-z0-9._-]/g, "-");
}

function faultsOf({ inputs }: Planned): string[] {
  const { kind, metadata } = inputs as unknown as KubeObject;
  const { name = UNKNOWN, namespace } = typeof metadata === "object" ? metadata : {};
  const title = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name === UNKNOWN ? "(name not known)" : name}`;
  const { data: _data, stringData: _text, ...rest } = inputs;
  return hidden(kind === "Secret" ? rest : inputs, "").map((path) => `${title}: ${path}`);
}

/** Paths of values that are unknown or secret. */
function hidden(value: unknown, path: string): string[] {
  if (value === UNKNOWN || value === SECRET)
    return [`${path} is ${value === SECRET ? "secret" : "not known"}`];
  if (Array.isArray(value)) return value.flatMap((inner, index) => hidden(inner, `${path}[${index}]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => hidden(inner, path === "" ? key : `${path}.${key}`));
}

function cleaned({ inputs }: Planned): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = inputs as unknown as KubeObject;
  const { annotations, ...others } = metadata;
  const kept = Object.entries(annotations ?? {}).filter(([key]) => !INSTRUCTION.test(key));
  return {
    apiVersion,
    kind,
    metadata: { ...others, ...(kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) }) },
    ...rest,
  };
}
