/** Waits until an object is what it should become, or is gone. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ResourceContext } from "../harness";
import type { Plain, PlainMap } from "../values";
import type { KubeClient, ObjectRef } from "./client";

const POLL_MS = 500;
const DEFAULT_TIMEOUT_S = 600;

/** The object exists but is not ready: why, as far as can be seen. */
export class NotReadyError extends Error {
  readonly live: PlainMap;
  readonly reasons: string[];

  constructor(live: PlainMap, reasons: string[]) {
    super(reasons.join("; "));
    this.live = live;
    this.reasons = reasons;
  }
}

/** Nothing when ready, `failed` when it will never be, else what is missing. */
type Verdict = undefined | { readonly waitingFor: string; readonly failed?: boolean };

type Judge = (live: PlainMap, client: KubeClient) => Verdict | Promise<Verdict>;

/** Seconds to wait: from `customTimeouts`, else from the annotation, else ten minutes. */
export function timeoutSeconds(context: ResourceContext, manifest: PlainMap): number {
  const annotated = Number(annotationOf(manifest, "pulumi.com/timeoutSeconds"));
  return context.timeout || (Number.isInteger(annotated) && annotated > 0 ? annotated : DEFAULT_TIMEOUT_S);
}

/** Waits for readiness as the kind or the `pulumi.com/waitFor` annotation defines it. Returns the live object. */
export async function awaitReady(
  context: ResourceContext,
  client: KubeClient,
  manifest: PlainMap,
  live: PlainMap,
): Promise<PlainMap> {
  if (annotationOf(manifest, "pulumi.com/skipAwait") === "true") {
    return live;
  }
  const waitFor = annotationOf(manifest, "pulumi.com/waitFor");
  const judge = waitFor ? customJudge(waitFor) : JUDGES[`${manifest.apiVersion}/${manifest.kind}`];
  if (!judge) {
    return live;
  }
  const deadline = Date.now() + timeoutSeconds(context, manifest) * 1000;
  let current = live;
  for (let shown = ""; ; ) {
    const verdict = await judge(current, client);
    if (!verdict) {
      return current;
    }
    if (verdict.failed) {
      throw new NotReadyError(current, [verdict.waitingFor, ...(await podTroubles(current, client))]);
    }
    if (verdict.waitingFor !== shown) {
      shown = verdict.waitingFor;
      context.log(shown);
    }
    if (Date.now() > deadline) {
      throw new NotReadyError(current, [`timed out: ${shown}`, ...(await podTroubles(current, client))]);
    }
    await sleep(POLL_MS, undefined, { signal: context.cancelled });
    current = await client.get(refIn(current, manifest));
  }
}

/** Waits until the object is gone, or was replaced by another of its name. */
export async function awaitGone(
  context: ResourceContext,
  client: KubeClient,
  ref: ObjectRef,
  uid: Plain | undefined,
  seconds: number,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const live = await client.find(ref);
    const metadata = live?.metadata as PlainMap | undefined;
    if (!live || (uid !== undefined && metadata?.uid !== uid)) {
      return;
    }
    if (Date.now() > deadline) {
      const finalizers = ((metadata?.finalizers ?? []) as string[]).join(", ");
      throw new Error(`timed out waiting for deletion; finalizers might be preventing it (${finalizers})`);
    }
    await sleep(POLL_MS, undefined, { signal: context.cancelled });
  }
}

function refIn(live: PlainMap, manifest: PlainMap): ObjectRef {
  const metadata = live.metadata as PlainMap;
  return {
    apiVersion: String(manifest.apiVersion),
    kind: String(manifest.kind),
    name: String(metadata.name),
    namespace: metadata.namespace === undefined ? undefined : String(metadata.namespace),
  };
}

const JUDGES: Readonly<Record<string, Judge>> = {
  "apps/v1/Deployment": judgeDeployment,
  "apps/v1/StatefulSet": judgeStatefulSet,
  "apps/v1/DaemonSet": judgeDaemonSet,
  "batch/v1/Job": judgeJob,
  "v1/Pod": judgePod,
  "v1/Service": judgeService,
  "v1/Namespace": (live) => unless(statusOf(live).phase === "Active", "the namespace to become active"),
  "v1/PersistentVolume": (live) =>
    unless(["Available", "Bound"].includes(String(statusOf(live).phase)), "the volume to become available"),
  "v1/PersistentVolumeClaim": judgeClaim,
  "networking.k8s.io/v1/Ingress": judgeIngress,
  "networking.k8s.io/v1beta1/Ingress": judgeIngress,
  "extensions/v1beta1/Ingress": judgeIngress,
};

function judgeIngress(live: PlainMap): Verdict {
  return unless(hasLoadBalancer(live), "the ingress to get an address");
}

function judgeDeployment(live: PlainMap): Verdict {
  const status = statusOf(live);
  const progressing = conditionOf(live, "Progressing");
  if (!isObserved(live)) {
    return waiting("the controller to see the change");
  }
  if (progressing?.reason === "ProgressDeadlineExceeded") {
    return { waitingFor: `rollout failed: ${progressing.message}`, failed: true };
  }
  const wanted = count(specOf(live).replicas ?? 1);
  const [updated, all, available] = [status.updatedReplicas, status.replicas, status.availableReplicas].map(
    count,
  );
  return unless(
    updated === wanted && all === wanted && available === wanted,
    `the rollout (${available} of ${wanted} pods available, ${updated} updated)`,
  );
}

function judgeStatefulSet(live: PlainMap): Verdict {
  const status = statusOf(live);
  if (!isObserved(live)) {
    return waiting("the controller to see the change");
  }
  const wanted = count(specOf(live).replicas ?? 1);
  const [updated, ready] = [status.updatedReplicas, status.readyReplicas].map(count);
  const settled = status.updateRevision === status.currentRevision || updated === wanted;
  return unless(settled && ready === wanted, `the rollout (${ready} of ${wanted} pods ready)`);
}

function judgeDaemonSet(live: PlainMap): Verdict {
  const status = statusOf(live);
  if (!isObserved(live)) {
    return waiting("the controller to see the change");
  }
  const [wanted = 0, updated = 0, available = 0] = [
    status.desiredNumberScheduled,
    status.updatedNumberScheduled,
    status.numberAvailable,
  ].map(count);
  return unless(updated === wanted && available === wanted, `the rollout (${available} of ${wanted} nodes)`);
}

function judgeJob(live: PlainMap): Verdict {
  const failed = conditionOf(live, "Failed");
  if (failed?.status === "True") {
    return { waitingFor: `the job failed: ${failed.message}`, failed: true };
  }
  return unless(conditionOf(live, "Complete")?.status === "True", "the job to complete");
}

function judgePod(live: PlainMap): Verdict {
  const { phase } = statusOf(live);
  if (phase === "Failed") {
    return { waitingFor: "the pod failed", failed: true };
  }
  return unless(
    phase === "Succeeded" || conditionOf(live, "Ready")?.status === "True",
    "the pod to become ready",
  );
}

/** A Service waits for pods behind it, and for an address when it is a load balancer. */
async function judgeService(live: PlainMap, client: KubeClient): Promise<Verdict> {
  const { type, selector, clusterIP } = specOf(live);
  const metadata = live.metadata as PlainMap;
  const selects = selector && Object.keys(selector).length > 0;
  if (type !== "ExternalName" && clusterIP !== "None" && selects && !(await hasEndpoints(metadata, client))) {
    return waiting("ready pods that the selector matches");
  }
  return unless(type !== "LoadBalancer" || hasLoadBalancer(live), "the load balancer to get an address");
}

async function hasEndpoints(metadata: PlainMap, client: KubeClient): Promise<boolean> {
  const path = await client.path({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    namespace: String(metadata.namespace),
  });
  const { items } = await client.request("GET", path, {
    query: { labelSelector: `kubernetes.io/service-name=${metadata.name}` },
  });
  return ((items ?? []) as PlainMap[]).some((slice) =>
    ((slice.endpoints ?? []) as PlainMap[]).some(
      (endpoint) => (endpoint.conditions as PlainMap | undefined)?.ready !== false,
    ),
  );
}

async function judgeClaim(live: PlainMap, client: KubeClient): Promise<Verdict> {
  if (statusOf(live).phase === "Bound") {
    return undefined;
  }
  const { storageClassName } = specOf(live);
  const storageClass =
    typeof storageClassName === "string" && storageClassName !== ""
      ? await client.find({ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: storageClassName })
      : undefined;
  // Such a claim binds only once a pod uses it.
  return unless(storageClass?.volumeBindingMode === "WaitForFirstConsumer", "the claim to be bound");
}

/** `condition=Ready`, `condition=Ready=False`, `jsonpath={.status.phase}=Bound`, or a JSON list of these. */
export function customJudge(expression: string): Judge {
  const expressions = expression.startsWith("[") ? (JSON.parse(expression) as string[]) : [expression];
  const judges = expressions.map(singleJudge);
  return async (live, client) => {
    for (const judge of judges) {
      const verdict = await judge(live, client);
      if (verdict) {
        return verdict;
      }
    }
    return undefined;
  };
}

function singleJudge(expression: string): Judge {
  const condition = /^condition=([^=]+)(?:=(.*))?$/.exec(expression);
  if (condition) {
    const [, type = "", status = "True"] = condition;
    return (live) => unless(hasCondition(live, type, status), `condition ${type} to be ${status}`);
  }
  const jsonpath = /^jsonpath=\{\s*\$?((?:\.[A-Za-z0-9_-]+|\[\d+\])+)\s*\}(?:=([^=]+))?$/.exec(expression);
  if (!jsonpath) {
    throw new Error(
      `pulumi.com/waitFor ${JSON.stringify(expression)} is not implemented by the stand-in provider`,
    );
  }
  const [, path = "", wanted] = jsonpath;
  return (live) => {
    const found = lookUp(live, path);
    if (wanted !== undefined && typeof found === "object" && found !== null) {
      return { waitingFor: `"${path}" has a non-primitive value`, failed: true };
    }
    return unless(
      wanted === undefined ? found !== undefined : String(found) === wanted,
      `${path} to be ${wanted ?? "there"}`,
    );
  };
}

/** As `kubectl wait`: whatever the case, and only if the condition is about the object as it is now. */
function hasCondition(live: PlainMap, type: string, status: string): boolean {
  const same = (left: unknown, right: string) => String(left).toLowerCase() === right.toLowerCase();
  const conditions = (statusOf(live).conditions ?? []) as PlainMap[];
  const condition = conditions.find((each) => same(each.type, type));
  if (!condition || !same(condition.status, status)) {
    return false;
  }
  const observed = condition.observedGeneration ?? statusOf(live).observedGeneration;
  const { generation } = live.metadata as PlainMap;
  return observed === undefined || generation === undefined || count(observed) >= count(generation);
}

function lookUp(live: PlainMap, path: string): Plain | undefined {
  let value: Plain | undefined = live;
  for (const step of path.match(/[A-Za-z0-9_-]+/g) ?? []) {
    value = (value as Record<string, Plain> | null | undefined)?.[step];
  }
  return value;
}

/** What the pods of a workload say about themselves; best effort, for the error message. */
async function podTroubles(live: PlainMap, client: KubeClient): Promise<string[]> {
  const selector = specOf(live).selector as PlainMap | undefined;
  const labels = Object.entries((selector?.matchLabels ?? {}) as PlainMap);
  if (labels.length === 0) {
    return [];
  }
  try {
    const namespace = String((live.metadata as PlainMap).namespace);
    const path = await client.path({ apiVersion: "v1", kind: "Pod", namespace });
    const labelSelector = labels.map(([key, value]) => `${key}=${value}`).join(",");
    const { items } = await client.request("GET", path, { query: { labelSelector } });
    return ((items ?? []) as PlainMap[]).flatMap(podTrouble);
  } catch {
    return [];
  }
}

function podTrouble(pod: PlainMap): string[] {
  const { name } = pod.metadata as PlainMap;
  const containers = [statusOf(pod).initContainerStatuses, statusOf(pod).containerStatuses].flatMap(
    (statuses) => (statuses ?? []) as PlainMap[],
  );
  const waitingStates = containers.flatMap((container) => {
    const state = (container.state as PlainMap | undefined)?.waiting as PlainMap | undefined;
    return state ? [`${container.name}: ${state.reason}${state.message ? `: ${state.message}` : ""}`] : [];
  });
  const unscheduled = conditionOf(pod, "PodScheduled");
  return [
    ...waitingStates.map((text) => `[Pod ${name}] ${text}`),
    ...(unscheduled?.status === "False" ? [`[Pod ${name}] ${unscheduled.message}`] : []),
  ];
}

function isObserved(live: PlainMap): boolean {
  return count(statusOf(live).observedGeneration) >= count((live.metadata as PlainMap).generation);
}

function hasLoadBalancer(live: PlainMap): boolean {
  const balancer = statusOf(live).loadBalancer as PlainMap | undefined;
  return ((balancer?.ingress ?? []) as Plain[]).length > 0;
}

function conditionOf(live: PlainMap, type: string): PlainMap | undefined {
  return ((statusOf(live).conditions ?? []) as PlainMap[]).find((condition) => condition.type === type);
}

function statusOf(live: PlainMap): PlainMap {
  return (live.status ?? {}) as PlainMap;
}

function specOf(live: PlainMap): PlainMap {
  return (live.spec ?? {}) as PlainMap;
}

function annotationOf(object: PlainMap, name: string): string | undefined {
  const annotations = (object.metadata as PlainMap | undefined)?.annotations as PlainMap | undefined;
  const value = annotations?.[name];
  return typeof value === "string" ? value : undefined;
}

function count(value: Plain | undefined): number {
  return typeof value === "number" ? value : 0;
}

function unless(ready: boolean, waitingFor: string): Verdict {
  return ready ? undefined : waiting(waitingFor);
}

function waiting(what: string): Verdict {
  return { waitingFor: `waiting for ${what}` };
}
