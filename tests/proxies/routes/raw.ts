import fc from "fast-check";
import type { KubeObject } from "../../../components/lib/objects";
import { action, replacesPrefix } from "./actions";
import { match, thinned } from "./values";

const matches = (authorities: readonly string[], mesh: boolean) =>
  fc.array(thinned(match(authorities, mesh)), { maxLength: 2 }).map((list) => ({
    ...(list.length === 0 ? {} : { match: list }),
  }));

/** The `http` of a VirtualService. */
export const http = (authorities: readonly string[], mesh: boolean) =>
  fc.array(
    fc
      .tuple(matches(authorities, mesh), action)
      .map(([one, two]) => ({ ...one, ...two }))
      .filter(replacesPrefix),
    { minLength: 1, maxLength: 4 },
  );

export const virtualService = (name: string, namespace: string, spec: object): KubeObject => ({
  apiVersion: "networking.istio.io/v1",
  kind: "VirtualService",
  metadata: { name, namespace },
  spec,
});

/** A VirtualService that hands a part of its requests on to another. */
export const delegating = (
  name: string,
  hosts: readonly string[],
  gateways: readonly string[],
  mesh: boolean,
) =>
  fc.tuple(matches(hosts, mesh), http(hosts, mesh), http(hosts, mesh)).map(([root, own, rest]) => [
    virtualService(name, "one", {
      hosts,
      gateways,
      http: [{ ...root, delegate: { name: `${name}-part`, namespace: "two" } }, ...rest],
    }),
    virtualService(`${name}-part`, "two", { http: own }),
  ]);
