import { type Catalogue, type Draft, defineCheck } from "../lib/checks";
import { fieldOf, isUnknown, itemsAt, numberAt, textAt } from "../lib/fields";
import type { Check, Finding } from "../lib/findings";
import type { ObjectIndex } from "../lib/object-index";
import { type KubeObject, titleOf } from "../lib/objects";

/** Ports of nodes that Services may have, both ends included; the API server's `--service-node-port-range`. */
export interface NodePortRange {
  readonly first: number;
  readonly last: number;
}

/** What an API server takes that is told nothing. */
export const defaultNodePortRange: NodePortRange = { first: 30000, last: 32767 };

export const nodePortCodes = {
  MP0301: { severity: "error", title: "node port outside the API server's range" },
  MP0302: { severity: "error", title: "node port that two Services want" },
  MP0303: { severity: "error", title: "node port on a Service whose type has none" },
  MP0304: { severity: "error", title: "healthCheckNodePort without a load balancer and Local" },
} as const satisfies Catalogue;

type Code = keyof typeof nodePortCodes;

/** The flag `30000-32767` as numbers; undefined is the default. */
export function parseNodePortRange(flag: string | undefined): NodePortRange {
  if (flag === undefined) return defaultNodePortRange;
  const [, first, last] = /^(\d+)-(\d+)$/.exec(flag) ?? [];
  if (first === undefined || last === undefined || Number(first) > Number(last)) {
    throw new Error(
      `service-node-port-range is ${flag}; allowed is FIRST-LAST such as 30000-32767; correct the flag`,
    );
  }
  return { first: Number(first), last: Number(last) };
}

interface Claim {
  readonly port: number;
  readonly protocol: string;
  readonly path: string;
}

/** Every port of nodes that a Service asks for by number. */
function claimsOf(service: KubeObject): Claim[] {
  const ports = itemsAt(service, "spec.ports").flatMap((path) => {
    const port = numberAt(service, `${path}.nodePort`);
    const protocol = textAt(service, `${path}.protocol`) ?? "TCP";
    return port === undefined ? [] : [{ port, protocol, path: `${path}.nodePort` }];
  });
  const health = numberAt(service, "spec.healthCheckNodePort");
  return health === undefined
    ? ports
    : [...ports, { port: health, protocol: "TCP", path: "spec.healthCheckNodePort" }];
}

/** Claims of another Service. What is unknown in it is told where that Service itself is looked at. */
function knownClaims(service: KubeObject): Claim[] {
  const spec = service.spec;
  if (isUnknown(spec) || typeof spec !== "object" || spec === null) return [];
  try {
    return claimsOf(service);
  } catch {
    return [];
  }
}

function outside(claims: readonly Claim[], { first, last }: NodePortRange): Draft<Code>[] {
  return claims
    .filter(({ port }) => port < first || port > last)
    .map(({ port, path }) => ({
      code: "MP0301",
      path,
      message: `node port ${port} is outside ${first}-${last}: the API server refuses the Service`,
      change: `take one from ${first} to ${last}, or widen service-node-port-range of the API server`,
    }));
}

/** Clashes with the Services before this one, and within it; so that each pair is told once. */
function clashes(service: KubeObject, claims: readonly Claim[], index: ObjectIndex): Draft<Code>[] {
  if (claims.length === 0) return [];
  const all = index.ofKind("Service");
  const before = all
    .slice(0, all.indexOf(service))
    .flatMap((other) => knownClaims(other).map((claim) => ({ ...claim, owner: `${titleOf(other)}, ` })));
  return claims.flatMap((claim, place) => {
    const own = claims.slice(0, place).map((other) => ({ ...other, owner: "" }));
    const other = [...before, ...own].find(
      ({ port, protocol }) => port === claim.port && protocol === claim.protocol,
    );
    if (other === undefined) return [];
    return [
      {
        code: "MP0302" as const,
        path: claim.path,
        message: `node port ${claim.port} is taken by ${other.owner}${other.path}: the API server refuses the second`,
        change: "give one of the two another port, or leave it out and let the cluster choose",
      },
    ];
  });
}

function misplaced(service: KubeObject, claims: readonly Claim[]): Draft<Code>[] {
  const type = textAt(service, "spec.type") ?? "ClusterIP";
  const policy = textAt(service, "spec.externalTrafficPolicy") ?? "Cluster";
  return claims.flatMap(({ port, path }): Draft<Code>[] => {
    const health = path === "spec.healthCheckNodePort";
    if (health && !(type === "LoadBalancer" && policy === "Local"))
      return [
        {
          code: "MP0304",
          path,
          message: `healthCheckNodePort ${port} with type ${type} and externalTrafficPolicy ${policy}: the API server refuses it`,
          change: "use type LoadBalancer with externalTrafficPolicy Local, or remove the field",
        },
      ];
    if (health || type === "NodePort" || type === "LoadBalancer") return [];
    return [
      {
        code: "MP0303",
        path,
        message: `node port ${port} with type ${type}: the API server refuses it`,
        change: "expose it as nodePort, or remove the port of the nodes",
      },
    ];
  });
}

/** Looks at every Service that the program declares. */
export const nodePortCheck = (range: NodePortRange = defaultNodePortRange): Check =>
  defineCheck(nodePortCodes, {
    codes: ["MP0301", "MP0302", "MP0303", "MP0304"],
    over: (index) => index.ofKind("Service"),
    look: (service, index) => {
      // An unknown spec is said as such instead of passing for one without ports.
      fieldOf(service, "spec.ports");
      const claims = claimsOf(service);
      return [...outside(claims, range), ...clashes(service, claims, index), ...misplaced(service, claims)];
    },
  });

/** The same, over a list of objects. */
export const checkNodePorts = (
  objects: readonly KubeObject[],
  range: NodePortRange = defaultNodePortRange,
): Finding[] => nodePortCheck(range)(objects);
