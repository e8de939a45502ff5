import {
  type Document,
  initDocuments,
  type KubeadmModel,
  type NodeModel,
  renderDocuments,
} from "./kubeadm-config";

const pkiDirectory = "/etc/kubernetes/pki";

/**
 * What `kubeadm init phase kubelet-start` needs to write a kubelet's flags and settings, as it does at init and join:
 * the way by which a node that runs gets other ones. Of kubeadm's file only that much is kept, so that a flag of the
 * API server is no change on every worker.
 *
 * On a worker kubeadm would take an authority without its key for an external one, and miss the rest of it. There it
 * is shown an empty folder, and the kubelet's own reference to the authority is written out.
 */
export function renderKubeletSettings(
  model: KubeadmModel,
  node: NodeModel,
  role: "controlPlane" | "worker",
): string {
  const all = initDocuments(model, node);
  const pick = (kind: string, ...names: readonly string[]): Document => {
    const found = all.find((document) => document.kind === kind) ?? {};
    return Object.fromEntries(
      ["apiVersion", "kind", ...names].flatMap((name) => (name in found ? [[name, found[name]]] : [])),
    );
  };
  const { taints: _, ...registration } = (pick("InitConfiguration", "nodeRegistration").nodeRegistration ??
    {}) as Document;
  const kubelet = all.find(({ kind }) => kind === "KubeletConfiguration") ?? {};
  const worker = role === "worker";
  return renderDocuments(
    { ...pick("InitConfiguration", "localAPIEndpoint"), nodeRegistration: registration },
    {
      ...pick("ClusterConfiguration", "kubernetesVersion", "imageRepository", "featureGates", "networking"),
      certificatesDir: worker ? "/run/mesh-platform.none" : pkiDirectory,
    },
    worker ? { ...kubelet, authentication: { x509: { clientCAFile: `${pkiDirectory}/ca.crt` } } } : kubelet,
  );
}
