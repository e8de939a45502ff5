import { titleOf } from "../../components/lib/objects";
import { isNeverInjected } from "../../components/mesh/namespace";
import { type PlannedApp, planApps } from "../app-plan";
import type { AppsConfig } from "./apps-schema";
import type { Fault } from "./faults";

/** What the rest of the config says that matters to applications. */
export interface AppSurroundings {
  /** Whether there is a mesh. */
  readonly mesh: boolean;
  /** Names of the cluster's nodes. */
  readonly nodes: readonly string[];
  /** Whether the secret key droneGiteaClientSecret is set. */
  readonly droneGiteaClientSecret: boolean;
}

type AppRule = (apps: AppsConfig, plans: readonly PlannedApp[], around: AppSurroundings) => Fault[];

const needsMesh: AppRule = (_apps, plans, { mesh }) => {
  if (mesh || plans.length === 0) return [];
  const given = plans.map(({ path }) => path).join(", ");
  return [{ path: "apps", given, allowed: "none without a mesh", change: "set mesh, or take these away" }];
};

/** Entries whose key an earlier one has too. */
function repeated<T>(items: readonly T[], key: (item: T) => string): { item: T; first: T }[] {
  const seen = new Map<string, T>();
  return items.flatMap((item) => {
    const first = seen.get(key(item));
    if (first === undefined) seen.set(key(item), item);
    return first === undefined ? [] : [{ item, first }];
  });
}

/** Istio would take one of the two Gateways and say nothing. */
const ownHosts: AppRule = (_apps, plans) => {
  const hosts = plans.flatMap(({ path, hosts }) => hosts.map((host) => ({ path, host })));
  return repeated(hosts, ({ host }) => host).map(({ item, first }) => ({
    path: `apps.${item.path}.hosts`,
    given: item.host,
    allowed: `a host of its own; apps.${first.path} has this one`,
    change: "give one of the two another host",
  }));
};

/** Only names matter here. */
const anyMesh = {
  version: "1.22.0",
  ingress: { namespace: "", selector: { istio: "ingressgateway" }, service: "" },
};

/** Two objects of one name would overwrite each other in turn. */
const ownObjects: AppRule = (_apps, plans) => {
  const objects = plans.flatMap((plan) =>
    plan.render({ mesh: anyMesh }).map((object) => ({ plan, title: titleOf(object) })),
  );
  const clashes = repeated(objects, ({ title }) => title);
  // One sentence per application is enough: the others say the same.
  const later = clashes.filter(
    ({ item }, at) => clashes.findIndex((one) => one.item.plan === item.plan) === at,
  );
  return later.map(clashFault);
};

/** Gateways and VirtualServices of the applications, as `namespace/name`. */
export const appGateways = (apps: AppsConfig): string[] =>
  planApps(apps)
    .flatMap((plan) => plan.render({ mesh: anyMesh }))
    .filter(({ kind }) => kind === "Gateway" || kind === "VirtualService")
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

const clashFault = ({
  item,
  first,
}: {
  item: { plan: PlannedApp; title: string };
  first: { plan: PlannedApp };
}): Fault => ({
  path: `apps.${item.plan.path}.namespace`,
  given: item.plan.namespace,
  allowed: `a namespace without ${item.title}, which apps.${first.plan.path} makes`,
  change: "put one of the two into another namespace",
});

const knownNamespaces: AppRule = ({ injection }, plans) =>
  Object.keys(injection)
    .filter((name) => plans.every(({ namespace }) => namespace !== name))
    .map((name) => ({
      path: `apps.injection.${name}`,
      given: name,
      allowed: `a namespace of an application: ${[...new Set(plans.map(({ namespace }) => namespace))].join(", ")}`,
      change: "correct the name, or take the line away",
    }));

const injectable: AppRule = ({ injection }) =>
  Object.entries(injection)
    .filter(([name, choice]) => isNeverInjected(name) && choice !== "disabled")
    .map(([name, choice]) => ({
      path: `apps.injection.${name}`,
      given: typeof choice === "string" ? choice : choice.revision,
      allowed: "disabled: Istio never injects this namespace",
      change: "put the application into a namespace of its own",
    }));

const knownNodes: AppRule = ({ delivery }, _plans, { nodes }) => {
  if (delivery === false) return [];
  const { persistence, databasePersistence, drone } = delivery;
  const places = [
    ["persistence", persistence],
    ["databasePersistence", databasePersistence],
    ...(drone === false ? [] : [["drone.persistence", drone.persistence] as const]),
  ] as const;
  return places.flatMap(([path, place]) =>
    place.kind !== "hostPath" || nodes.includes(place.node)
      ? []
      : [
          {
            path: `apps.delivery.${path}.node`,
            given: place.node,
            allowed: `a node of the cluster: ${nodes.join(", ")}`,
            change: "name the node whose disk is meant",
          },
        ],
  );
};

const droneSecret: AppRule = ({ delivery }, _plans, { droneGiteaClientSecret }) =>
  delivery === false || delivery.drone === false || droneGiteaClientSecret
    ? []
    : [
        {
          path: "droneGiteaClientSecret",
          given: "nothing",
          allowed: "the secret of the OAuth2 application whose id is apps.delivery.drone.clientId",
          change: "npm run pulumi -- config set --secret droneGiteaClientSecret, with what Gitea showed",
        },
      ];

const rules: readonly AppRule[] = [
  needsMesh,
  ownHosts,
  ownObjects,
  knownNamespaces,
  injectable,
  knownNodes,
  droneSecret,
];

/** Everything that is wrong with the applications of a config. */
export function appFaults(apps: AppsConfig, around: AppSurroundings): Fault[] {
  const plans = planApps(apps);
  return rules.flatMap((rule) => rule(apps, plans, around));
}
