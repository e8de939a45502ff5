/** What is asked of a declared object before any API server sees it. */
import { randomBytes } from "node:crypto";
import type { ResourceContext } from "../harness";
import { isMap, type ValueMap } from "../values";
import { customJudge } from "./await";
import { annotation } from "./manifest";

/** A `…Patch` type manages some fields of an object that it does not own. */
export function isPatch({ type }: ResourceContext, inputs: ValueMap): boolean {
  return type.endsWith("Patch") && !String(inputs.kind).endsWith("Patch");
}

/** Everything that is wrong with the inputs. */
export function faults(context: ResourceContext, news: ValueMap): { property: string; reason: string }[] {
  const metadata = isMap(news.metadata) ? news.metadata : {};
  const found: { property: string; reason: string }[] = [];
  const add = (property: string, reason: string) => found.push({ property, reason });
  for (const property of ["apiVersion", "kind"]) {
    if (typeof news[property] !== "string") {
      add(property, `missing required property '${property}'`);
    }
  }
  if (String(news.kind).endsWith("List")) {
    add("kind", "list resources cannot be created directly; use the resources in the list");
  }
  if (metadata.generateName !== undefined) {
    add(
      "metadata.generateName",
      "the `.metadata.generateName` field is not supported in Server-Side Apply mode",
    );
  }
  if (isPatch(context, news) && metadata.name === undefined) {
    add("metadata.name", "patch resources require the `.metadata.name` field to be set");
  }
  try {
    const waitFor = annotation(news, "pulumi.com/waitFor");
    if (waitFor !== undefined) {
      customJudge(waitFor);
    }
  } catch (error) {
    add("metadata.annotations", (error as Error).message);
  }
  return found;
}

/** Gives an unnamed object a name of its own, and keeps it. */
export function withName(context: ResourceContext, news: ValueMap, olds: ValueMap): ValueMap {
  const metadata = isMap(news.metadata) ? news.metadata : {};
  if (metadata.name !== undefined && metadata.name !== null) {
    return news;
  }
  const old = isMap(olds.metadata) ? olds.metadata.name : undefined;
  const kept = old !== undefined && annotation(olds, "pulumi.com/autonamed") === "true" ? old : undefined;
  const annotations = isMap(metadata.annotations) ? metadata.annotations : {};
  return {
    ...news,
    metadata: {
      ...metadata,
      name: kept ?? `${context.name}-${randomBytes(4).toString("hex")}`,
      annotations: { ...annotations, "pulumi.com/autonamed": "true" },
    },
  };
}

/** Well-known kinds without a namespace, for when no cluster can be asked. */
export const CLUSTER_WIDE = new Set([
  "Namespace",
  "Node",
  "PersistentVolume",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "StorageClass",
  "IngressClass",
  "PriorityClass",
  "PodSecurityPolicy",
  "RuntimeClass",
  "GatewayClass",
  "APIService",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
]);
