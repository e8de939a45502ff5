import { destinations, renderDestinations } from "../destinations";
import { external, type ServiceHandle, type SubsetHandle } from "../handles";
import { mergeRoutes } from "../routes/merge";
import { trafficSplit } from "../traffic-split";
import { byVersion, ownGateway, renderOwnGateway, serviceOf, target } from "./places";
import { gatewayRun, meshRun, shares } from "./runs";
import type { Scenario, ScenarioContext } from "./types";

const needs = { billDemo: {}, fortio: {} } as const;

const subsets = byVersion("v1", "v2");

const nineToOne = (subset: (version: "v1" | "v2") => SubsetHandle) => [
  { to: subset("v1"), weight: 90 },
  { to: subset("v2"), weight: 10 },
];

const expected = (host: ServiceHandle) =>
  shares([
    { to: target(host, "v1"), status: 200, share: 0.9 },
    { to: target(host, "v2"), status: 200, share: 0.1 },
  ]);

/** 90 to 10 for whoever calls a Service from the mesh. */
const inMesh = (
  about: Pick<Scenario, "name" | "title" | "source" | "shows">,
  service: "bill-service" | "front-tomcat",
): Scenario => ({
  ...about,
  hazards: [],
  needs,
  render: (context) => {
    const host = serviceOf("billDemo", service, context);
    const declared = destinations(host, { subsets });
    const targets = nineToOne((version) => declared.subset(version));
    return [
      ...renderDestinations(declared, context),
      ...mergeRoutes([trafficSplit({ host, targets })], context).objects,
    ];
  },
  runs: (context) => {
    const host = serviceOf("billDemo", service, context);
    return [meshRun("everybody", host, {}, expected(host), context)];
  },
});

const name = "front-gateway-split";
const hostName = "split.tomcat.istio-demo.com";
const frontOf = (context: ScenarioContext) => ownGateway(name, "billDemo", hostName, context);

const atGateway: Scenario = {
  name,
  title: "front-tomcat through the gateway: 90 % v1, 10 % v2",
  source: "document 003, ingress gateway; its host tomcat.istio-demo.com is the application's",
  shows: "weights at a gateway, which an Ingress to the Service does not follow",
  hazards: [],
  needs,
  render: (context) => {
    const front = frontOf(context);
    const service = serviceOf("billDemo", "front-tomcat", context);
    const declared = destinations(service, { subsets });
    const targets = nineToOne((version) => declared.subset(version));
    const split = trafficSplit({ host: external(hostName), gateways: [front], targets });
    const settings = { [hostName]: { name, namespace: front.namespace } };
    return [
      renderOwnGateway(front, context),
      ...renderDestinations(declared, context),
      ...mergeRoutes([split], context, settings).objects,
    ];
  },
  runs: (context) => {
    const service = serviceOf("billDemo", "front-tomcat", context);
    return [gatewayRun("everybody", frontOf(context), {}, expected(service), context)];
  },
};

/** A front that calls a bill service, each in two versions. */
export const billDemo: readonly Scenario[] = [
  inMesh(
    {
      name: "bill-split",
      title: "bill-service: 90 % v1, 10 % v2",
      source: "document 003, first exercise",
      shows: "a new version for a few requests, without a change of the caller",
    },
    "bill-service",
  ),
  inMesh(
    {
      name: "front-split",
      title: "front-tomcat: 90 % v1, 10 % v2",
      source: "document 003, second exercise",
      shows: "the same for the service in front, in the mesh alone",
    },
    "front-tomcat",
  ),
  atGateway,
];
