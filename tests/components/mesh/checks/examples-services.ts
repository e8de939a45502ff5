import { deployment, noted, service, shop, space } from "../../../support/mesh-objects";
import type { Example } from "./example";

const port = (more: object) => service({ ports: [{ port: 8080, ...more }] });
const cart = deployment();

export const serviceExamples: readonly Example[] = [
  {
    code: "IST0118",
    name: "a port whose name tells no protocol",
    bad: [port({ name: "web" })],
    at: "Service shop/cart spec.ports[0].name",
    good: [port({ name: "http-web" })],
  },
  {
    code: "IST0118",
    name: "an appProtocol that Istio does not know, which hides a good name",
    bad: [port({ name: "http", appProtocol: "spdy" })],
    at: "Service shop/cart spec.ports[0].appProtocol",
    good: [
      port({ name: "web", appProtocol: "kubernetes.io/h2c" }),
      service(
        {
          ports: [
            { name: "db", port: 3306 },
            { name: "names", port: 5353, protocol: "UDP" },
            { name: "grpc-web-x", port: 1 },
          ],
        },
        "other",
      ),
    ],
  },
  {
    code: "IST0150",
    name: "an ExternalName Service with a port called tcp",
    bad: [service({ type: "ExternalName", ports: [{ name: "tcp", port: 9000 }] })],
    at: "Service shop/cart spec.ports[0].name",
    good: [service({ type: "ExternalName", ports: [{ name: "tcp-db", port: 9000 }] })],
  },
  {
    code: "MP0201",
    name: "a Service that selects nothing",
    bad: [shop, deployment({ labels: { app: "card" } }), service()],
    at: "Service shop/cart spec.selector",
    // Others may make pods in a namespace that is not declared here.
    good: [shop, cart, service(), service({}, "cart", "elsewhere"), service({ selector: {} }, "manual")],
  },
  {
    code: "KIA0701",
    name: "a target port by a name that no container has",
    bad: [
      shop,
      deployment({ container: { ports: [{ name: "http", containerPort: 8080 }] } }),
      service({ ports: [{ name: "http", port: 80, targetPort: "web" }] }),
    ],
    at: "Service shop/cart spec.ports[0].targetPort",
    good: [
      shop,
      deployment({ container: { ports: [{ name: "web", containerPort: 8080 }] } }),
      service({ ports: [{ name: "http", port: 80, targetPort: "web" }] }),
    ],
  },
  {
    code: "KIA0701",
    name: "a number beside the ports that containers declare",
    bad: [
      shop,
      deployment({ container: { ports: [{ containerPort: 9080 }] } }),
      service({ ports: [{ name: "http", port: 80, targetPort: 8080 }] }),
    ],
    at: "Service shop/cart spec.ports[0].targetPort",
    // Declaring ports is optional.
    good: [shop, deployment(), service({ ports: [{ name: "http", port: 80, targetPort: 8080 }] })],
  },
  {
    code: "IST0116",
    name: "one port with two protocols",
    bad: [shop, cart, service(), service({ ports: [{ name: "dns", port: 80, protocol: "UDP" }] }, "names")],
    at: "Deployment shop/cart spec.template.metadata.labels",
    good: [
      shop,
      cart,
      service(),
      service({}, "again"),
      service({ ports: [{ name: "dns", port: 53, protocol: "UDP" }] }, "names"),
    ],
  },
  {
    code: "IST0137",
    name: "one target port under two ports",
    bad: [shop, cart, service(), service({ ports: [{ name: "http", port: 81, targetPort: 8080 }] }, "again")],
    at: "Deployment shop/cart spec.template.metadata.labels",
    // Without a sidecar nothing has to agree.
    good: [
      space("shop", { "istio-injection": "disabled" }),
      cart,
      service(),
      service({ ports: [{ name: "http", port: 81, targetPort: 8080 }] }, "again"),
    ],
  },
];

export const annotationExamples: readonly Example[] = [
  {
    code: "IST0107",
    name: "a pod's annotation on the Deployment",
    bad: [deployment({ ownAnnotations: { "proxy.istio.io/config": "{}" } })],
    at: "Deployment shop/cart metadata.annotations.proxy.istio.io/config",
    good: [deployment({ annotations: { "proxy.istio.io/config": "{}" } })],
  },
  {
    code: "IST0108",
    name: "an annotation that Istio does not know",
    bad: [noted(service(), { "networking.istio.io/exportto": "." })],
    at: "Service shop/cart metadata.annotations.networking.istio.io/exportto",
    good: [noted(service(), { "networking.istio.io/exportTo": ".", "example.com/exportto": "." })],
  },
  {
    code: "IST0125",
    name: "values that the injector does not understand",
    bad: [
      deployment({
        annotations: {
          "proxy.istio.io/config": "holdApplicationUntilProxyStarts",
          "traffic.sidecar.istio.io/excludeInboundPorts": "80,http",
        },
      }),
    ],
    at: [
      "Deployment shop/cart spec.template.metadata.annotations.proxy.istio.io/config",
      "Deployment shop/cart spec.template.metadata.annotations.traffic.sidecar.istio.io/excludeInboundPorts",
    ],
    good: [
      deployment({
        annotations: {
          "proxy.istio.io/config": "holdApplicationUntilProxyStarts: true",
          "traffic.sidecar.istio.io/excludeInboundPorts": "80, 8080",
          "sidecar.istio.io/proxyCPU": "100m",
          "sidecar.istio.io/proxyMemory": "128Mi",
        },
      }),
    ],
  },
  {
    code: "IST0135",
    name: "the annotation that a label has replaced",
    bad: [deployment({ annotations: { "sidecar.istio.io/inject": "false" } })],
    at: "Deployment shop/cart spec.template.metadata.annotations.sidecar.istio.io/inject",
    good: [
      deployment({
        annotations: { "sidecar.istio.io/inject": "false" },
        labels: { "sidecar.istio.io/inject": "false" },
      }),
    ],
  },
];
