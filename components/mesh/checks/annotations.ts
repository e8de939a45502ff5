import { entryAt, mapAt } from "../../lib/fields";
import type { KubeObject } from "../../lib/objects";
import { workloadOf } from "../../lib/workloads";
import { embeddedYaml } from "../../lib/yaml-text";
import { injectLabel } from "../injection";
import { annotationKinds, deprecatedAnnotations, ownAnnotations } from "./annotation-table";
import { type MeshDraft, meshCheck } from "./define";

/** `sidecar.istio.io/inject` is Istio's, `istio.io.example.com/x` is not. */
const isIstios = (name: string) =>
  (name.split("/")[0] ?? "").endsWith("istio.io") || name === "kubernetes.io/ingress.class";

const isPortList = (text: string) =>
  text.split(",").every((port) => port.trim() === "" || (/^\d+$/.test(port.trim()) && Number(port) <= 65535));
const isYamlMap = (text: string) => {
  const value = embeddedYaml(text);
  return typeof value === "object" && value !== null && !Array.isArray(value);
};
const isSwitch = (text: string) => ["true", "false"].includes(text);
const isCount = (text: string) => /^\d+$/.test(text);
const isQuantity = (text: string) => /^\d+(\.\d+)?([EPTGMk]i?|m)?$/.test(text);

/** What a value has to be, and how to say it. Only where Istio's injector refuses the pod otherwise. */
const values: Readonly<Record<string, readonly [(text: string) => boolean, string]>> = {
  "prometheus.istio.io/merge-metrics": [isSwitch, "true or false"],
  "proxy.istio.io/config": [isYamlMap, "a mapping in YAML"],
  "readiness.status.sidecar.istio.io/failureThreshold": [isCount, "a number"],
  "readiness.status.sidecar.istio.io/initialDelaySeconds": [isCount, "a number"],
  "readiness.status.sidecar.istio.io/periodSeconds": [isCount, "a number"],
  "sidecar.istio.io/interceptionMode": [
    (text) => ["REDIRECT", "TPROXY", "NONE"].includes(text),
    "REDIRECT, TPROXY or NONE",
  ],
  "sidecar.istio.io/proxyCPU": [isQuantity, "a quantity like 100m"],
  "sidecar.istio.io/proxyCPULimit": [isQuantity, "a quantity like 2"],
  "sidecar.istio.io/proxyMemory": [isQuantity, "a quantity like 128Mi"],
  "sidecar.istio.io/proxyMemoryLimit": [isQuantity, "a quantity like 1Gi"],
  "status.sidecar.istio.io/port": [isCount, "a port"],
  "traffic.sidecar.istio.io/excludeInboundPorts": [isPortList, "ports with commas between them"],
  "traffic.sidecar.istio.io/excludeOutboundPorts": [isPortList, "ports with commas between them"],
  "traffic.sidecar.istio.io/includeInboundPorts": [
    (text) => text === "*" || isPortList(text),
    "ports with commas between them, or *",
  ],
};

interface Holder {
  readonly object: KubeObject;
  /** The kind that the annotations are for: Pod in a pod template. */
  readonly kind: string;
  readonly metadata: string;
  /** Where a pod's annotation would belong, for an object that makes pods. */
  readonly pods: string | undefined;
}

const holdersOf = (object: KubeObject): Holder[] => {
  const workload = workloadOf(object);
  const own = { object, kind: object.kind, metadata: "metadata", pods: workload?.metadata };
  if (workload === undefined || workload.metadata === "metadata") return [own];
  return [own, { object, kind: "Pod", metadata: workload.metadata, pods: undefined }];
};

function faultsOf({ object, kind, metadata, pods }: Holder, name: string, value: string): MeshDraft[] {
  const path = `${metadata}.annotations.${name}`;
  const kinds = annotationKinds.get(name);
  if (kinds === undefined) {
    return [
      {
        code: "IST0108",
        path,
        message: `Istio knows no annotation ${name}: it does nothing`,
        change: "correct its name, or take it away",
      },
    ];
  }
  const label = entryAt(object, `${metadata}.labels`, injectLabel);
  const deprecated: MeshDraft[] =
    deprecatedAnnotations.has(name) && !(name === injectLabel && label !== undefined)
      ? [
          {
            code: "IST0135",
            path,
            message: `the annotation ${name} is deprecated and will go with a later Istio`,
            change:
              name === injectLabel
                ? `use the label ${injectLabel} of the pod`
                : "take it away, or find its successor",
          },
        ]
      : [];
  if (!kinds.includes("Any") && !kinds.includes(kind)) {
    // injectOnOwner says more about this one.
    if (name === injectLabel && pods !== undefined) return deprecated;
    const place =
      kinds.includes("Pod") && pods !== undefined
        ? `move it to ${pods}.annotations`
        : `put it on a ${kinds.join(" or ")}`;
    return [
      ...deprecated,
      {
        code: "IST0107",
        path,
        message: `Istio reads ${name} on ${kinds.join(", ")} only: on a ${kind} it does nothing`,
        change: place,
      },
    ];
  }
  const [allowed, saying] = values[name] ?? [() => true, ""];
  if (allowed(value)) return deprecated;
  return [
    ...deprecated,
    {
      code: "IST0125",
      path,
      message: `${name} is ${JSON.stringify(value)}, which is not ${saying}: the injector refuses the pod or leaves it out`,
      change: `give it ${saying}`,
    },
  ];
}

const kinds = ["Namespace", "Service"];

/** Annotations of Istio on namespaces, Services, workloads and in their pod templates. */
export const annotations = meshCheck({
  codes: ["IST0107", "IST0108", "IST0125", "IST0135"],
  over: (index) => [
    ...kinds.flatMap((kind) => [...index.ofKind(kind)]),
    ...index.workloads.map(({ object }) => object),
  ],
  look: (object) =>
    holdersOf(object).flatMap((holder) =>
      Object.entries(mapAt(object, `${holder.metadata}.annotations`)).flatMap(([name, value]) =>
        isIstios(name) && !ownAnnotations.has(name) ? faultsOf(holder, name, value) : [],
      ),
    ),
});
