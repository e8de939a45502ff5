import { type Catalogue, type Draft, defineCheck } from "../lib/checks";
import { entryAt, itemsAt, mapAt, numberAt, textAt } from "../lib/fields";
import type { Check } from "../lib/findings";
import type { KubeObject } from "../lib/objects";
import { slbSetting } from "./aliyun-slb";
import type { Exposure } from "./exposure-types";

/**
 * What gives Services of type LoadBalancer an address.
 *
 * - `none`: nothing, as on bare hosts; they stay pending.
 * - `aliyun`: Aliyun's cloud controller manager, on its machines (ECS) only.
 * - `metallb`, `external`: MetalLB, or something else that the program does not know.
 */
export type LoadBalancerImplementation = "none" | "aliyun" | "metallb" | "external";

export const loadBalancerCodes = {
  MP0311: { severity: "error", title: "load balancer that stays pending, and the run waits for it" },
  MP0312: { severity: "warning", title: "load balancer that stays pending" },
  MP0313: { severity: "error", title: "Aliyun load balancer on a cluster without Aliyun's controller" },
} as const satisfies Catalogue;

type Code = keyof typeof loadBalancerCodes;

/** The exposure as it is rendered on a cluster: an address is waited for where something assigns one. */
export function resolveExposure(exposure: Exposure, implementation: LoadBalancerImplementation): Exposure {
  return exposure.kind === "loadBalancer" && exposure.awaitAddress === undefined
    ? { ...exposure, awaitAddress: implementation !== "none" }
    : exposure;
}

const annotated = (service: KubeObject, key: string) => entryAt(service, "metadata.annotations", key);

/** `http2 on 31966`: by what a pending Service can be reached all the same. */
function reachable(service: KubeObject): string {
  const ports = itemsAt(service, "spec.ports").flatMap((path) => {
    const port = numberAt(service, `${path}.nodePort`);
    return port === undefined ? [] : [`${textAt(service, `${path}.name`) ?? "it"} on ${port}`];
  });
  return ports.length === 0 ? "ports that the cluster chooses" : ports.join(", ");
}

function pending(service: KubeObject): Draft<Code> {
  const waits = annotated(service, "pulumi.com/skipAwait") !== "true";
  return waits
    ? {
        code: "MP0311",
        path: "spec.type",
        message:
          "nothing in this cluster assigns addresses to load balancers (loadBalancerImplementation is none): " +
          "the Service stays <pending>, and the run waits ten minutes for it and fails",
        change:
          "expose it as nodePort or hostNetwork; or name the implementation; or leave awaitAddress out to go on without an address",
      }
    : {
        code: "MP0312",
        path: "spec.type",
        message: `the Service stays <pending>; every node answers for it: ${reachable(service)}`,
        change: "expose it as nodePort, which says the same without an address that never comes",
      };
}

/** Services of type LoadBalancer against what the cluster has for them. */
export const loadBalancerCheck = (implementation: LoadBalancerImplementation): Check =>
  defineCheck(loadBalancerCodes, {
    codes: ["MP0311", "MP0312", "MP0313"],
    over: (index) => index.ofKind("Service"),
    look: (service) => {
      if (textAt(service, "spec.type") !== "LoadBalancer") return [];
      const id = slbSetting(mapAt(service, "metadata.annotations"), "id");
      if (id !== undefined && implementation !== "aliyun")
        return [
          {
            code: "MP0313",
            path: "metadata.annotations",
            message: `the Service is for the Aliyun load balancer ${id}, which only Aliyun's cloud controller manager fills in, on Aliyun's machines; here loadBalancerImplementation is ${implementation}`,
            change: "set loadBalancerImplementation to aliyun, or expose it as nodePort or hostNetwork",
          },
        ];
      return implementation === "none" ? [pending(service)] : [];
    },
  });
