import { type Catalogue, type Draft, defineCheck } from "../lib/checks";
import { fieldOf, itemsAt, numberAt, textAt } from "../lib/fields";
import type { Check } from "../lib/findings";
import type { ObjectIndex } from "../lib/object-index";
import { type KubeObject, titleOf } from "../lib/objects";

export const gatewayRouteCodes = {
  MP0341: {
    severity: "warning",
    title: "TLS of one's own towards workloads that take mutual TLS of the mesh alone",
  },
} as const satisfies Catalogue;

const own = ["SIMPLE", "MUTUAL"];

/** Where a rule asks for TLS of its own: the whole, or a port of it. */
function tlsPorts(rule: KubeObject): { readonly path: string; readonly port: number | undefined }[] {
  const base = "spec.trafficPolicy";
  const ports = itemsAt(rule, `${base}.portLevelSettings`).map((path) => ({
    path: `${path}.tls`,
    port: numberAt(rule, `${path}.port.number`),
  }));
  return [{ path: `${base}.tls`, port: undefined }, ...ports].filter(({ path }) =>
    own.includes(textAt(rule, `${path}.mode`) ?? ""),
  );
}

/** `web.store.svc.cluster.local` is in `store`; other hosts are no Service of the cluster. */
const namespaceOf = (host: string) => /^[^.]+\.([^.]+)\.svc\./.exec(host)?.[1];

/** Policies that hold for a whole namespace, and leave no port out. */
const strictIn = (index: ObjectIndex, namespace: string) =>
  index
    .inNamespace("security.istio.io/PeerAuthentication", namespace)
    .find(
      (policy) =>
        textAt(policy, "spec.mtls.mode") === "STRICT" &&
        fieldOf(policy, "spec.selector") === undefined &&
        fieldOf(policy, "spec.portLevelMtls") === undefined,
    );

/** A policy of the namespace stands before that of the mesh, whatever it says. */
const hasOwnPolicy = (index: ObjectIndex, namespace: string) =>
  index
    .inNamespace("security.istio.io/PeerAuthentication", namespace)
    .some(
      (policy) =>
        fieldOf(policy, "spec.mtls.mode") !== undefined && fieldOf(policy, "spec.selector") === undefined,
    );

/** DestinationRules with TLS of their own against policies that demand the mesh's. */
export const gatewayRouteCheck = (rootNamespace = "istio-system"): Check =>
  defineCheck(gatewayRouteCodes, {
    codes: ["MP0341"],
    over: (index) => index.ofKind("networking.istio.io/DestinationRule"),
    look: (rule, index) => {
      const namespace = namespaceOf(textAt(rule, "spec.host") ?? "");
      if (namespace === undefined) return [];
      const policy =
        strictIn(index, namespace) ??
        (hasOwnPolicy(index, namespace) ? undefined : strictIn(index, rootNamespace));
      if (policy === undefined) return [];
      return tlsPorts(rule).map(
        ({ path }): Draft<"MP0341"> => ({
          code: "MP0341",
          path,
          message: `${titleOf(policy)} lets sidecars of ${namespace} take mutual TLS of the mesh alone: they close connections with another TLS, and clients get 503`,
          change:
            "let the application's HTTPS port out by portLevelMtls DISABLE in a PeerAuthentication with a selector, or drop the TLS of the rule",
        }),
      );
    },
  });
