import { fullHost } from "./hosts";
import { type Fields, fieldsIn, fieldsOf, textOf, textsOf } from "./objects";

/** A Gateway as `namespace/name`; `mesh` stays. */
export const gatewayName = (name: string, namespace: string): string =>
  name === "mesh" || name.includes("/") ? name.replace(/^\.\//, `${namespace}/`) : `${namespace}/${name}`;

/** Conditions with the names of gateways in full. */
export const fullMatch = (match: Fields, namespace: string): Fields =>
  match.gateways === undefined
    ? match
    : { ...match, gateways: textsOf(match.gateways).map((name) => gatewayName(name, namespace)) };

/**
 * A route with the names of its destinations in full. A short name belongs to the namespace of the object where it
 * stands, which for a part that was handed on is not that of the object that hands it on.
 */
export function fullRoute(route: Fields, namespace: string, domain: string): Fields {
  const full = (destination: unknown): Fields => {
    const fields = fieldsOf(destination);
    const host = textOf(fields.host);
    return host === undefined ? fields : { ...fields, host: fullHost(host, namespace, domain) };
  };
  const entries = (list: unknown) =>
    fieldsIn(list).map((entry) =>
      entry.destination === undefined ? entry : { ...entry, destination: full(entry.destination) },
    );
  const { mirror, mirrors, route: targets } = route;
  return {
    ...route,
    ...(targets === undefined ? {} : { route: entries(targets) }),
    ...(mirror === undefined ? {} : { mirror: full(mirror) }),
    ...(mirrors === undefined ? {} : { mirrors: entries(mirrors) }),
  };
}
