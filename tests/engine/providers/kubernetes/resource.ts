/** The life of one object in a cluster. */
import { setTimeout as sleep } from "node:timers/promises";
import { type CheckResult, InitializationError, type ResourceContext, type ResourceKind } from "../harness";
import {
  containsUnknown,
  isMap,
  mapEntries,
  type Plain,
  type PlainMap,
  type Value,
  type ValueMap,
} from "../values";
import {
  apply,
  CREATE_MANAGER,
  hasCreateManager,
  honourIgnoredPath,
  newFieldManager,
  relinquish,
  takeOverCreate,
} from "./apply";
import { awaitGone, awaitReady, NotReadyError, timeoutSeconds } from "./await";
import { CLUSTER_WIDE, faults, isPatch, withName } from "./checks";
import { ApiError, type KubeClient, NoMatchError, type ObjectRef } from "./client";
import { diffObjects } from "./diff";
import { presentable, previewCannotTell } from "./errors";
import {
  annotation,
  fromCheckpoint,
  idOf,
  normalize,
  prune,
  refOf,
  toCheckpoint,
  toManifest,
  withSecretLists,
} from "./manifest";
import type { ClusterSettings } from "./settings";

/** Waits between the tries of a create whose namespace or definition may be on its way. */
const CREATE_RETRY_WAITS_S = [1, 2, 4, 8, 16];

/** Any kind of object, of the cluster that the provider is configured for. */
export class ObjectKind implements ResourceKind {
  readonly #settings: ClusterSettings;

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
  }

  async check(context: ResourceContext, news: ValueMap, olds: ValueMap): Promise<CheckResult> {
    const failures = faults(context, news);
    if (failures.length > 0) {
      return { inputs: news, failures };
    }
    const inputs = withSecretLists(normalize(withName(context, news, olds)));
    const metadata = isMap(inputs.metadata) ? inputs.metadata : {};
    if ((metadata.namespace ?? "") === "" && (await this.#mayBeNamespaced(inputs))) {
      return { inputs: { ...inputs, metadata: { ...metadata, namespace: this.#settings.namespace } } };
    }
    return { inputs };
  }

  async diff(
    context: ResourceContext,
    state: { outputs: ValueMap; news: ValueMap; ignoreChanges: readonly string[] },
  ) {
    return diffObjects(fromCheckpoint(state.outputs), state.news, {
      isPatch: isPatch(context, state.news),
      namespaced: await this.#mayBeNamespaced(state.news),
      ignore: state.ignoreChanges,
      settings: this.#settings,
    });
  }

  async create(context: ResourceContext, inputs: ValueMap, preview: boolean) {
    if (preview && !(await this.#canPreview(context, inputs))) {
      return { id: "", outputs: inputs };
    }
    return this.#guarded(inputs, async (client) => {
      const manifest = toManifest(normalize(inputs));
      const fieldManager = annotation(inputs, "pulumi.com/patchFieldManager") ?? newFieldManager();
      let live: PlainMap;
      try {
        live = await this.#createWithRetries(context, client, inputs, manifest, { fieldManager, preview });
      } catch (error) {
        if (preview && error instanceof ApiError && previewCannotTell(error)) {
          return { id: "", outputs: inputs };
        }
        throw error;
      }
      if (preview) {
        const { status: _status, ...unready } = live;
        return { id: "", outputs: toCheckpoint(unready, inputs, fieldManager) };
      }
      if (manifest.kind === "CustomResourceDefinition") {
        client.forgetKinds();
      }
      const ready = await this.#ready(context, client, inputs, manifest, live, fieldManager);
      return { id: idOf(ready), outputs: toCheckpoint(ready, inputs, fieldManager) };
    });
  }

  async read(context: ResourceContext, state: { id: string; inputs: ValueMap; outputs: ValueMap }) {
    const checkpoint = fromCheckpoint(state.outputs);
    const known = Object.keys(checkpoint.live).length > 0 ? checkpoint.live : state.inputs;
    const ref = refFromId(state.id, known, context.type);
    const live = await this.#guarded(state.inputs, (client) => client.find(ref));
    if (!live) {
      return undefined;
    }
    // With inputs, only what the program declared counts as drift; without, as in an import, all of it does.
    const imported = Object.keys(state.inputs).length === 0;
    const fieldManager = checkpoint.fieldManager ?? newFieldManager();
    const marked = fromCheckpoint(toCheckpoint(live, state.inputs, fieldManager)).live;
    const inputs = imported ? declarable(live) : prune(marked, normalize(state.inputs));
    return { id: state.id, inputs, outputs: toCheckpoint(live, inputs, fieldManager) };
  }

  async update(
    context: ResourceContext,
    state: { outputs: ValueMap; news: ValueMap; ignoreChanges: readonly string[] },
    preview: boolean,
  ): Promise<ValueMap> {
    const { news } = state;
    if (preview && (containsUnknown(news) || !(await this.#knowsKind(news)))) {
      return news;
    }
    return this.#guarded(news, async (client) => {
      const manifest = toManifest(normalize(news));
      const old = fromCheckpoint(state.outputs);
      const fieldManager =
        annotation(news, "pulumi.com/patchFieldManager") ?? old.fieldManager ?? newFieldManager();
      const ref = { ...refOf(manifest), name: refOf(old.live).name };
      let live = await client.get(ref);
      const patch = isPatch(context, news);
      const force =
        annotation(news, "pulumi.com/patchForce") === "true" ||
        this.#settings.patchForce ||
        // The take-over below is not possible in a dry run.
        (preview && hasCreateManager(live));
      if (!preview && !patch) {
        live = await takeOverCreate(client, ref, live, fieldManager);
      }
      for (const path of state.ignoreChanges) {
        honourIgnoredPath(manifest, live, path, fieldManager);
      }
      const applied = await apply(client, ref, manifest, { fieldManager, force, dryRun: preview });
      const ready = preview
        ? applied
        : await this.#ready(context, client, news, manifest, applied, fieldManager);
      return toCheckpoint(ready, news, fieldManager);
    });
  }

  async delete(
    context: ResourceContext,
    state: { id: string; inputs: ValueMap; outputs: ValueMap },
  ): Promise<void> {
    const { live, inputs, fieldManager } = fromCheckpoint(state.outputs);
    const ref = refFromId(state.id, live, context.type);
    if (this.#settings.unreachable && this.#settings.deleteUnreachable) {
      context.log("the cluster is unreachable and deleteUnreachable is set: dropped from the state", {
        lasting: true,
      });
      return;
    }
    await this.#guarded(inputs, async (client) => {
      try {
        if (isPatch(context, inputs)) {
          await relinquish(client, ref, fieldManager ?? "");
          return;
        }
        await client.request("DELETE", await client.path(ref), {
          body: { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: propagation(inputs) },
        });
      } catch (error) {
        if (error instanceof NoMatchError || (error instanceof ApiError && error.status === 404)) {
          return;
        }
        throw error;
      }
      if (annotation(inputs, "pulumi.com/skipAwait") === "true") {
        return;
      }
      const uid = isMap(live.metadata) ? live.metadata.uid : undefined;
      const seconds = timeoutSeconds(context, containsUnknown(inputs) ? {} : toManifest(inputs));
      await awaitGone(context, client, ref, typeof uid === "string" ? uid : undefined, seconds);
      if (ref.kind === "CustomResourceDefinition") {
        client.forgetKinds();
      }
    });
  }

  async #createWithRetries(
    context: ResourceContext,
    client: KubeClient,
    inputs: ValueMap,
    manifest: PlainMap,
    { fieldManager, preview }: { fieldManager: string; preview: boolean },
  ): Promise<PlainMap> {
    const upsert = isPatch(context, inputs) || this.#settings.upsert;
    for (let tries = 0; ; tries++) {
      try {
        if (upsert) {
          const force =
            annotation(inputs, "pulumi.com/patchForce") === "true" || this.#settings.patchForce || preview;
          return await apply(client, refOf(manifest), manifest, { fieldManager, force, dryRun: preview });
        }
        return await client.request("POST", await client.path({ ...refOf(manifest), name: undefined }), {
          body: manifest,
          query: {
            fieldManager: CREATE_MANAGER,
            // The official provider checks against the published schema: an unknown field is an error there, too.
            fieldValidation: "Strict",
            dryRun: preview ? "All" : undefined,
          },
        });
      } catch (error) {
        const wait = CREATE_RETRY_WAITS_S[tries];
        const mayCome = error instanceof NoMatchError || (error instanceof ApiError && error.status === 404);
        if (!mayCome || preview || wait === undefined) {
          throw error;
        }
        context.log(`Retry #${tries}; creation failed: ${error.message}`);
        await sleep(wait * 1000, undefined, { signal: context.cancelled });
        client.forgetKinds();
      }
    }
  }

  /** Waits; an object that does not get ready is stored all the same, with the reasons. */
  async #ready(
    context: ResourceContext,
    client: KubeClient,
    inputs: ValueMap,
    manifest: PlainMap,
    live: PlainMap,
    fieldManager: string,
  ): Promise<PlainMap> {
    try {
      return await awaitReady(context, client, manifest, live);
    } catch (error) {
      const last = error instanceof NotReadyError ? error.live : live;
      const reasons = error instanceof NotReadyError ? error.reasons : [String((error as Error).message)];
      throw new InitializationError(idOf(last), toCheckpoint(last, inputs, fieldManager), inputs, [
        `resource ${context.urn} was successfully created, but the Kubernetes API server reported that it failed to fully initialize or become live: ${reasons[0]}`,
        ...reasons.slice(1),
      ]);
    }
  }

  /** Runs the work on a reachable cluster, and keeps secrets out of what the API server says. */
  async #guarded<T>(inputs: ValueMap, work: (client: KubeClient) => Promise<T>): Promise<T> {
    try {
      return await work(this.#settings.client());
    } catch (error) {
      throw error instanceof InitializationError ? error : presentable(error, inputs);
    }
  }

  async #canPreview(context: ResourceContext, inputs: ValueMap): Promise<boolean> {
    return !containsUnknown(inputs) && !isPatch(context, inputs) && (await this.#knowsKind(inputs));
  }

  async #knowsKind(inputs: ValueMap): Promise<boolean> {
    return !this.#settings.unreachable && (await this.#settings.client().hasKind(refOf(inputs)));
  }

  /** A kind that nobody knows yet is taken for a namespaced one, as most custom resources are. */
  async #mayBeNamespaced(inputs: ValueMap): Promise<boolean> {
    const known = this.#settings.unreachable
      ? undefined
      : await this.#settings.client().isNamespaced(refOf(inputs));
    return known ?? !CLUSTER_WIDE.has(String(inputs.kind));
  }
}

function refFromId(id: string, object: ValueMap, type: string): ObjectRef {
  const [name, namespace] = id.split("/").reverse();
  // `kubernetes:apps/v1:Deployment`; the core group is written `core/v1`.
  const [, version = "", kind = ""] = type.split(":");
  return {
    apiVersion: typeof object.apiVersion === "string" ? object.apiVersion : version.replace(/^core\//, ""),
    kind: typeof object.kind === "string" ? object.kind : kind.replace(/Patch$/, ""),
    name,
    namespace,
  };
}

/** What a program would have to declare to get the live object. */
function declarable(live: PlainMap): ValueMap {
  const { status: _status, ...rest } = live;
  const metadata = mapEntries(rest.metadata as PlainMap, (value: Plain): Value => value);
  return normalize({ ...(rest as ValueMap), metadata });
}

function propagation(inputs: ValueMap): string {
  switch (annotation(inputs, "pulumi.com/deletionPropagationPolicy")?.toLowerCase()) {
    case "orphan":
      return "Orphan";
    case "background":
      return "Background";
    default:
      return "Foreground";
  }
}
