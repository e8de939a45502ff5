import type { KubeObject } from "../../lib/objects";
import { apiOf } from "../context";
import { type GatewayHandle, gateway, type ServiceHandle, service } from "../handles";
import type { AppName, ScenarioContext, Target } from "./types";

/** Where applications are unless their config says something else. */
export const defaultNamespaces: Readonly<Record<AppName, string>> = {
  bookinfo: "bookinfo",
  httpbin: "httpbin",
  fortio: "fortio",
  istioLab: "istio-lab",
  webDemo: "web-demo",
  billDemo: "istio-demo",
};

export const namespaceOf = (app: AppName, { namespaces = {} }: ScenarioContext): string =>
  namespaces[app] ?? defaultNamespaces[app];

/** Services of the applications, with their ports. */
const ports = {
  bookinfo: { productpage: 9080, details: 9080, reviews: 9080, ratings: 9080 },
  httpbin: { httpbin: 8000 },
  istioLab: { "service-go": 80, "service-node": 80, "service-lua": 80, "service-python": 80 },
  webDemo: { "web-svc": 8080, "httpd-svc": 8080, "tomcat-svc": 8080 },
  billDemo: { "bill-service": 9999, "front-tomcat": 8080 },
} as const;

/** A Service of an application: `serviceOf("bookinfo", "reviews", context)`. */
export function serviceOf<App extends keyof typeof ports>(
  app: App,
  name: keyof (typeof ports)[App] & string,
  context: ScenarioContext,
): ServiceHandle {
  const known: Readonly<Record<string, number>> = ports[app];
  return service(name, namespaceOf(app, context), { http: known[name] ?? 80 });
}

/** Who answers, as expectations name it. */
export const target = ({ name, namespace }: ServiceHandle, version?: string): Target => ({
  service: `${name}.${namespace}`,
  ...(version === undefined ? {} : { version }),
});

/** Subsets that are called as the label `version` of their pods. */
export const byVersion = <Name extends string>(...names: readonly Name[]) =>
  Object.fromEntries(names.map((version) => [version, { version }])) as unknown as Readonly<
    Record<Name, { version: string }>
  >;

/** A Gateway of a scenario's own, with a name that no application has. */
export const ownGateway = (
  name: string,
  app: AppName,
  host: string,
  context: ScenarioContext,
): GatewayHandle => gateway(name, namespaceOf(app, context), [host], [80]);

/** Its object: plain HTTP at the ingress gateway. */
export const renderOwnGateway = (
  { name, namespace, hosts }: GatewayHandle,
  context: ScenarioContext,
): KubeObject => ({
  apiVersion: apiOf(context).networking,
  kind: "Gateway",
  metadata: { name, namespace },
  spec: {
    selector: context.ingress?.selector ?? { istio: "ingressgateway" },
    servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts }],
  },
});
