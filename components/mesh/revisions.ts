import type { ControlPlaneSettings, MeshSettings } from "./mesh-settings";

/** The label of a namespace or pod that names a control plane by revision or tag. */
export const revisionLabel = "istio.io/rev";

/** The tag whose control plane injects where a namespace says `istio-injection: enabled`, and validates config. */
export const defaultTag = "default";

type Planes = Pick<MeshSettings, "controlPlanes" | "tags">;

/** A control plane without a revision answers to the tag `default` by itself. */
const unnamed = ({ revision }: ControlPlaneSettings) => revision === "";

/**
 * Tags with the one that Istio cannot do without: some control plane has to validate config for the cluster, and to
 * serve namespaces that name none.
 */
export function allTags({ controlPlanes, tags }: Planes): Readonly<Record<string, string>> {
  return controlPlanes.some(unnamed) || tags[defaultTag] !== undefined
    ? tags
    : { [defaultTag]: controlPlanes[0].revision, ...tags };
}

/** Revision of the control plane that validates; empty for the one without a revision. */
export function defaultRevision(planes: Planes): string {
  return planes.controlPlanes.some(unnamed) ? "" : (allTags(planes)[defaultTag] ?? "");
}

/** Tags that a control plane carries, sorted so that they render the same every time. */
export const tagsOf = (planes: Planes, revision: string): string[] =>
  Object.entries(allTags(planes))
    .filter(([, target]) => target === revision)
    .map(([tag]) => tag)
    .sort();

/** The control plane behind a revision or a tag; empty asks for the default one. */
export function controlPlaneFor(planes: Planes, name: string): ControlPlaneSettings {
  const revision = name === "" ? defaultRevision(planes) : (allTags(planes)[name] ?? name);
  const found = planes.controlPlanes.find((plane) => plane.revision === revision);
  if (found === undefined) {
    const known = planes.controlPlanes.map((plane) => plane.revision || "(unnamed)");
    throw new Error(
      `no control plane ${name}; allowed: ${[...known, ...Object.keys(allTags(planes))].join(", ")}; change the revision or add it to mesh.revisions`,
    );
  }
  return found;
}

/** Labels with which a namespace chooses a control plane by revision or tag; the default one without an argument. */
export function injectionLabels(name = defaultTag): Readonly<Record<string, string>> {
  return name === defaultTag ? { "istio-injection": "enabled" } : { [revisionLabel]: name };
}
