import type { Catalogue } from "../../lib/checks";

/**
 * What the checks of the mesh can find. IST and KIA codes mean what they mean to istioctl and Kiali; where the severity
 * is another one here, the line says why. Own codes: MP01.. injection, MP02.. Services; MP03.. are those of exposure.
 */
export const catalogue = {
  IST0101: {
    severity: "error",
    title: "a gateway, selector or credential that is referenced does not exist",
  },
  IST0102: { severity: "info", title: "namespace that neither asks for injection nor refuses it" },
  IST0103: { severity: "warning", title: "workload that mesh routes lead to has no proxy" },
  IST0106: { severity: "error", title: "Gateway that Istio's validation refuses" },
  IST0107: { severity: "warning", title: "Istio annotation on a kind that it says nothing to" },
  IST0108: { severity: "warning", title: "Istio annotation that does not exist" },
  IST0116: { severity: "warning", title: "one port of a workload in Services with different protocols" },
  IST0118: { severity: "info", title: "Service port whose name tells no protocol" },
  // Istio only warns; here the label has one owner, so that a second one is always a mistake.
  IST0123: { severity: "error", title: "namespace with more than one kind of injection label" },
  IST0125: { severity: "warning", title: "Istio annotation with a value that is not understood" },
  IST0132: { severity: "warning", title: "VirtualService for hosts that its Gateway does not take" },
  IST0135: { severity: "info", title: "Istio annotation that is deprecated" },
  IST0137: { severity: "warning", title: "one target port of a workload under different Service ports" },
  IST0138: { severity: "warning", title: "one certificate in several Gateways of one workload" },
  IST0144: { severity: "warning", title: "application that runs as the proxy's user 1337" },
  IST0145: { severity: "error", title: "Gateways of one workload that take the same host and port" },
  // Istio warns for Deployments; a pod with the image `auto` cannot start, whoever makes it.
  IST0146: { severity: "error", title: "pod template with the image `auto` that is not injected" },
  IST0147: { severity: "error", title: "Pod with the image `auto` that is not injected" },
  IST0150: { severity: "warning", title: "ExternalName Service with a port name that catches other traffic" },
  IST0161: { severity: "error", title: "credential of a Gateway without the keys that it needs" },
  IST0162: { severity: "warning", title: "Gateway port that the gateway's Service does not have" },
  IST0165: { severity: "warning", title: "VirtualService on a gateway that Istio generated" },
  KIA0701: { severity: "warning", title: "Service port that no container of its pods offers" },
  KIA1108: { severity: "info", title: "Gateway named by a DNS name instead of namespace/name" },
  KIA1311: { severity: "error", title: "pod that asks for a sidecar and for ambient" },
  KIA1312: { severity: "warning", title: "waypoint label outside ambient" },
  KIA1313: { severity: "error", title: "waypoint that does not exist" },
  KIA1315: { severity: "error", title: "pod with its own proxy and the ambient label" },
  KIA1316: { severity: "warning", title: "pod with a sidecar in an ambient namespace" },
  MP0101: { severity: "error", title: "double injection: the pod brings a proxy and gets another" },
  MP0102: { severity: "error", title: "revision or tag that no control plane has" },
  MP0103: { severity: "error", title: "injection label or annotation where nobody reads it" },
  MP0104: { severity: "warning", title: "label and annotation of a pod disagree about injection" },
  MP0105: { severity: "error", title: "pod that asks for a sidecar and cannot get one" },
  MP0106: { severity: "error", title: "injection label with a value that means nothing" },
  MP0107: { severity: "warning", title: "pod's revision that its namespace overrules" },
  MP0108: { severity: "warning", title: "pod with the host's network in an injected namespace" },
  MP0109: { severity: "error", title: "container that listens on a port of the sidecar" },
  MP0110: { severity: "info", title: "Job whose sidecar keeps it from ending, if it is no native one" },
  MP0111: { severity: "warning", title: "policy for proxies in a namespace that has none" },
  MP0201: { severity: "warning", title: "Service that leads to no pods" },
} as const satisfies Catalogue;

export type MeshCode = keyof typeof catalogue;
