import type { LivePod } from "./cluster";
import type { Kubectl } from "./kubectl";

/** A pod from which a load is sent. */
export interface Sender {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Goes away by itself after this time, should nobody be left to delete it. */
const LIFETIME_S = 3600;

/** A pod without a proxy. It carries what Kubernetes asks of careful pods, since namespaces may insist. */
export const renderOutside = (name: string, namespace: string, image: string): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels: { app: "mesh-platform-traffic", "sidecar.istio.io/inject": "false" } },
  spec: {
    restartPolicy: "Never",
    activeDeadlineSeconds: LIFETIME_S,
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "fortio",
        image,
        imagePullPolicy: "IfNotPresent",
        args: ["server", "-data-dir", "/tmp"],
        securityContext: {
          allowPrivilegeEscalation: false,
          runAsNonRoot: true,
          runAsUser: 65532,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        },
      },
    ],
  },
});

/**
 * Clients from outside of the mesh. The proxy beside fortio would take a request for a host of a gateway into its own
 * hands; a pod without one comes to the gateway as browsers do. It is made when first needed.
 */
export class Outside {
  private readonly kubectl: Kubectl;
  private readonly made = new Map<string, Promise<Sender>>();

  constructor(kubectl: Kubectl) {
    this.kubectl = kubectl;
  }

  /** The one of a namespace, with the image of the fortio there. */
  sender({ namespace, image }: LivePod): Promise<Sender> {
    const known = this.made.get(namespace) ?? this.make(namespace, image);
    this.made.set(namespace, known);
    return known;
  }

  private async make(namespace: string, image: string): Promise<Sender> {
    const pod = `mesh-platform-traffic-${process.pid}`;
    await this.kubectl.run(["create", "-f", "-"], {
      input: JSON.stringify(renderOutside(pod, namespace, image)),
    });
    const ready = ["wait", `pod/${pod}`, "--for=condition=Ready", "--timeout=90s"];
    await this.kubectl.run([...ready, "--namespace", namespace], { seconds: 100 });
    return { namespace, pod, container: "fortio" };
  }

  /** Takes all of them away. */
  async leave(): Promise<void> {
    const namespaces = [...this.made.keys()];
    this.made.clear();
    const name = `pod/mesh-platform-traffic-${process.pid}`;
    for (const namespace of namespaces)
      await this.kubectl.run([
        "delete",
        name,
        "--namespace",
        namespace,
        "--ignore-not-found",
        "--wait=false",
      ]);
  }
}
