/** An object of Kubernetes as it stands in YAML. All of it is plain, except for values inside a Secret. */
export interface KubeObject {
  /** `v1`, `apps/v1`, `networking.istio.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    /** Absent for kinds that belong to no namespace. */
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  /** `spec`, `data`, `rules`, …: whatever the kind has. */
  readonly [field: string]: unknown;
}

/** The provider's sign that fields of an object which others made are taken over. */
export const patchAnnotation = "pulumi.com/patchForce";

/** Whether an object is made by others and only some of its fields come from here. */
export const isPatch = ({ metadata }: KubeObject): boolean =>
  metadata.annotations?.[patchAnnotation] !== undefined;

/** `namespace/name`, or the name alone: the object's name in Pulumi. */
export const nameOf = ({ metadata }: KubeObject): string =>
  metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;

/** How people are told of an object: `Deployment istio-system/istiod`. */
export const titleOf = (object: KubeObject): string => `${object.kind} ${nameOf(object)}`;

/**
 * The object with conditions that creating and updating it waits for, all of them: `condition=Established`,
 * `jsonpath={.webhooks[0].clientConfig.caBundle}`. They replace what the provider would wait for by the kind.
 */
export function waitingFor(object: KubeObject, ...conditions: readonly [string, ...string[]]): KubeObject {
  const waitFor = conditions.length === 1 ? conditions[0] : JSON.stringify(conditions);
  return annotated(object, { "pulumi.com/waitFor": waitFor });
}

/** The object without any waiting: for one that becomes ready only by what comes after it. */
export const notWaiting = (object: KubeObject): KubeObject =>
  annotated(object, { "pulumi.com/skipAwait": "true" });

/** The object with more annotations. */
export const annotated = (object: KubeObject, annotations: Readonly<Record<string, string>>): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
});
