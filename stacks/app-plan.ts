import type * as pulumi from "@pulumi/pulumi";
import { BillDemo, renderBillDemo } from "../components/apps/bill-demo";
import { Bookinfo, renderBookinfo } from "../components/apps/bookinfo";
import { Client, renderClient } from "../components/apps/client";
import { Delivery, type DeliveryArgs, renderDelivery } from "../components/apps/delivery";
import { Fortio, renderFortio } from "../components/apps/fortio";
import { Httpbin, renderHttpbin } from "../components/apps/httpbin";
import { IstioLab, renderIstioLab } from "../components/apps/istio-lab";
import type { AppArgs, AppComponentArgs } from "../components/apps/parts";
import { ProxyCom, renderProxyCom } from "../components/apps/proxy-com";
import { renderWebDemo, WebDemo } from "../components/apps/web-demo";
import type { KubeObject } from "../components/lib/objects";
import type { AppsConfig } from "./config/apps-schema";

/** What is the same for an application whichever it is; the namespace is its own. */
export type Common = Omit<AppArgs, "namespace">;

/** One application of the config: what it will be, and how it is made. */
export interface PlannedApp {
  /** Its path below `apps` in the config. */
  readonly path: string;
  /** Its name in Pulumi. */
  readonly name: string;
  readonly namespace: string;
  /** Path below its address, for clients; undefined where it has none from outside. */
  readonly page: string | undefined;
  readonly hosts: readonly string[];
  /** In-cluster address. */
  readonly inside: string | undefined;
  render(common: Common): KubeObject[];
  declare(
    common: Common & Pick<AppComponentArgs, "after" | "cluster">,
    options: pulumi.ComponentResourceOptions,
  ): readonly pulumi.Resource[];
}

interface Description<A extends AppArgs> {
  readonly path: string;
  readonly name?: string;
  readonly args: A;
  readonly render: (args: A) => KubeObject[];
  readonly component: new (
    name: string,
    args: A & AppComponentArgs,
    options: pulumi.ComponentResourceOptions,
  ) => { readonly done: readonly pulumi.Resource[] };
  readonly page?: string;
  readonly service?: string;
}

function planned<A extends AppArgs & { readonly hosts?: readonly string[] }>(
  app: Description<A>,
): PlannedApp {
  const { path, name = path, args, component: Component, render } = app;
  const { namespace } = args;
  return {
    path,
    name,
    namespace,
    page: app.page,
    hosts: args.hosts ?? [],
    inside: app.service?.replace("NAMESPACE", namespace),
    render: (common) => render({ ...args, ...common }),
    declare: (common, options) => new Component(name, { ...args, ...common }, options).done,
  };
}

/** Values that are made in a run; where only the shape counts, their names stand for them. */
const noSecrets = { databaseRoot: "", database: "", rpc: "" };

function deliveryArgs(
  { drone, ...gitea }: Exclude<AppsConfig["delivery"], false>,
  clientSecret: pulumi.Input<string> | undefined,
): DeliveryArgs {
  return drone === false ? gitea : { ...gitea, drone: { ...drone, clientSecret: clientSecret ?? "" } };
}

/** The applications that a config asks for, in a fixed order. */
export function planApps(apps: AppsConfig, droneClientSecret?: pulumi.Input<string>): PlannedApp[] {
  const { bookinfo, httpbin, fortio, istioLab, webDemo, billDemo, proxyCom, delivery } = apps;
  const wanted = [
    bookinfo &&
      planned({
        path: "bookinfo",
        args: bookinfo,
        render: renderBookinfo,
        component: Bookinfo,
        page: "/productpage",
        service: "http://productpage.NAMESPACE:9080/productpage",
      }),
    httpbin &&
      planned({
        path: "httpbin",
        args: httpbin,
        render: renderHttpbin,
        component: Httpbin,
        service: "http://httpbin.NAMESPACE:8000/",
      }),
    fortio &&
      planned({
        path: "fortio",
        args: fortio,
        render: renderFortio,
        component: Fortio,
        service: "http://fortio.NAMESPACE:8080/fortio/",
      }),
    ...apps.clients.map((args, at) =>
      planned({
        path: `clients[${at}]`,
        name: `client-${args.namespace}-${args.name}`,
        args,
        render: renderClient,
        component: Client,
      }),
    ),
    istioLab &&
      planned({
        path: "istioLab",
        name: "istio-lab",
        args: istioLab,
        render: renderIstioLab,
        component: IstioLab,
        service: `http://service-${istioLab.services.at(-1) ?? "go"}.NAMESPACE/env`,
      }),
    webDemo &&
      planned({
        path: "webDemo",
        name: "web-demo",
        args: webDemo,
        render: renderWebDemo,
        component: WebDemo,
        service: "http://web-svc.NAMESPACE:8080/",
      }),
    billDemo &&
      planned({
        path: "billDemo",
        name: "bill-demo",
        args: billDemo,
        render: renderBillDemo,
        component: BillDemo,
        page: "/",
        service: "http://bill-service.NAMESPACE:9999/",
      }),
    proxyCom &&
      planned({
        path: "proxyCom",
        name: "proxy-com",
        args: proxyCom,
        render: renderProxyCom,
        component: ProxyCom,
        page: "/",
        service: "http://proxy-com.NAMESPACE/",
      }),
    delivery &&
      planned({
        path: "delivery",
        args: deliveryArgs(delivery, droneClientSecret),
        render: (args) => renderDelivery(args, noSecrets),
        component: Delivery,
        service: "http://gitea.NAMESPACE:10000/",
      }),
  ];
  return wanted.filter((app) => app !== false);
}
