import type { DestinationRule, Placed } from "./destination-rules";
import { type Fields, fieldsIn, fieldsOf, numberOf } from "./objects";

/** Fields of a trafficPolicy that come to stand on their own. */
const kinds = [
  "loadBalancer",
  "connectionPool",
  "outlierDetection",
  "tls",
  "tunnel",
  "proxyProtocol",
] as const;
export type PolicyKind = (typeof kinds)[number];

/** What counts for one destination, each with the place that said so. */
export type Policies = Readonly<Partial<Record<PolicyKind, Placed>>>;

interface Layer {
  readonly policy: Placed;
  /** What a port's settings leave unsaid is Istio's default, not what stands above them. */
  readonly wholesale: boolean;
}

function layerOf(policy: Placed | undefined, port: number): Layer | undefined {
  if (policy === undefined) return undefined;
  const list = fieldsIn(policy.fields.portLevelSettings);
  const place = list.findIndex((entry) => numberOf(fieldsOf(entry.port).number) === port);
  const own = list[place];
  if (own === undefined) return { policy, wholesale: false };
  const path = `${policy.path}.portLevelSettings[${place}]`;
  return { policy: { object: policy.object, path, fields: own }, wholesale: true };
}

const below = ({ object, path, fields }: Placed, key: string): Placed | undefined =>
  fields[key] === undefined ? undefined : { object, path: `${path}.${key}`, fields: fieldsOf(fields[key]) };

const policyOfSubset = (subset: Placed | undefined): Placed | undefined =>
  subset === undefined ? undefined : below(subset, "trafficPolicy");

/** The trafficPolicy of a destination: its subset's over its host's, a port's over the rest. */
export function policiesOf(
  rule: DestinationRule | undefined,
  subset: string | undefined,
  port: number,
): Policies {
  const wide = layerOf(rule?.policy, port);
  const narrow = layerOf(policyOfSubset(rule?.subsets.get(subset ?? "")), port);
  const found: Partial<Record<PolicyKind, Placed>> = {};
  for (const kind of kinds) {
    const own = narrow === undefined ? undefined : below(narrow.policy, kind);
    const inherited = wide === undefined ? undefined : below(wide.policy, kind);
    const falls = narrow?.wholesale === true && kind !== "tunnel" && kind !== "proxyProtocol";
    const value = own ?? (falls ? undefined : inherited);
    if (value !== undefined) found[kind] = value;
  }
  return found;
}

const flat = (fields: Fields, prefix = ""): string[] =>
  Object.entries(fields).flatMap(([key, value]) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flat(fieldsOf(value), `${prefix}${key}.`)
      : [`${prefix}${key} ${Array.isArray(value) ? JSON.stringify(value) : String(value)}`],
  );

/** `tcp.maxConnections 1, http.http1MaxPendingRequests 1`. */
export const showPolicy = ({ fields }: Placed): string => flat(fields).join(", ") || "empty";
