/** Server-side apply: the manager's name, forced conflicts, and who owns which field. */
import { randomBytes } from "node:crypto";
import type { Plain, PlainMap } from "../values";
import { ApiError, type KubeClient, type ObjectRef } from "./client";

/** The name under which objects are created: a plain create, whose fields the first update takes over. */
export const CREATE_MANAGER = "pulumi-kubernetes";

const CONFLICT_GUIDE =
  "https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources";

/** A field manager of a resource's own, so that two programs on one object conflict instead of overwriting. */
export function newFieldManager(): string {
  return `pulumi-kubernetes-${randomBytes(4).toString("hex")}`;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/** Sends the declared fields; the API server merges them with those of other managers. */
export async function apply(
  client: KubeClient,
  ref: ObjectRef,
  manifest: PlainMap,
  options: ApplyOptions,
): Promise<PlainMap> {
  try {
    return await client.request("PATCH", await client.path(ref), {
      contentType: "application/apply-patch+yaml",
      body: manifest,
      query: {
        fieldManager: options.fieldManager,
        force: String(options.force),
        dryRun: options.dryRun ? "All" : undefined,
      },
    });
  } catch (error) {
    if (error instanceof ApiError && error.status === 409 && error.reason === "Conflict") {
      throw new ApiError(
        error.status,
        error.reason,
        `server-side apply field conflict detected, see ${CONFLICT_GUIDE} for troubleshooting help\n` +
          `The resource managed by field manager "${options.fieldManager}" had an apply conflict: ${error.message}`,
      );
    }
    throw error;
  }
}

/** Gives up all fields of a manager: an apply of nothing but the identity. */
export async function relinquish(client: KubeClient, ref: ObjectRef, fieldManager: string): Promise<void> {
  const { apiVersion, kind, name, namespace } = ref;
  const manifest = { apiVersion, kind, metadata: { name: name ?? "", ...(namespace ? { namespace } : {}) } };
  await apply(client, ref, manifest, { fieldManager, force: false, dryRun: false });
}

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly apiVersion?: string;
  readonly fieldsV1?: PlainMap;
  readonly [key: string]: Plain | undefined;
}

/** Whether the object was created here and not applied since. */
export function hasCreateManager(live: PlainMap): boolean {
  return managersOf(live).some(isCreateManager);
}

/**
 * Makes the manager of the create the manager of the applies. Otherwise the first update that changes a value
 * would conflict with the create, and fields that the program drops would stay.
 */
export async function takeOverCreate(
  client: KubeClient,
  ref: ObjectRef,
  live: PlainMap,
  fieldManager: string,
): Promise<PlainMap> {
  const managers = managersOf(live);
  const created = managers.filter(isCreateManager);
  if (created.length === 0) {
    return live;
  }
  const own = managers.find(({ manager, operation }) => manager === fieldManager && operation === "Apply");
  const { subresource: _none, ...template } = own ?? created[0] ?? {};
  const merged = {
    ...template,
    manager: fieldManager,
    operation: "Apply",
    fieldsV1: [own, ...created].reduce<PlainMap>((all, each) => mergeFields(all, each?.fieldsV1 ?? {}), {}),
  };
  const others = managers.filter((each) => each !== own && !isCreateManager(each));
  const metadata = live.metadata as PlainMap;
  return client.request("PATCH", await client.path(ref), {
    contentType: "application/json-patch+json",
    body: [
      { op: "replace", path: "/metadata/managedFields", value: [...others, merged] as unknown as Plain },
      // Refused if somebody wrote in between.
      { op: "replace", path: "/metadata/resourceVersion", value: metadata.resourceVersion ?? null },
    ],
  });
}

/**
 * Changes what is applied for a path of `ignoreChanges`: left out when only others own it, else sent as it is,
 * since leaving out an own field deletes it.
 */
export function honourIgnoredPath(
  manifest: PlainMap,
  live: PlainMap,
  path: string,
  fieldManager: string,
): void {
  const steps = path.split(".");
  const owners = managersOf(live).filter(({ fieldsV1 }) => owns(fieldsV1, steps));
  const ours = owners.some(({ manager }) => manager === fieldManager);
  const parent = steps.slice(0, -1).reduce<Plain | undefined>(child, manifest);
  const current = steps.reduce<Plain | undefined>(child, live);
  const last = steps.at(-1) ?? "";
  if (typeof parent !== "object" || parent === null || Array.isArray(parent)) {
    return;
  }
  if (owners.length > 0 && !ours) {
    delete parent[last];
  } else if (current !== undefined) {
    parent[last] = current;
  }
}

function child(value: Plain | undefined, step: string): Plain | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value[step] : undefined;
}

function owns(fields: PlainMap | undefined, steps: readonly string[]): boolean {
  return steps.reduce<Plain | undefined>((value, step) => child(value, `f:${step}`), fields) !== undefined;
}

function isCreateManager({ manager, operation, subresource }: ManagedFields): boolean {
  return manager === CREATE_MANAGER && operation === "Update" && !subresource;
}

function managersOf(live: PlainMap): ManagedFields[] {
  return ((live.metadata as PlainMap | undefined)?.managedFields ?? []) as unknown as ManagedFields[];
}

function mergeFields(left: PlainMap, right: PlainMap): PlainMap {
  const merged = { ...left };
  for (const [key, value] of Object.entries(right)) {
    merged[key] = mergeFields((merged[key] ?? {}) as PlainMap, (value ?? {}) as PlainMap);
  }
  return merged;
}
