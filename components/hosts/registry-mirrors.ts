import { dockerHub, type RegistryMirror } from "../artifacts/sources";

/** Addresses that stand in for a registry, by its name, in the order in which they are asked. */
export type RegistryMirrors = Readonly<Record<string, readonly string[]>>;

/** The name that means every registry. */
const EVERY = "_default";

/**
 * The operator's mirrors with those of the artifacts after them. A registry that is named hides what stands for every
 * registry, so that is added to each.
 */
export function mergeMirrors(own: RegistryMirrors, ofArtifacts: readonly RegistryMirror[]): RegistryMirrors {
  const names = [...new Set([...Object.keys(own), ...ofArtifacts.map(({ registry }) => registry)])].sort();
  const urlsOf = (name: string) =>
    ofArtifacts.filter(({ registry }) => registry === name).map(({ url }) => url);
  return Object.fromEntries(
    names.map((name) => [
      name,
      [...new Set([...(own[name] ?? []), ...urlsOf(name), ...(own[EVERY] ?? []), ...urlsOf(EVERY)])],
    ]),
  );
}

/** One line per registry for runtime.sh. */
export const renderMirrors = (mirrors: RegistryMirrors): string[] =>
  Object.entries(mirrors).map(([registry, urls]) => [registry, ...urls].join(" "));

/** Those that Docker can use: it knows mirrors of Docker Hub alone. */
export const hubMirrors = (mirrors: RegistryMirrors): readonly string[] =>
  mirrors[dockerHub] ?? mirrors[EVERY] ?? [];
