import { renderBillDemo } from "../../../../components/apps/bill-demo";
import { renderBookinfo } from "../../../../components/apps/bookinfo";
import { renderFortio } from "../../../../components/apps/fortio";
import { renderHttpbin } from "../../../../components/apps/httpbin";
import { renderIstioLab } from "../../../../components/apps/istio-lab";
import { renderWebDemo } from "../../../../components/apps/web-demo";
import type { KubeObject } from "../../../../components/lib/objects";
import { renderNamespace } from "../../../../components/mesh/namespace";
import {
  type AppName,
  defaultNamespaces,
  type Scenario,
  type ScenarioContext,
  scenarios,
} from "../../../../components/traffic/scenarios";
import { mesh } from "../../apps/mesh";

/** The Istio of the sandbox, and applications where their config puts them. */
export const context: ScenarioContext = { version: "1.31.0" };

const apps: Readonly<Record<AppName, (namespace: string, needs: object) => KubeObject[]>> = {
  bookinfo: (namespace) => renderBookinfo({ namespace, mesh }),
  httpbin: (namespace, needs) => renderHttpbin({ namespace, mesh, ...needs }),
  fortio: (namespace) => renderFortio({ namespace, mesh }),
  istioLab: (namespace, needs) => renderIstioLab({ namespace, mesh, ...needs }),
  webDemo: (namespace) => renderWebDemo({ namespace, mesh }),
  billDemo: (namespace) => renderBillDemo({ namespace, mesh }),
};

/** A mesh with the applications that a scenario needs, and nothing else. */
export const appsOf = ({ needs }: Scenario): KubeObject[] => [
  ingressPods,
  ingressService,
  ...(Object.keys(needs) as AppName[]).flatMap((app) => {
    const namespace = defaultNamespaces[app];
    return [
      renderNamespace({ name: namespace, injection: "enabled" }),
      ...apps[app](namespace, needs[app] ?? {}),
    ];
  }),
];

const pods = { istio: "ingressgateway" };

const ingressPods: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "istio-ingressgateway", namespace: "istio-system" },
  spec: {
    selector: { matchLabels: pods },
    template: { metadata: { labels: pods }, spec: { containers: [{ name: "istio-proxy", image: "auto" }] } },
  },
};

const ingressService: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "istio-ingressgateway", namespace: "istio-system" },
  spec: { selector: pods, ports: [{ name: "http2", port: 80, targetPort: 8080 }] },
};

/** A scenario, which has to be there. */
export function scenario(name: string): Scenario {
  const found = scenarios[name];
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

/** Everything that is declared while a scenario is on. */
export const objectsOf = (name: string): KubeObject[] => [
  ...appsOf(scenario(name)),
  ...scenario(name).render(context),
];
