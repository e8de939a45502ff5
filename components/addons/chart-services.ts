import type { KubeObject } from "../lib/objects";
import { expose } from "../mesh/exposure";
import type { ExposedPort, Exposure } from "../mesh/exposure-types";

/**
 * A chart's objects with a Service of ours for each that people or other add-ons ask for: by our names, exposed as the
 * config says. The chart's Service of `pods` tells which pods are meant, and goes if one of ours has its name.
 */
export function withServices(
  chart: readonly KubeObject[],
  namespace: string,
  pods: string,
  services: readonly {
    readonly name: string;
    readonly exposure: Exposure;
    readonly ports: readonly ExposedPort[];
  }[],
): KubeObject[] {
  const theirs = chart.find(({ kind, metadata }) => kind === "Service" && metadata.name === pods);
  const selector = (theirs?.spec as { selector?: Record<string, string> } | undefined)?.selector;
  if (selector === undefined)
    throw new Error(
      `the chart has no Service ${pods}; choose a version of it that has, or source: manifests`,
    );
  const names = new Set(services.map(({ name }) => name));
  const made = services.map(({ name, exposure, ports }) =>
    expose(exposure, { name, namespace, selector, ports }),
  );
  return [
    ...chart.filter(({ kind, metadata }) => kind !== "Service" || !names.has(metadata.name)),
    ...made.flatMap(({ service, ingress }) => [service, ...(ingress === undefined ? [] : [ingress])]),
  ];
}
