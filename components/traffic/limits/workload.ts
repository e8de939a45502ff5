import type { KubeObject } from "../../lib/objects";

/** A container that can do no more than it needs. */
export const confinedContainer = (
  name: string,
  image: string,
  requests: { cpu: string; memory: string },
) => ({
  name,
  image,
  imagePullPolicy: "IfNotPresent",
  resources: { requests },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
  },
});

export interface ServerArgs {
  readonly name: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly annotations: Readonly<Record<string, string>>;
  readonly container: object;
  /** Number of the unprivileged user that it runs as. */
  readonly user: number;
  readonly volumes: readonly object[];
}

/** Pods that keep nothing. */
export function workload(args: ServerArgs): KubeObject {
  const { name, namespace, replicas, annotations, container, user, volumes } = args;
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsUser: user,
            runAsGroup: user,
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [container],
          volumes,
        },
      },
    },
  };
}

export const serviceOf = (
  name: string,
  namespace: string,
  selector: Readonly<Record<string, string>>,
  ports: readonly { readonly name: string; readonly port: number }[],
): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels: selector },
  spec: {
    selector,
    ports: ports.map(({ name: portName, port }) => ({
      name: portName,
      port,
      protocol: "TCP",
      targetPort: port,
    })),
  },
});
