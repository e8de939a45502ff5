import { destinations, renderDestinations } from "../destinations";
import { external } from "../handles";
import { pathRoute } from "../path-route";
import { mergeRoutes } from "../routes/merge";
import type { HttpModifiers } from "../routes/types";
import { byVersion, ownGateway, renderOwnGateway, serviceOf, target } from "./places";
import { all, gatewayRun } from "./runs";
import type { Scenario, ScenarioContext } from "./types";

export const needs = { httpbin: { versions: ["v1", "v2"] }, fortio: {} } as const;
const few = [{ requests: 200, connections: 4 }];

export const httpbinOf = (context: ScenarioContext) => serviceOf("httpbin", "httpbin", context);
export const frontOf = (name: string, context: ScenarioContext) =>
  ownGateway(name, "httpbin", `${name}.bookinfo.luffy.com`, context);

/** /httpbin of a host of its own becomes / of v1; everything else is unknown there. */
export function atGateway(
  name: string,
  more: (v2: ReturnType<typeof versionsOf>) => HttpModifiers,
  context: ScenarioContext,
) {
  const front = frontOf(name, context);
  const declared = versionsOf(context);
  const [hostName = name] = front.hosts;
  const route = pathRoute({
    ...{ name: "httpbin", host: external(hostName), gateways: [front] },
    ...{ uri: { segments: "/httpbin" }, to: declared.subset("v1"), port: "http" },
    rewrite: { uri: "/" },
    ...more(declared),
  });
  const settings = { [hostName]: { name, namespace: front.namespace, unmatched: "notFound" as const } };
  return [
    renderOwnGateway(front, context),
    ...renderDestinations(declared, context),
    ...mergeRoutes([route], context, settings).objects,
  ];
}

const versionsOf = (context: ScenarioContext) =>
  destinations(httpbinOf(context), { subsets: byVersion("v1", "v2") });

const mirror: Scenario = {
  name: "httpbin-mirror",
  title: "httpbin: v1 answers, v2 gets a copy of every request",
  source:
    "document 003, mirroring; there in the VirtualService of bookinfo, with mirror_percent, now mirrors",
  shows: "copies whose answers nobody waits for, and a prefix that is cut off",
  hazards: [],
  needs,
  render: (context) =>
    atGateway("httpbin-mirror", (declared) => ({ mirrors: [{ to: declared.subset("v2") }] }), context),
  runs: (context) => {
    const host = httpbinOf(context);
    const path = "/httpbin/hostname";
    const copies = [{ to: target(host, "v2"), share: 1 }];
    const expected = all(target(host, "v1"), 200, { path: "/hostname", copies });
    return [
      gatewayRun("everybody", frontOf("httpbin-mirror", context), { path, loads: few }, expected, context),
    ];
  },
};

/** A server that answers as it is asked to. */
export const httpbin: readonly Scenario[] = [mirror];
