import { entryAt, fieldOf, isUnknown, type Labels, mapAt, textAt, Undecided } from "../lib/fields";
import { external, type ObjectIndex } from "../lib/object-index";
import type { KubeObject } from "../lib/objects";
import type { Workload } from "../lib/workloads";
import { decideInjection, type InjectionDecision, type Injector } from "./injection";
import { revisionLabel } from "./namespace";

const webhookKind = "admissionregistration.k8s.io/MutatingWebhookConfiguration";
const tagLabel = "istio.io/tag";

/** What a control plane's chart creates for injection, as far as checks look at it: to declare charts that they cannot read. */
export const renderInjector = ({ revision, tags = [], everyNamespace = false }: Injector): KubeObject[] =>
  [undefined, ...tags].map((tag) =>
    external({
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "MutatingWebhookConfiguration",
      metadata: {
        name:
          tag === undefined
            ? `istio-sidecar-injector${revision === "" ? "" : `-${revision}`}`
            : `istio-revision-tag-${tag}`,
        labels: {
          app: "sidecar-injector",
          [revisionLabel]: revision || "default",
          ...(tag === undefined ? {} : { [tagLabel]: tag }),
        },
      },
      webhooks: everyNamespace ? [{ name: "auto.sidecar-injector.istio.io" }] : [],
    }),
  );

/** The control planes that are declared, by their webhooks; undefined where none is, so that nothing is known. */
export const injectorsOf = (index: ObjectIndex): readonly Injector[] | undefined =>
  index.once("mesh injectors", () => readInjectors(index));

function readInjectors(index: ObjectIndex): readonly Injector[] | undefined {
  const planes = new Map<string, { readonly tags: readonly string[]; readonly everyNamespace: boolean }>();
  for (const webhook of index.ofKind(webhookKind)) {
    const revision = entryAt(webhook, "metadata.labels", revisionLabel);
    if (entryAt(webhook, "metadata.labels", "app") !== "sidecar-injector" || revision === undefined) continue;
    const plane = planes.get(revision) ?? { tags: [], everyNamespace: false };
    const tag = entryAt(webhook, "metadata.labels", tagLabel);
    const hooks = fieldOf(webhook, "webhooks");
    const every = Array.isArray(hooks) && hooks.some((hook) => String(hook?.name).startsWith("auto."));
    planes.set(revision, {
      tags: tag === undefined ? plane.tags : [...plane.tags, tag],
      everyNamespace: plane.everyNamespace || every,
    });
  }
  return planes.size === 0 ? undefined : [...planes].map(([revision, plane]) => ({ revision, ...plane }));
}

/** Labels of a namespace; empty where it is not declared and everything else is. */
const labelsOf = (index: ObjectIndex, name: string): Labels | undefined =>
  index.namespaceLabels(name) ?? (index.owns(name) ? {} : undefined);

/** Whether the pods of a workload get a sidecar; undefined where their namespace is not declared here. */
export function injectionOf(workload: Workload, index: ObjectIndex): InjectionDecision | undefined {
  const { object, namespace, labels, metadata, spec } = workload;
  if (labels === undefined) throw new Undecided(object, `${metadata}.labels`);
  const namespaceLabels = labelsOf(index, namespace);
  if (namespaceLabels === undefined) return undefined;
  const annotations = mapAt(object, `${metadata}.annotations`);
  const hostNetwork = fieldOf(object, `${spec}.hostNetwork`) === true;
  return decideInjection(
    { namespace, namespaceLabels, labels, annotations, hostNetwork },
    injectorsOf(index),
  );
}

/** A container in a pod spec, with its path. */
export interface PodContainer {
  readonly path: string;
  readonly name: string;
  readonly image: string | undefined;
}

/** Containers of a workload's pods: those of `initContainers` first, as they start. */
export function containersOf({ object, spec }: Workload): PodContainer[] {
  return [`${spec}.initContainers`, `${spec}.containers`].flatMap((list) => {
    const items = fieldOf(object, list);
    if (!Array.isArray(items)) return [];
    return items.map((item: unknown, place) => {
      const path = `${list}[${place}]`;
      if (isUnknown(item)) throw new Undecided(object, path);
      return { path, name: textAt(object, `${path}.name`) ?? "", image: textAt(object, `${path}.image`) };
    });
  });
}

/** The image that the injector replaces. */
export const autoImage = "auto";

/** The proxy that a workload brings itself, not by an injector; undefined where it brings none. */
export const ownProxy = (workload: Workload): PodContainer | undefined =>
  containersOf(workload).find(({ name, image }) => name === "istio-proxy" && image !== autoImage);
