/** What the API server's refusals mean here, and how they are shown. */
import type { ValueMap } from "../values";
import { ApiError } from "./client";
import { normalize, secretTexts } from "./manifest";

const ALREADY_EXISTS_HELP = `

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use \`pulumi import\`.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create.`;

/** The server's message without the secrets of the object that it is about. */
export function presentable(error: unknown, inputs: ValueMap): Error {
  const secrets = [...secretTexts(inputs), ...secretTexts(normalize(inputs))];
  const message = secrets.reduce(
    (text, secret) => text.replaceAll(secret, "[secret]"),
    error instanceof Error ? error.message : String(error),
  );
  return new Error(isAlreadyExists(error) ? message + ALREADY_EXISTS_HELP : message);
}

/** Refusals of a dry run that say nothing about the real thing: what is missing may come before it. */
export function previewCannotTell(error: ApiError): boolean {
  return (
    error.status === 403 ||
    isAlreadyExists(error) ||
    (error.status === 404 && /^namespaces? /.test(error.message)) ||
    (error.status === 400 && /dry run/i.test(error.message))
  );
}

function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === "AlreadyExists";
}
