import fc from "fast-check";
import type { KubeObject } from "../../../components/lib/objects";
import { destinations, renderDestinations } from "../../../components/traffic/destinations";
import { TrafficFault } from "../../../components/traffic/faults";
import { external, gateway, service } from "../../../components/traffic/handles";
import { mergeRoutes } from "../../../components/traffic/routes/merge";
import { forward } from "../../../components/traffic/routes/policy";
import type { HttpAction, HttpFragment, HttpModifiers } from "../../../components/traffic/routes/types";
import { fragments } from "../../components/traffic/routes/random";
import { istioVersion } from "../../support/programs";

const context = { version: istioVersion };
const ports = { http: 80, "http-more": 8080 };
const subsets = { v1: { version: "v1" }, v2: { version: "v2" } };
export const a = destinations(service("a", "one", ports), { subsets });
export const b = destinations(service("b", "one", ports), { subsets });
export const front = gateway("front", "one", ["*"], [80, 8080]);

/** The rules that all random routes lead to. */
export const destinationRules = (): KubeObject[] => renderDestinations([a, b], context);

const forwards: fc.Arbitrary<HttpAction> = fc.constantFrom(
  forward(a.subset("v1")),
  forward(b.subset("v2")),
  forward(a.args.host, "http-more"),
  {
    kind: "forward",
    targets: [
      { to: a.subset("v2"), weight: 30 },
      { to: b.subset("v1"), weight: 70 },
    ],
  },
  {
    kind: "forward",
    targets: [
      { to: a.subset("v1"), weight: 100 },
      { to: b.subset("v1"), weight: 0 },
    ],
  },
);
const answers: fc.Arbitrary<HttpAction> = fc.constantFrom(
  { kind: "redirect", uri: "/there", redirectCode: 302 },
  { kind: "redirect", authority: "away.test", port: 8443 },
  { kind: "directResponse", status: 503, body: { string: "typed" } },
);
const modifiers: fc.Arbitrary<HttpModifiers> = fc.constantFrom(
  {},
  { rewrite: { uri: "/r" } },
  { rewrite: { uriRegexRewrite: { match: "^/a", rewrite: "/z" }, authority: "z.test" } },
  { headers: { request: { set: { "x-new": "typed" }, remove: ["h1"] } } },
  { fault: { abort: { httpStatus: 418 } } },
  { fault: { abort: { httpStatus: 418, percentage: 0 } } },
  { timeout: "5s", retries: { attempts: 1, retryOn: ["5xx"] } },
  { corsPolicy: { allowOrigins: ["http://x.test"], allowMethods: ["GET"] } },
);
const change = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(forwards, modifiers).map(([action, more]) => ({ ...more, action })) },
  answers.map((action) => ({ action })),
);

/** Nothing where the model finds fault with a combination, such as a rewrite that does not suit the path. */
function unlessRefused(render: () => readonly KubeObject[]): readonly KubeObject[] {
  try {
    return render();
  } catch (error) {
    if (error instanceof TrafficFault) return [];
    throw error;
  }
}

/** Fragments of several modules for one Service and one name at the gateway, merged by our own rules. */
export const merged = (name: string): fc.Arbitrary<readonly KubeObject[]> =>
  fc
    .tuple(fragments(fc.nat(1)), fc.array(change, { minLength: 7, maxLength: 7 }))
    .map(([list, changes]) => {
      const host = service(name, "one", ports);
      const own = list.map(
        (fragment, place): HttpFragment => ({
          ...fragment,
          ...(changes[place] ?? {}),
          host,
          gateways: (fragment.gateways ?? []).map((one) => (one === "mesh" ? one : front)),
        }),
      );
      const settings = { unmatched: "notFound", alsoHosts: [external(`${name}.example.com`)] } as const;
      const key = `${name}.one.svc.cluster.local`;
      return unlessRefused(() => mergeRoutes(own, context, { [key]: settings }).objects);
    })
    .filter((objects) => objects.length > 0);
