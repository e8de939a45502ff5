import { renderInjector } from "../../../../components/mesh/injection-objects";
import {
  deployment,
  injector,
  plainShop,
  service,
  shop,
  space,
  virtualService,
} from "../../../support/mesh-objects";
import type { Example } from "./example";

const inject = "sidecar.istio.io/inject";
const rev = "istio.io/rev";
const ownProxy = {
  containers: [{ name: "app" }, { name: "istio-proxy", image: "docker.io/istio/proxyv2:1.10.0" }],
};
const autoProxy = { containers: [{ name: "istio-proxy", image: "auto" }] };
const mutual = {
  apiVersion: "security.istio.io/v1",
  kind: "PeerAuthentication",
  metadata: { name: "strict", namespace: "shop" },
};

export const injectionExamples: readonly Example[] = [
  {
    code: "MP0101",
    name: "a pod injected by hand in a namespace that injects",
    bad: [shop, deployment({ spec: ownProxy })],
    at: "Deployment shop/cart spec.template.spec.containers[1].name",
    good: [shop, deployment({ spec: ownProxy, labels: { app: "cart", [inject]: "false" } })],
  },
  {
    code: "MP0101",
    name: "the proxy as a native sidecar among the init containers",
    bad: [shop, deployment({ spec: { initContainers: [{ name: "istio-proxy", image: "proxyv2:1.31.0" }] } })],
    at: "Deployment shop/cart spec.template.spec.initContainers[0].name",
    good: [
      plainShop,
      deployment({ spec: { initContainers: [{ name: "istio-proxy", image: "proxyv2:1.31.0" }] } }),
    ],
  },
  {
    code: "MP0101",
    name: "what only the marks of kube-inject show",
    bad: [
      shop,
      deployment({ annotations: { "sidecar.istio.io/status": "{}" } }),
      deployment({ name: "init", spec: { initContainers: [{ name: "istio-init" }] } }),
    ],
    at: [
      "Deployment shop/cart spec.template.metadata.annotations.sidecar.istio.io/status",
      "Deployment shop/init spec.template.spec.initContainers[0].name",
    ],
    // The image that the injector replaces is how a pod changes the proxy that it gets.
    good: [shop, deployment({ spec: autoProxy, annotations: { "prometheus.io/port": "15020" } })],
  },
  {
    code: "IST0123",
    name: "label and revision on one namespace",
    bad: [space("shop", { "istio-injection": "enabled", [rev]: "canary" })],
    at: "Namespace shop metadata.labels",
    good: [space("shop", { "istio-injection": "disabled", [rev]: "canary" })],
  },
  {
    code: "IST0123",
    name: "sidecars and ambient on one namespace",
    bad: [space("shop", { "istio-injection": "enabled", "istio.io/dataplane-mode": "ambient" })],
    at: "Namespace shop metadata.labels",
    good: [space("shop", { "istio-injection": "enabled", "istio.io/dataplane-mode": "none" })],
  },
  {
    code: "MP0102",
    name: "a namespace for a revision that no control plane has",
    bad: [...renderInjector({ revision: "1-31", tags: ["stable"] }), space("shop", { [rev]: "canary" })],
    at: "Namespace shop metadata.labels.istio.io/rev",
    good: [...renderInjector({ revision: "1-31", tags: ["stable"] }), space("shop", { [rev]: "stable" })],
  },
  {
    code: "MP0102",
    name: "the default revision where none is the default",
    bad: [...renderInjector({ revision: "1-31" }), shop],
    at: "Namespace shop metadata.labels.istio-injection",
    good: [...renderInjector({ revision: "1-31", tags: ["default"] }), shop],
  },
  {
    code: "MP0102",
    name: "a pod for a revision that no control plane has",
    bad: [...injector, space("shop"), deployment({ labels: { [rev]: "canary" } })],
    at: "Deployment shop/cart spec.template.metadata.labels.istio.io/rev",
    // Of control planes that are not declared nothing is known.
    good: [space("shop"), deployment({ labels: { [rev]: "canary" } })],
  },
  {
    code: "MP0103",
    name: "the label on the Deployment in place of its pods",
    bad: [shop, deployment({ ownLabels: { [inject]: "false" } })],
    at: "Deployment shop/cart metadata.labels.sidecar.istio.io/inject",
    good: [shop, deployment({ ownLabels: { [inject]: "false" }, labels: { [inject]: "false" } })],
  },
  {
    code: "MP0103",
    name: "a pod's label on a namespace",
    bad: [space("shop", { [inject]: "true" })],
    at: "Namespace shop metadata.labels.sidecar.istio.io/inject",
    good: [shop],
  },
  {
    code: "IST0107",
    name: "the annotation on the Deployment in place of its pods",
    bad: [shop, deployment({ ownAnnotations: { [inject]: "false" } })],
    at: "Deployment shop/cart metadata.annotations.sidecar.istio.io/inject",
    good: [shop, deployment({ annotations: { [inject]: "false" } })],
  },
  {
    code: "MP0104",
    name: "label and annotation that disagree",
    bad: [shop, deployment({ labels: { [inject]: "true" }, annotations: { [inject]: "false" } })],
    at: "Deployment shop/cart spec.template.metadata.annotations.sidecar.istio.io/inject",
    good: [shop, deployment({ labels: { [inject]: "true" }, annotations: { [inject]: "true" } })],
  },
  {
    code: "MP0105",
    name: "a wish in a namespace that refuses",
    bad: [plainShop, deployment({ labels: { [inject]: "true" } })],
    at: "Deployment shop/cart spec.template.metadata.labels.sidecar.istio.io/inject",
    good: [space("shop"), deployment({ labels: { [inject]: "true" } })],
  },
  {
    code: "MP0105",
    name: "a wish on the host's network, in kube-system, or by an annotation alone",
    bad: [
      shop,
      deployment({ labels: { [inject]: "true" }, spec: { hostNetwork: true } }),
      space("kube-system"),
      deployment({ namespace: "kube-system", labels: { [inject]: "true" } }),
      space("plain"),
      deployment({ namespace: "plain", annotations: { [inject]: "true" } }),
    ],
    at: [
      "Deployment kube-system/cart spec.template.metadata.labels.sidecar.istio.io/inject",
      "Deployment plain/cart spec.template.metadata.annotations.sidecar.istio.io/inject",
      "Deployment shop/cart spec.template.metadata.labels.sidecar.istio.io/inject",
    ],
    good: [
      shop,
      deployment({ labels: { [inject]: "true" } }),
      // Nothing is known of a namespace that is not declared.
      deployment({ namespace: "elsewhere", annotations: { [inject]: "true" } }),
    ],
  },
  {
    code: "MP0106",
    name: "values that switch nothing on",
    bad: [space("shop", { "istio-injection": "true" }), deployment({ labels: { [inject]: "yes" } })],
    at: [
      "Deployment shop/cart spec.template.metadata.labels.sidecar.istio.io/inject",
      "Namespace shop metadata.labels.istio-injection",
    ],
    good: [shop, deployment({ labels: { [inject]: "true" } })],
  },
  {
    code: "MP0107",
    name: "a pod's revision against its namespace's",
    bad: [shop, deployment({ labels: { [rev]: "canary" } })],
    at: "Deployment shop/cart spec.template.metadata.labels.istio.io/rev",
    good: [space("shop", { [rev]: "canary" }), deployment({ labels: { [rev]: "canary" } })],
  },
  {
    code: "MP0108",
    name: "the host's network where everything is injected",
    bad: [shop, deployment({ spec: { hostNetwork: true } })],
    at: "Deployment shop/cart spec.template.spec.hostNetwork",
    good: [shop, deployment({ spec: { hostNetwork: true }, labels: { [inject]: "false" } })],
  },
  {
    code: "IST0102",
    name: "a namespace that says nothing",
    bad: [space("shop")],
    at: "Namespace shop metadata.labels",
    good: [plainShop, space("istio-system"), space("kube-system")],
  },
  {
    code: "MP0111",
    name: "policies for proxies where there are none",
    bad: [space("shop"), mutual],
    at: "Namespace shop metadata.labels",
    good: [space("shop"), mutual, deployment({ labels: { [inject]: "true" } })],
  },
  {
    code: "IST0103",
    name: "a route to pods without a proxy that nobody left out on purpose",
    bad: [space("shop"), deployment(), service(), virtualService()],
    at: "Deployment shop/cart spec.template.metadata",
    good: [plainShop, deployment(), service(), virtualService()],
  },
  {
    code: "IST0144",
    name: "an application that runs as the proxy's user",
    bad: [shop, deployment({ container: { securityContext: { runAsUser: 1337 } } })],
    at: "Deployment shop/cart spec.template.spec.containers[0].securityContext.runAsUser",
    good: [shop, deployment({ container: { securityContext: { runAsUser: 1338 } } })],
  },
  {
    code: "IST0144",
    name: "a whole pod that runs as the proxy's user",
    bad: [plainShop, deployment({ spec: { securityContext: { runAsUser: 1337 } } })],
    at: "Deployment shop/cart spec.template.spec.securityContext.runAsUser",
    // A gateway has no application beside its proxy.
    good: [shop, deployment({ spec: { ...autoProxy, securityContext: { runAsUser: 1337 } } })],
  },
  {
    code: "IST0146",
    name: "the image auto without injection",
    bad: [space("shop"), deployment({ spec: autoProxy })],
    at: "Deployment shop/cart spec.template.spec.containers[0].image",
    good: [space("shop"), deployment({ spec: autoProxy, labels: { [inject]: "true" } })],
  },
  {
    code: "IST0147",
    name: "a Pod with the image auto without injection",
    bad: [
      plainShop,
      { apiVersion: "v1", kind: "Pod", metadata: { name: "edge", namespace: "shop" }, spec: autoProxy },
    ],
    at: "Pod shop/edge spec.containers[0].image",
    good: [
      shop,
      { apiVersion: "v1", kind: "Pod", metadata: { name: "edge", namespace: "shop" }, spec: autoProxy },
    ],
  },
  {
    code: "MP0109",
    name: "an application on a port of the sidecar",
    bad: [shop, deployment({ container: { ports: [{ containerPort: 15001 }] } })],
    at: "Deployment shop/cart spec.template.spec.containers[0].ports[0].containerPort",
    good: [plainShop, deployment({ container: { ports: [{ containerPort: 15001 }] } })],
  },
  {
    code: "MP0110",
    name: "a Job whose sidecar goes on",
    bad: [shop, deployment({ kind: "Job", apiVersion: "batch/v1" })],
    at: "Job shop/cart spec.template.spec",
    good: [
      shop,
      deployment({
        kind: "Job",
        apiVersion: "batch/v1",
        annotations: { "sidecar.istio.io/nativeSidecar": "true" },
      }),
    ],
  },
];
