import fc from "fast-check";
import type { KubeObject } from "../../../components/lib/objects";
import { gatewayLabels } from "../harness/cast";
import { delegating, http, virtualService } from "./raw";
import { type Trial, trial } from "./requests";
import { destinationRules, merged } from "./typed";

/** Routes of some hosts that nothing else touches, and requests to them. */
export interface Case {
  readonly objects: readonly KubeObject[];
  readonly trials: readonly Trial[];
}

const perCase = { minLength: 8, maxLength: 8 };
const serviceNames = (name: string, namespace = "one") => {
  const full = `${name}.${namespace}.svc.cluster.local`;
  return [name, `${name}.${namespace}`, `${name}.${namespace}.svc`, full, `${full}.`];
};
/** From both clients; a short name is one of the client's own namespace. */
const fromSidecars = (names: readonly string[]) =>
  fc.oneof(trial(["near"], names), trial(["far"], names.slice(1)));

/** A Service's routes in sidecars, by one or two VirtualServices. */
export const meshCase = (name: string): fc.Arbitrary<Case> => {
  const names = serviceNames(name);
  const full = `${name}.one.svc.cluster.local`;
  const one = (suffix: string, host: string) =>
    http(names, true).map((routes) =>
      virtualService(`${name}${suffix}`, "one", { hosts: [host], http: routes }),
    );
  const objects = fc.oneof(
    { weight: 6, arbitrary: one("", name).map((object) => [object]) },
    { weight: 2, arbitrary: fc.tuple(one("-x", full), one("-y", name)).map((list) => [...list]) },
    { weight: 2, arbitrary: delegating(name, [full], ["mesh"], true) },
  );
  return fc.record({ objects, trials: fc.array(fromSidecars(names), perCase) });
};

/** Two Services of a namespace of their own, one of them with routes of its own, and routes for all by a wildcard. */
export const wildcardCase = (namespace: string): fc.Arbitrary<Case> => {
  const names = ["x", "y"].flatMap((name) => serviceNames(name, namespace).slice(1));
  const objects = fc
    .tuple(http(names, true), http(names, true))
    .map(([all, own]) => [
      virtualService(`${namespace}-all`, "one", { hosts: [`*.${namespace}.svc.cluster.local`], http: all }),
      virtualService(`${namespace}-own`, "one", { hosts: [`x.${namespace}.svc.cluster.local`], http: own }),
    ]);
  return fc.record({ objects, trials: fc.array(trial(["near", "far"], names), perCase) });
};

const wild = (host: string) => host.startsWith("*");
/** Istio refuses a VirtualService with a name that another of its names stands for. */
const apart = ([one = "", other]: readonly string[]): boolean =>
  other === undefined ||
  !((wild(one) && other.endsWith(one.slice(1))) || (wild(other) && one.endsWith(other.slice(1))));
const bound = fc.constantFrom(["front"], ["side"], ["front", "side"], ["one/front", "mesh"]);

/** Names at the gateways, exact and wild, of one to three VirtualServices. */
export const gatewayCase = (name: string): fc.Arbitrary<Case> => {
  const base = `${name}.example.com`;
  const authorities = [`a.${base}`, `b.a.${base}`, `c.${base}`, base, `A.${base}`];
  const hosts = fc
    .uniqueArray(fc.constantFrom(`a.${base}`, `*.${base}`, `*.a.${base}`, base, `b.a.${base}`), {
      minLength: 1,
      maxLength: 2,
    })
    .filter(apart);
  const one = (place: number) =>
    fc
      .record({ hosts, gateways: bound, http: http(authorities, false) })
      .map((spec) => virtualService(`${name}-${place}`, "one", spec));
  const several = fc
    .nat(2)
    .chain((last) => fc.tuple(...Array.from({ length: last + 1 }, (_, place) => one(place))))
    .map((list) => [...list]);
  const objects = fc.oneof(
    { weight: 4, arbitrary: several },
    delegating(name, [`*.${base}`], ["front"], false),
  );
  return fc.record({ objects, trials: fc.array(trial(["gateway"], authorities), perCase) });
};

/** Routes of our own model, in sidecars and at the gateway. */
export const typedCase = (name: string): fc.Arbitrary<Case> => {
  const outside = trial(["gateway"], [`${name}.example.com`]);
  const trials = fc.array(fc.oneof(fromSidecars(serviceNames(name)), outside), perCase);
  return fc.record({ objects: merged(name), trials });
};

const door = (name: string, hosts: readonly string[], ports: readonly number[]): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: { name, namespace: "one" },
  spec: {
    selector: gatewayLabels,
    servers: ports.map((port) => ({ port: { number: port, name: `http-${port}`, protocol: "HTTP" }, hosts })),
  },
});

/** What all cases share. */
export const common = (): readonly KubeObject[] => [
  door("front", ["*"], [80, 8080]),
  door("side", ["*.example.com", "two/*.example.org"], [80]),
  ...destinationRules(),
];
