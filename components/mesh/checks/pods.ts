import { entryAt, itemsAt, numberAt } from "../../lib/fields";
import type { KubeObject } from "../../lib/objects";
import { kindOf, type Workload } from "../../lib/workloads";
import { autoImage, containersOf, injectionOf } from "../injection-objects";
import { type MeshDraft, workloadCheck } from "./define";

const proxyUser = 1337;

/** Traffic of user 1337 is the proxy's own and passes it by, so that the application is outside the mesh unseen. */
export const proxyUserTaken = workloadCheck(["IST0144"], (workload, index) => {
  const { object, namespace, spec } = workload;
  if (namespace === "istio-system") return [];
  const places = [
    spec,
    ...containersOf(workload)
      .filter(({ name }) => name !== "istio-proxy")
      .map(({ path }) => path),
  ].map((place) => `${place}.securityContext.runAsUser`);
  const found = places.filter((place) => numberAt(object, place) === proxyUser);
  // The field for the whole pod is the gateways' own way to run their proxy.
  const only = containersOf(workload).every(({ name }) => name === "istio-proxy");
  const injected = injectionOf(workload, index)?.injected === true;
  return only
    ? []
    : found.map((path) => ({
        code: "IST0144",
        severity: injected ? "error" : "warning",
        path,
        message: `user ${proxyUser} is the proxy's: what runs as it goes around the sidecar, without encryption and rules`,
        change: "run the application as any other user",
      }));
});

/** A template for gateways asks the injector for its image; without injection the image does not exist. */
export const autoImageInjected = workloadCheck(["IST0146", "IST0147"], (workload, index) => {
  const auto = containersOf(workload).find(
    ({ name, image }) => name === "istio-proxy" && image === autoImage,
  );
  const decision = auto === undefined ? undefined : injectionOf(workload, index);
  if (auto === undefined || decision === undefined || decision.injected) return [];
  return [
    {
      code: workload.object.kind === "Pod" ? "IST0147" : "IST0146",
      path: `${auto.path}.image`,
      message: `the image auto is replaced by the injector, and this pod is not injected: ${decision.because}. It would stay in ErrImagePull`,
      change: `label the pod sidecar.istio.io/inject=true in a namespace that does not refuse it`,
    },
  ];
});

/** Ports of the sidecar, with what it does there. */
const sidecarPorts: Readonly<Record<number, string>> = {
  15000: "administration",
  15001: "outbound traffic",
  15004: "debug interface",
  15006: "inbound traffic",
  15020: "metrics of the agent",
  15021: "health",
  15053: "DNS",
  15090: "metrics of Envoy",
};

function portClashes(workload: Workload): MeshDraft[] {
  const { object } = workload;
  return containersOf(workload)
    .filter(({ name }) => name !== "istio-proxy")
    .flatMap(({ path }) => itemsAt(object, `${path}.ports`))
    .flatMap((port): MeshDraft[] => {
      const number = numberAt(object, `${port}.containerPort`) ?? 0;
      const use = sidecarPorts[number];
      if (use === undefined) return [];
      return [
        {
          code: "MP0109",
          path: `${port}.containerPort`,
          message: `port ${number} is the sidecar's, for ${use}: whichever of the two starts last fails to listen`,
          change: "let the application listen on a port below 15000",
        },
      ];
    });
}

export const sidecarPortTaken = workloadCheck(["MP0109"], (workload, index) =>
  injectionOf(workload, index)?.injected === true ? portClashes(workload) : [],
);

const runsToAnEnd = (object: KubeObject) => ["batch/Job", "batch/CronJob"].includes(kindOf(object));

/** A plain sidecar outlives the application, so that the pod never completes. */
export const endlessJob = workloadCheck(["MP0110"], (workload, index) => {
  const { object, metadata } = workload;
  if (!runsToAnEnd(object)) return [];
  const native = entryAt(object, `${metadata}.annotations`, "sidecar.istio.io/nativeSidecar");
  if (native === "true" || injectionOf(workload, index)?.injected !== true) return [];
  return [
    {
      code: "MP0110",
      path: workload.spec,
      message: `the ${object.kind} is injected: unless sidecars are native (Kubernetes 1.29, Istio 1.27), its proxy goes on when the work is done, and it never completes`,
      change:
        "set the pod's annotation sidecar.istio.io/nativeSidecar=true, or its label sidecar.istio.io/inject=false",
    },
  ];
});
