import { annotationKinds, ownAnnotations } from "../../mesh/checks/annotation-table";

/** Of Istio's annotations those that are beyond alpha, or never were in a stage. */
const settled: ReadonlySet<string> = new Set([
  "ambient.istio.io/redirection",
  "kubernetes.io/ingress.class",
  "proxy.istio.io/config",
  "sidecar.istio.io/inject",
  "traffic.istio.io/nodeSelector",
]);

/** Annotations that Istio 1.31 calls alpha, without those that it sets itself. */
export const alphaAnnotations: ReadonlySet<string> = new Set(
  [...annotationKinds.keys()].filter((name) => !settled.has(name) && !ownAnnotations.has(name)),
);
