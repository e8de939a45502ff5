import type { KubeObject } from "../../../components/lib/objects";
import { fitsItsKind } from "../../../components/traffic/analysis/schema/check";
import { type Fault, TrafficFault } from "../../../components/traffic/faults";
import { service } from "../../../components/traffic/handles";

/** For tests of policies for hosts. */

export const context = { version: "1.31.0" };

/** The Service of document 004 that most of it is about. */
export const serviceGo = service("service-go", "default", { http: 80 });
export const goHost = "service-go.default.svc.cluster.local";
/** Its two versions. */
export const versions = { v1: { version: "v1" }, v2: { version: "v2" } } as const;
export const renderedVersions = [
  { name: "v1", labels: { version: "v1" } },
  { name: "v2", labels: { version: "v2" } },
];

/** The DestinationRule of that Service. */
export const goRule = (spec: object): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "DestinationRule",
  metadata: { name: "service-go", namespace: "default" },
  spec: { host: goHost, ...spec },
});

/** `path: given`, `allowed`, `change` of each fault of what a render throws. */
export function faultsOf(render: () => unknown): readonly Fault[] {
  try {
    render();
  } catch (error) {
    if (error instanceof TrafficFault) return error.faults;
    throw error;
  }
  return [];
}

/** Where and what, for tables. */
export const given = (render: () => unknown): readonly string[] =>
  faultsOf(render).map((fault) => `${fault.path}: ${fault.given}`);

/** What the definitions of Istio 1.31 say against objects; nothing for those that an API server takes. */
export const misfits = (objects: readonly KubeObject[]): readonly string[] =>
  fitsItsKind(objects).map(({ object, path, message }) => `${object} ${path}: ${message}`);
