import { fullHost, within } from "./hosts";
import { reaches, type Site } from "./match";
import { type Fields, fieldsIn, fieldsOf, numberOf, specOf, textOf, textsOf } from "./objects";
import type { Rules } from "./virtual-services";

/** A route of connections: `spec.tcp[0]` or `spec.tls[0]`. */
export interface ConnectionRoute {
  readonly rules: Rules;
  readonly path: string;
  readonly fields: Fields;
}

const asMatch = (rules: Rules, path: string, fields: Fields) => ({ object: rules.object, path, fields });

function first(
  rules: Rules,
  kind: "tcp" | "tls",
  site: Site,
  sni: string | undefined,
): ConnectionRoute | undefined {
  for (const [place, fields] of fieldsIn(specOf(rules.object)[kind]).entries()) {
    const path = `spec.${kind}[${place}]`;
    const matches = fieldsIn(fields.match);
    const fits = matches.some(
      (match, at) =>
        reaches(asMatch(rules, `${path}.match[${at}]`, match), rules, site) &&
        (kind === "tcp" || textsOf(match.sniHosts).some((host) => within(sni ?? "", host.toLowerCase()))),
    );
    if (fits || (kind === "tcp" && matches.length === 0)) return { rules, path, fields };
  }
  return undefined;
}

/** The route of a connection: by its TLS name where it has one, else by what it connects to. */
export function connectionRoute(
  bound: readonly Rules[],
  host: string,
  site: Site,
  sni: string | undefined,
): ConnectionRoute | undefined {
  const kinds = sni === undefined ? (["tcp"] as const) : (["tls", "tcp"] as const);
  for (const kind of kinds)
    for (const rules of bound) {
      if (!rules.hosts.some((name) => within(host, name))) continue;
      const found = first(rules, kind, site, sni);
      if (found !== undefined) return found;
    }
  return undefined;
}

export interface Weighted {
  /** Field of the destination, from the object's root. */
  readonly path: string;
  readonly host: string;
  readonly subset: string | undefined;
  readonly port: number | undefined;
  readonly probability: number;
  /** The entry of the route. */
  readonly fields: Fields;
}

/** Where a destination leads. */
export const destinationOf = (given: unknown, namespace: string, domain: string) => {
  const { host, subset, port } = fieldsOf(given);
  return {
    host: fullHost(textOf(host) ?? "", namespace, domain),
    subset: textOf(subset) || undefined,
    port: numberOf(fieldsOf(port).number),
  };
};

/** Destinations of a route with their shares. A single one gets everything, whatever its weight. */
export function weighted(route: unknown, path: string, namespace: string, domain: string): Weighted[] {
  const list = fieldsIn(route);
  const weightOf = (fields: Fields) => (list.length === 1 ? 1 : (numberOf(fields.weight) ?? 0));
  const total = list.reduce((sum, fields) => sum + weightOf(fields), 0);
  return list.flatMap((fields, place) => {
    const weight = weightOf(fields);
    if (weight === 0) return [];
    return [
      {
        ...destinationOf(fields.destination, namespace, domain),
        path: `${path}.route[${place}]`,
        probability: weight / total,
        fields,
      },
    ];
  });
}
