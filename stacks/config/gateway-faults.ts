import { profiles } from "../../components/mesh/profiles";
import type { Fault } from "./faults";
import type { GatewayRouteConfig, GatewaysConfig } from "./gateways-schema";
import type { MeshConfig } from "./mesh-schema";

/** What the rest of the config says that matters to gateways. */
export interface GatewaySurroundings {
  readonly mesh: MeshConfig | false;
  /** Names of the entries of the secret key gatewayCertificates. */
  readonly certificates: readonly string[];
  /** Gateways and VirtualServices of applications, as `namespace/name`. */
  readonly taken: readonly string[];
}

type GatewayRule = (gateways: GatewaysConfig, around: GatewaySurroundings) => Fault[];

/** The first ingress gateway of a mesh, or of its profile. */
export const hasIngress = (mesh: MeshConfig): boolean =>
  (mesh.gateways ?? profiles[mesh.profile].gateways).some(({ direction }) => direction === "ingress");

const serversOf = ({ edge }: GatewaysConfig) => (edge === false ? [] : edge.servers);

/** Everything that leads to the mesh's gateway, by its path. */
const entrances = (gateways: GatewaysConfig) => [
  ...gateways.routes.map(({ name }, at) => ({ path: `gateways.routes[${at}]`, name })),
  ...serversOf(gateways).flatMap(({ name, upstream }, at) =>
    upstream === undefined ? [{ path: `gateways.edge.servers[${at}]`, name }] : [],
  ),
];

const needsIngress: GatewayRule = (gateways, { mesh }) => {
  if (mesh !== false && hasIngress(mesh)) return [];
  const [allowed, change] =
    mesh === false
      ? ["none without a mesh", "set mesh, or take it away"]
      : ["none without an ingress gateway", "name one in mesh.gateways, or take it away"];
  return entrances(gateways).map(({ path, name }) => ({ path, given: name, allowed, change }));
};

/** Names become those of Secrets beside the gateway, where all routes meet. */
const ownNames: GatewayRule = (gateways, { taken }) => [
  ...gateways.routes.flatMap(({ name, namespace }, at) => {
    const path = `gateways.routes[${at}].name`;
    const change = "rename one of the two";
    const first = gateways.routes.findIndex((other) => other.name === name);
    if (first < at) {
      const allowed = `a name of its own; gateways.routes[${first}] has this one`;
      return [{ path, given: name, allowed, change }];
    }
    if (!taken.includes(`${namespace}/${name}`)) return [];
    const allowed = `a name that no application's Gateway or VirtualService has in ${namespace}`;
    return [{ path, given: name, allowed, change }];
  }),
  ...serversOf(gateways).flatMap(({ name }, at, all) => {
    const first = all.findIndex((other) => other.name === name);
    const reserved = ["default", "connection-upgrade"].includes(name);
    if (first === at && !reserved) return [];
    const allowed = reserved
      ? "another name; a file of the edge nginx is called so"
      : `a name of its own; gateways.edge.servers[${first}] has this one`;
    return [{ path: `gateways.edge.servers[${at}].name`, given: name, allowed, change: "rename it" }];
  }),
];

type Mode = GatewayRouteConfig["mode"];

/** Every certificate that is asked for, by its path, with the names that it is for. */
const certificatesOf = (gateways: GatewaysConfig) => [
  ...gateways.routes.flatMap(({ hosts, mode }, at) =>
    certificateFields(mode).map(({ field, source }) => ({
      path: `gateways.routes[${at}]`,
      field: `mode.${field}`,
      hosts,
      source,
    })),
  ),
  ...serversOf(gateways).flatMap(({ hosts, tls }, at) =>
    tls === false
      ? []
      : [{ path: `gateways.edge.servers[${at}]`, field: "tls.certificate", hosts, source: tls.certificate }],
  ),
];

function certificateFields(mode: Mode) {
  if (mode.kind === "http") return [];
  if (mode.kind !== "passthrough") return [{ field: "certificate", source: mode.certificate }];
  return mode.application === undefined ? [] : [{ field: "application", source: mode.application }];
}

const knownEntries: GatewayRule = (gateways, { certificates }) =>
  certificatesOf(gateways).flatMap(({ path, field, source }) =>
    source.kind !== "given" || certificates.includes(source.entry)
      ? []
      : [
          {
            path: `${path}.${field}.entry`,
            given: source.entry,
            allowed: `an entry of the secret key gatewayCertificates: ${certificates.join(", ") || "none"}`,
            change: "add it there, or write kind: generated",
          },
        ],
  );

/** No certificate is for every name, and who goes by the name has to know it. */
const namedHosts: GatewayRule = (gateways) => {
  const generated = certificatesOf(gateways).filter(({ source }) => source.kind === "generated");
  const passing = gateways.routes.flatMap(({ hosts, mode }, at) =>
    mode.kind === "passthrough" ? [{ path: `gateways.routes[${at}]`, hosts }] : [],
  );
  const paths = [...generated, ...passing].filter(({ hosts }) => hosts.includes("*"));
  return [...new Set(paths.map(({ path }) => path))].map((path) => ({
    path: `${path}.hosts`,
    given: "*",
    allowed: "names such as shop.example.com or *.example.com with TLS that goes by the name",
    change: "name the hosts",
  }));
};

/** One Secret holds the certificate and the clients' authority: one owner makes both, or others make both. */
const oneOwner: GatewayRule = ({ routes }) =>
  routes.flatMap(({ mode }, at) =>
    mode.kind !== "mutual" || (mode.certificate.kind === "secret") === (mode.clients.kind === "secret")
      ? []
      : [
          {
            path: `gateways.routes[${at}].mode.clients.kind`,
            given: mode.clients.kind,
            allowed:
              mode.certificate.kind === "secret"
                ? "secret, as the certificate is in a Secret that others make"
                : "generated or given, as the Secret is made here",
            change: "let others make the Secret with both in it, or make both here",
          },
        ],
  );

/** TLS towards a Service is a rule about that Service: the gateway follows it for every route there. */
const ownBackend: GatewayRule = ({ routes }) => {
  const backendOf = ({ namespace, backend }: GatewayRouteConfig) =>
    `${backend.namespace ?? namespace}/${backend.service}:${backend.port}`;
  return routes.flatMap((route, at) => {
    const first = routes.findIndex(
      (other) =>
        backendOf(other) === backendOf(route) && [route, other].some(({ mode }) => mode.kind === "reencrypt"),
    );
    if (first === -1 || first >= at) return [];
    return [
      {
        path: `gateways.routes[${at}].backend`,
        given: backendOf(route),
        allowed: `a port of a Service without reencrypt on gateways.routes[${first}] or here: both would get its TLS`,
        change: "put the hosts into one route, or give one of the two a Service of its own",
      },
    ];
  });
};

const grpcHasTls: GatewayRule = (gateways) =>
  serversOf(gateways).flatMap(({ protocol, tls }, at) =>
    protocol !== "grpc" || (tls !== false && tls.redirect)
      ? []
      : [
          {
            path: `gateways.edge.servers[${at}].protocol`,
            given: "grpc",
            allowed: "http without TLS: on port 80 nginx cannot tell HTTP/2 from HTTP/1.1",
            change: "give it tls, with its redirect",
          },
        ],
  );

const livesNest: GatewayRule = ({ authority }) => {
  const { renewBeforeHours, validityHours, authorityValidityHours } = authority;
  if (renewBeforeHours < validityHours && validityHours < authorityValidityHours) return [];
  return [
    {
      path: "gateways.authority.validityHours",
      given: String(validityHours),
      allowed: `more than renewBeforeHours (${renewBeforeHours}), less than authorityValidityHours (${authorityValidityHours})`,
      change: "correct one of the three",
    },
  ];
};

const rules: readonly GatewayRule[] = [
  needsIngress,
  ownNames,
  knownEntries,
  namedHosts,
  oneOwner,
  ownBackend,
  grpcHasTls,
  livesNest,
];

/** Everything that is wrong with the gateways of a config. */
export const gatewayFaults = (gateways: GatewaysConfig, around: GatewaySurroundings): Fault[] =>
  rules.flatMap((rule) => rule(gateways, around));
