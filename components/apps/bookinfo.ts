import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { istioApi } from "../mesh/api-versions";
import { type PathMatch, renderFrontDoor } from "./front-door";
import { appImages } from "./images";
import {
  type AppArgs,
  type AppComponentArgs,
  childOptions,
  renderAccount,
  renderDeployment,
  renderService,
  type WorkloadArgs,
} from "./parts";

export type ReviewsVersion = "v1" | "v2" | "v3";

export interface BookinfoArgs extends AppArgs {
  /** Names under which clients come. Default `["*"]`. */
  readonly hosts?: readonly string[];
  /** Name of the Gateway. Default `bookinfo-gateway`. */
  readonly gateway?: string;
  /** Name of the VirtualService. Default `bookinfo`. */
  readonly virtualService?: string;
  /** `pages` lets in what the page needs, `everything` whatever is asked. Default `pages`. */
  readonly routes?: "pages" | "everything";
  /** Versions of reviews that run: without stars, with black ones, with red ones. Default: all three. */
  readonly reviews?: readonly ReviewsVersion[];
  /** A DestinationRule per service with its versions as subsets, for routes that name them. Default false. */
  readonly subsets?: boolean;
}

const PORT = { name: "http", port: 9080 } as const;

const pages: readonly PathMatch[] = [
  { exact: "/productpage" },
  { prefix: "/static" },
  { exact: "/login" },
  { exact: "/logout" },
  { prefix: "/api/v1/products" },
];

const reviewsImages: Readonly<Record<ReviewsVersion, string>> = {
  v1: appImages.reviewsV1,
  v2: appImages.reviewsV2,
  v3: appImages.reviewsV3,
};

type Service = "productpage" | "details" | "ratings" | "reviews";

/** What a service has that others have not. Users are those of the images. */
const special: Readonly<Record<Service, Partial<WorkloadArgs>>> = {
  productpage: {
    user: 1000,
    scratch: ["/tmp"],
    annotations: {
      "prometheus.io/scrape": "true",
      "prometheus.io/port": "9080",
      "prometheus.io/path": "/metrics",
    },
  },
  details: { user: 1000 },
  ratings: { user: 1000 },
  // A Java server: it writes its logs and what it compiles.
  reviews: {
    user: 1001,
    env: [{ name: "LOG_DIR", value: "/tmp/logs" }],
    scratch: ["/tmp", "/opt/ibm/wlp/output"],
    memory: "128Mi",
  },
};

function renderServiceOf(
  args: AppArgs,
  app: Service,
  versions: readonly (readonly [string, string])[],
): KubeObject[] {
  const { namespace } = args;
  const account = `bookinfo-${app}`;
  return [
    renderAccount(account, namespace, { account: app }),
    renderService({ name: app, namespace, labels: { app, service: app }, selector: { app }, ports: [PORT] }),
    ...versions.map(([version, image]) =>
      renderDeployment({
        namespace,
        pods: args.pods,
        name: `${app}-${version}`,
        labels: { app, version },
        container: app,
        image,
        ports: [PORT],
        health: "/health",
        account,
        ...special[app],
      }),
    ),
  ];
}

function renderSubsets(
  { namespace, mesh }: AppArgs,
  host: Service,
  versions: readonly (readonly [string, string])[],
): KubeObject[] {
  if (mesh === undefined) return [];
  const subsets = versions.map(([version]) => ({ name: version, labels: { version } }));
  return [
    {
      apiVersion: istioApi(mesh.version).networking,
      kind: "DestinationRule",
      metadata: { name: host, namespace },
      spec: { host, subsets },
    },
  ];
}

export function renderBookinfo(args: BookinfoArgs): KubeObject[] {
  const { hosts = ["*"], reviews = ["v1", "v2", "v3"], routes = "pages", subsets = false } = args;
  const services = {
    details: [["v1", appImages.details]],
    ratings: [["v1", appImages.ratings]],
    reviews: reviews.map((version) => [version, reviewsImages[version]] as const),
    productpage: [["v1", appImages.productpage]],
  } as const;
  const names = ["details", "ratings", "reviews", "productpage"] as const;
  return [
    ...names.flatMap((name) => renderServiceOf(args, name, services[name])),
    ...(subsets ? names.flatMap((name) => renderSubsets(args, name, services[name])) : []),
    ...renderFrontDoor({
      ...args,
      hosts,
      gateway: args.gateway ?? "bookinfo-gateway",
      virtualService: args.virtualService ?? "bookinfo",
      ...(routes === "pages" ? { paths: pages } : {}),
      service: "productpage",
      port: PORT.port,
    }),
  ];
}

/**
 * Istio's book shop: a page in front of details and reviews, and ratings behind two of the three versions of reviews.
 * Its way in is a Gateway on port 80 of the ingress gateway.
 */
export class Bookinfo extends pulumi.ComponentResource {
  readonly done: readonly pulumi.Resource[];

  constructor(
    name: string,
    args: BookinfoArgs & AppComponentArgs,
    options: pulumi.ComponentResourceOptions = {},
  ) {
    super("mesh-platform:apps:Bookinfo", name, {}, options);
    this.done = declareObjects(renderBookinfo(args), childOptions(this, args));
    this.registerOutputs({});
  }
}
