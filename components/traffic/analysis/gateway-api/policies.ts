import { entryAt, titleFor } from "../../../lib/fields";
import type { ObjectIndex } from "../../../lib/object-index";
import type { KubeObject } from "../../../lib/objects";
import { namespaceOf } from "../../../lib/workloads";
import { kindCheck, note, type TrafficDraft } from "../define";
import * as kinds from "../kinds";
import { selectedBy, selectorOf } from "../selection";

const gatewayLabel = "gateway.networking.k8s.io/gateway-name";

const policyKinds = [
  kinds.authorizationPolicyKind,
  kinds.requestAuthenticationKind,
  kinds.telemetryKind,
  kinds.wasmPluginKind,
];

/** The Gateway whose pods a selector hits. */
function gatewayHit(policy: KubeObject, index: ObjectIndex): string | undefined {
  const named = selectorOf(policy).labels()[gatewayLabel];
  if (named !== undefined) return named;
  const pods = selectedBy(policy, index).find(
    ({ labels, namespace }) => labels?.[gatewayLabel] !== undefined && namespace === namespaceOf(policy),
  );
  return pods?.labels?.[gatewayLabel];
}

/** Gateways of the Gateway API ask for policies that name them. */
export const namesItsGateway = kindCheck(["IST0166"], policyKinds, (policy, index): TrafficDraft[] => {
  if (!selectorOf(policy).given) return [];
  const gateway = gatewayHit(policy, index);
  if (gateway === undefined) return [];
  return [
    note(
      "IST0166",
      selectorOf(policy),
      `the Gateway ${gateway} is of the Gateway API, which goes by targetRefs and not by labels: the ${titleFor(policy)} may have no effect on it`,
      `write targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: ${gateway}}]`,
    ),
  ];
});

/** The least version of each definition that Istio 1.31 reads. */
const least: Readonly<Record<string, readonly [number, number]>> = {
  "grpcroutes.gateway.networking.k8s.io": [1, 1],
  "backendtlspolicies.gateway.networking.k8s.io": [1, 4],
  "tlsroutes.gateway.networking.k8s.io": [1, 5],
  "tcproutes.gateway.networking.k8s.io": [1, 6],
};

/** Objects of a definition that is too old are passed over. */
export const currentDefinitions = kindCheck(
  ["IST0176"],
  ["apiextensions.k8s.io/CustomResourceDefinition"],
  (crd) => {
    const [major = 0, minor = 0] = least[crd.metadata.name] ?? [];
    const text = entryAt(crd, "metadata.annotations", "gateway.networking.k8s.io/bundle-version") ?? "";
    const [, has = "", hasMinor = ""] = /^v(\d+)\.(\d+)/.exec(text) ?? [];
    if (
      major === 0 ||
      has === "" ||
      Number(has) > major ||
      (Number(has) === major && Number(hasMinor) >= minor)
    )
      return [];
    return [
      note(
        "IST0176",
        "metadata.annotations",
        `the definition is of Gateway API ${text}, and Istio needs v${major}.${minor}: it passes such objects over`,
        `install the definitions of Gateway API v${major}.${minor} or later`,
      ),
    ];
  },
);
