import type { KubeObject } from "../../lib/objects";
import type { ServiceHandle } from "../handles";
import { external } from "../handles";
import { pathRoute } from "../path-route";
import { mergeRoutes } from "../routes/merge";
import { forward } from "../routes/policy";
import type { HttpFragment } from "../routes/types";
import { ownGateway, renderOwnGateway, serviceOf, target } from "./places";
import { all, gatewayRun } from "./runs";
import type { Scenario, ScenarioContext } from "./types";

const needs = { bookinfo: {}, fortio: {} } as const;

interface Site {
  readonly front: ReturnType<typeof ownGateway>;
  readonly host: ReturnType<typeof external>;
  readonly gateways: readonly ReturnType<typeof ownGateway>[];
  readonly service: (name: "productpage" | "reviews" | "ratings") => ServiceHandle;
}

/** The application's Gateway and routes keep their host; these stand beside them with one of their own. */
function siteOf(name: string, hostName: string, context: ScenarioContext): Site {
  const front = ownGateway(name, "bookinfo", hostName, context);
  const service = (of: "productpage" | "reviews" | "ratings") => serviceOf("bookinfo", of, context);
  return { front, host: external(hostName), gateways: [front], service };
}

function render(
  { front, host }: Site,
  fragments: readonly HttpFragment[],
  context: ScenarioContext,
): KubeObject[] {
  const settings = { [host.host]: { name: front.name, namespace: front.namespace } };
  return [renderOwnGateway(front, context), ...mergeRoutes(fragments, context, settings).objects];
}

/** To the Service that is called as the path begins. */
const byPrefix = ({ host, gateways, service }: Site, name: "productpage" | "reviews" | "ratings") =>
  pathRoute({ name, host, gateways, uri: { prefix: `/${name}` }, to: service(name), port: "http" });

const page = ({ host, gateways, service }: Site): HttpFragment => ({
  name: "everything-else",
  host,
  gateways,
  action: forward(service("productpage"), "http"),
});

const pathsSite = (context: ScenarioContext) => siteOf("bookinfo-paths", "paths.bookinfo.luffy.com", context);
const rateSite = (context: ScenarioContext) => siteOf("bookinfo-rate", "rate.bookinfo.luffy.com", context);

const paths: Scenario = {
  name: "bookinfo-paths",
  title: "gateway: /productpage, /reviews and /ratings to their services, the rest to productpage",
  source: "document 003, traffic control, routes by path; there the host is bookinfo.luffy.com",
  shows: "one host name for several services",
  hazards: [],
  needs,
  render: (context) => {
    const site = pathsSite(context);
    const prefixes = (["productpage", "reviews", "ratings"] as const).map((name) => byPrefix(site, name));
    return render(site, [...prefixes, page(site)], context);
  },
  runs: (context) => {
    const { front, service } = pathsSite(context);
    const productpage = target(service("productpage"), "v1");
    const loads = [{ requests: 200, connections: 4 }];
    const run = (name: string, path: string, expect: ReturnType<typeof all>) =>
      gatewayRun(name, front, { path, loads }, expect, context);
    // A page that productpage does not have.
    const unknown = { path: "/abc", assume: [{ share: 1, answer: 404 }], loads };
    return [
      run("productpage", "/productpage", all(productpage)),
      run("reviews", "/reviews/1", all(target(service("reviews")))),
      run("ratings", "/ratings/1", all(target(service("ratings"), "v1"))),
      gatewayRun("the-rest", front, unknown, all(productpage, 404), context),
    ];
  },
};

const rate: Scenario = {
  name: "bookinfo-rate",
  title: "gateway: /rate becomes /ratings, at ratings",
  source:
    "document 003, traffic control, rewrite; its prefix /rate takes /ratings too, and makes /ratingsings of it",
  shows: "a rewrite of whole names between slashes",
  hazards: [],
  needs,
  render: (context) => {
    const site = rateSite(context);
    const { host, gateways, service } = site;
    const rewrite = pathRoute({
      ...{ name: "ratings", host, gateways, uri: { segments: "/rate" } },
      ...{ to: service("ratings"), port: "http", rewrite: { uri: "/ratings" } },
    });
    return render(
      site,
      [byPrefix(site, "productpage"), byPrefix(site, "reviews"), rewrite, page(site)],
      context,
    );
  },
  runs: (context) => {
    const { front, service } = rateSite(context);
    const loads = [{ requests: 200, connections: 4 }];
    const rewritten = all(target(service("ratings"), "v1"), 200, { path: "/ratings/1" });
    const untouched = all(target(service("productpage"), "v1"), 404);
    const unknown = { path: "/ratings/1", assume: [{ share: 1, answer: 404 }], loads };
    return [
      gatewayRun("rate", front, { path: "/rate/1", loads }, rewritten, context),
      // productpage has no such page.
      gatewayRun("ratings", front, unknown, untouched, context),
    ];
  },
};

/** Paths at the gateway. */
export const bookinfoPaths: readonly Scenario[] = [paths, rate];
