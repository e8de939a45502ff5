import type { Recording } from "./recording";

/** The resources below their parents, one line each: the last part of the type, and the name. */
export function renderTree(recording: Recording): string {
  const lines = (parent: string, depth: number): string[] =>
    recording.resources
      .filter((resource) =>
        recording.nameOf(resource.parent) === "" ? parent === "" : resource.parent === parent,
      )
      .flatMap(({ type, name, urn }) => [
        `${"  ".repeat(depth)}${type.split(":").at(-1)} ${name}`,
        ...lines(urn, depth + 1),
      ]);
  return lines("", 0).join("\n");
}
