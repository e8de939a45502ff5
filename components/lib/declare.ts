import * as pulumi from "@pulumi/pulumi";
import { keptForm } from "./kept-form";
import { edgesOf } from "./object-order";
import { isPatch, type KubeObject, nameOf, notWaiting } from "./objects";

/** The provider's type of an object: `kubernetes:core/v1:Service`, `kubernetes:apps/v1:Deployment`. */
export const tokenOf = (object: KubeObject): string => tokenIn(object, object.apiVersion);

function tokenIn(object: KubeObject, apiVersion: string): string {
  const kind = isPatch(object) ? `${object.kind}Patch` : object.kind;
  return `kubernetes:${apiVersion.includes("/") ? apiVersion : `core/${apiVersion}`}:${kind}`;
}

/** Versions under which a group serves the same objects, so that an upgrade of one is an update in place. */
const served: Readonly<Record<string, readonly string[]>> = {
  "admissionregistration.k8s.io": ["v1", "v1beta1"],
  "apiextensions.k8s.io": ["v1", "v1beta1"],
  autoscaling: ["v2", "v2beta2", "v2beta1", "v1"],
  batch: ["v1", "v1beta1"],
  "gateway.networking.k8s.io": ["v1", "v1beta1", "v1alpha2"],
  "networking.istio.io": ["v1", "v1beta1", "v1alpha3"],
  "networking.k8s.io": ["v1", "v1beta1"],
  policy: ["v1", "v1beta1"],
  "security.istio.io": ["v1", "v1beta1"],
  "telemetry.istio.io": ["v1", "v1alpha1"],
};

/** The types that the same object had, or will have, under other versions of its API. */
function otherTokens(object: KubeObject): { readonly type: string }[] {
  const [group = "", version] = object.apiVersion.split("/");
  const others = (served[group] ?? []).filter((other) => other !== version);
  return others.map((other) => ({ type: tokenIn(object, `${group}/${other}`) }));
}

class DeclaredObject extends pulumi.CustomResource {
  constructor(declared: KubeObject, options: pulumi.CustomResourceOptions) {
    const object = waitsForPods(declared) ? notWaiting(declared) : declared;
    super(tokenOf(object), nameOf(object), { ...keptFields(object), ...guarded(object) }, options);
  }
}

/**
 * Whether the provider would hold a Service back until pods stand behind it. Their workload is waited for anyway, and it
 * may be next in line: the engine does so many things at once, and as many waiting Services would be all it ever does.
 */
const waitsForPods = ({ kind, apiVersion, spec, metadata }: KubeObject): boolean =>
  kind === "Service" &&
  apiVersion === "v1" &&
  (spec as { readonly type?: string } | undefined)?.type !== "LoadBalancer" &&
  metadata.annotations?.["pulumi.com/waitFor"] === undefined;

/** A definition's schema may well have a field that is called as one of those which are not kept. */
const keptFields = (object: KubeObject): KubeObject =>
  object.kind === "CustomResourceDefinition" ? object : (keptForm(object) as KubeObject);

/** The values of a Secret, each marked as one: a plan still shows which keys there are. */
function guarded(object: KubeObject): Readonly<Record<string, unknown>> {
  if (object.kind !== "Secret") return {};
  const fields = ["data", "stringData"].filter((field) => object[field] !== undefined);
  return Object.fromEntries(fields.map((field) => [field, guardedValues(object[field])]));
}

const guardedValues = (values: unknown): unknown =>
  pulumi.Output.isInstance(values) || typeof values !== "object" || values === null
    ? pulumi.secret(values)
    : Object.fromEntries(Object.entries(values).map(([key, value]) => [key, pulumi.secret(value)]));

/**
 * Registers objects, in the given order, as resources of their own, so that a preview shows each field. What one needs
 * of the others is made before it: its namespace, its definition, what its pods read. Takes the provider of the
 * options or of their parent.
 */
export function declareObjects(
  objects: readonly KubeObject[],
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource[] {
  const edges = edgesOf(objects);
  const made = new Map<KubeObject, pulumi.CustomResource>();
  const declare = (object: KubeObject): pulumi.CustomResource => {
    const known = made.get(object);
    if (known !== undefined) return known;
    const before = (edges.get(object) ?? []).map(declare);
    const resource = new DeclaredObject(object, optionsOf(object, before, options));
    made.set(object, resource);
    return resource;
  };
  return objects.map(declare);
}

function optionsOf(
  object: KubeObject,
  before: readonly pulumi.Resource[],
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResourceOptions {
  // The state must not show in clear what the cluster answers, even where only some of the values were marked.
  const secret = object.kind === "Secret" ? { additionalSecretOutputs: ["data", "stringData"] } : {};
  const more = { aliases: otherTokens(object), dependsOn: [...before], ...secret };
  return pulumi.mergeOptions(options, more);
}
