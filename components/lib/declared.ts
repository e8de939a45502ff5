import * as pulumi from "@pulumi/pulumi";
import { type KubeObject, patchAnnotation } from "./objects";

/** Stands in declared objects for a value that is known only after `up`, or secret. */
export const UNKNOWN: unique symbol = Symbol("known after up");

/** The Kubernetes objects of a program, while it runs. */
export interface Declared {
  /** What was registered up to now, in the order of registration. */
  readonly objects: () => KubeObject[];
}

/**
 * Collects every object of Kubernetes that the program registers from now on, by whatever class. To be called once,
 * before the first resource.
 *
 * Outputs are not waited for, even where a preview could know them: so a check finds the same in the first preview of
 * an empty stack as in any later one, and an `up` is not held until the end of the deployment.
 */
export function collectDeclared(): Declared {
  const objects: KubeObject[] = [];
  pulumi.runtime.registerStackTransformation(({ type, props }) => {
    const object = objectOf(type, props);
    if (object !== undefined) objects.push(object);
    return undefined;
  });
  return { objects: () => [...objects] };
}

/** What a registration says as an object; undefined where it is no object, as for a Helm release. */
export function objectOf(type: string, props: Readonly<Record<string, unknown>>): KubeObject | undefined {
  if (!type.startsWith("kubernetes:") || props.kind === undefined || props.apiVersion === undefined) {
    return undefined;
  }
  const object = plain(props) as KubeObject;
  return type.endsWith(`:${object.kind}Patch`) ? markPatch(object) : object;
}

/** The typed Patch classes say by their type what declareObjects says by an annotation. */
function markPatch(object: KubeObject): KubeObject {
  const { metadata } = object;
  // Of metadata that is one output nothing can be said, not even this.
  if (typeof metadata !== "object") return object;
  return {
    ...object,
    metadata: { ...metadata, annotations: { [patchAnnotation]: "true", ...metadata.annotations } },
  };
}

/** A value with a symbol for each output and promise, and without what JSON leaves out. */
function plain(value: unknown): unknown {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return UNKNOWN;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, plain(inner)]])),
  );
}
