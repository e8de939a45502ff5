import { fieldOf, itemsAt, mapAt, numberAt, textAt, titleFor } from "../../lib/fields";
import type { KubeObject } from "../../lib/objects";
import { injectionOf } from "../injection-objects";
import { kindCheck, type MeshDraft, workloadCheck } from "./define";

interface PortUse {
  readonly service: string;
  readonly port: number;
  readonly protocol: string;
  readonly target: string;
}

const usesOf = (service: KubeObject): PortUse[] =>
  itemsAt(service, "spec.ports").map((path) => {
    const port = numberAt(service, `${path}.port`) ?? 0;
    return {
      service: titleFor(service),
      port,
      protocol: textAt(service, `${path}.protocol`) ?? "TCP",
      target: String(fieldOf(service, `${path}.targetPort`) ?? port),
    };
  });

const grouped = (uses: readonly PortUse[], key: "port" | "target") => {
  const groups = new Map<string | number, PortUse[]>();
  for (const use of uses) groups.set(use[key], [...(groups.get(use[key]) ?? []), use]);
  return [...groups];
};

const distinct = <T>(values: readonly T[]) => [...new Set(values)].sort();

/** A sidecar has one listener per port, so that Services of one workload have to agree on what it is. */
export const agreeingServices = workloadCheck(["IST0116", "IST0137"], (workload, index) => {
  if (injectionOf(workload, index)?.injected !== true) return [];
  const uses = index.servicesOf(workload).flatMap(usesOf);
  const path = `${workload.metadata}.labels`;
  const names = (some: readonly PortUse[]) => distinct(some.map(({ service }) => service)).join(", ");
  const protocolClashes = grouped(uses, "port").flatMap(([port, some]): MeshDraft[] => {
    const found = distinct(some.map(({ protocol }) => protocol));
    if (found.length < 2) return [];
    return [
      {
        code: "IST0116",
        path,
        message: `its pods are behind ${names(some)}, which give port ${port} the protocols ${found.join(" and ")}: the sidecar serves one of them`,
        change: "give the Services different ports, or the same protocol",
      },
    ];
  });
  const portClashes = grouped(uses, "target").flatMap(([target, some]): MeshDraft[] => {
    const found = distinct(some.map(({ port }) => port));
    if (found.length < 2) return [];
    return [
      {
        code: "IST0137",
        path,
        message: `its pods are behind ${names(some)}, which lead to target port ${target} from the ports ${found.join(" and ")}: rules of one also hit the other`,
        change: "let all lead to it from one port",
      },
    ];
  });
  return [...protocolClashes, ...portClashes];
});

const routeLists = ["http", "tls", "tcp"];

/** Services that VirtualServices of the mesh lead to, as `namespace/name`. */
function routedServices(virtualService: KubeObject): string[] {
  const own = virtualService.metadata.namespace ?? "default";
  return routeLists.flatMap((list) =>
    itemsAt(virtualService, `spec.${list}`).flatMap((rule) =>
      itemsAt(virtualService, `${rule}.route`).map((route) => {
        const host = textAt(virtualService, `${route}.destination.host`) ?? "";
        const [name = "", namespace = own, kind = "svc"] = host.split(".");
        return kind === "svc" && fieldOf(virtualService, `${route}.destination`) !== undefined
          ? `${namespace}/${name}`
          : "";
      }),
    ),
  );
}

/** Rules of callers still work; encryption, metrics and rules at this end do not. Said where nobody said that it is meant. */
export const routedWithoutProxy = kindCheck(
  ["IST0103"],
  ["networking.istio.io/VirtualService"],
  (virtualService, index) =>
    distinct(routedServices(virtualService)).flatMap((place): MeshDraft[] => {
      const [namespace = "", name = ""] = place.split("/");
      const service = name === "" ? undefined : index.find("Service", namespace, name);
      const selector = service === undefined ? {} : mapAt(service, "spec.selector");
      if (Object.keys(selector).length === 0) return [];
      return index.selected(selector, namespace).flatMap((workload): MeshDraft[] => {
        const decision = injectionOf(workload, index);
        if (decision === undefined || decision.injected || !decision.because.startsWith("neither")) return [];
        return [
          {
            code: "IST0103",
            object: workload.object,
            path: workload.metadata,
            message: `${titleFor(virtualService)} leads here, and the pods get no proxy, as ${decision.because}: no mutual TLS, no metrics, no rules at this end`,
            change: "label the namespace istio-injection=enabled, or disabled to say that it is meant",
          },
        ];
      });
    }),
);
