import { sysctlKey } from "../../components/hosts/kernel";
import { addressAt, contains, overlaps, prefixOf, sizeOf } from "../../components/lib/cidr";
import { planTrafficParts } from "../traffic";
import { trafficSurroundings } from "../traffic-site";
import { appFaults, appGateways } from "./app-faults";
import { type AddonSurroundings, addonFaults } from "./compat-addons";
import { type Fault, show } from "./faults";
import { gatewayFaults } from "./gateway-faults";
import type { Platform } from "./load";
import type { Config, HostRole } from "./schema";

/** A rule looks at the whole platform and answers with what is wrong, perhaps several times. */
type Rule = (platform: Platform) => Fault[];

const fault = (path: string, given: unknown, allowed: string, change: string): Fault => ({
  path,
  given: typeof given === "string" ? given : show(given),
  allowed,
  change,
});

function duplicates<T>(
  items: readonly T[],
  key: (item: T) => string,
): { first: number; second: number; value: string }[] {
  const seen = new Map<string, number>();
  return items.flatMap((item, second) => {
    const value = key(item);
    const first = seen.get(value);
    if (first === undefined) seen.set(value, second);
    return first === undefined ? [] : [{ first, second, value }];
  });
}

const uniqueNames: Rule = ({ members }) =>
  duplicates(members, (member) => member.name).map(({ first, second, value }) =>
    fault(
      `hosts.members[${second}].name`,
      value,
      `a name of its own; hosts.members[${first}] has this one`,
      "rename one of the two",
    ),
  );

const uniqueAddresses: Rule = ({ members }) =>
  duplicates(members, (member) => member.address).map(({ first, second, value }) =>
    fault(
      `hosts.members[${second}].address`,
      value,
      `an address of its own; hosts.members[${first}] has this one`,
      "correct one of the two",
    ),
  );

/** For an RSA key Pulumi's command provider asks for the signature by SHA-1 alone, which today's sshd does not give. */
const hostKeysAreSigned: Rule = ({ config: { hosts } }) => {
  if (hosts.kind !== "inventory") return [];
  const keys = [
    ...hosts.members.map(({ hostKey }, index) => ({ path: `hosts.members[${index}].hostKey`, hostKey })),
    ...(hosts.bastion ? [{ path: "hosts.bastion.hostKey", hostKey: hosts.bastion.hostKey }] : []),
  ];
  return keys
    .filter(({ hostKey }) => hostKey.startsWith("ssh-rsa "))
    .map(({ path }) =>
      fault(
        path,
        "an ssh-rsa key",
        "an ed25519 or ECDSA key: with RSA every connection would fail after all its attempts",
        "take the line of `ssh-keyscan -t ed25519,ecdsa HOST`; `ssh-keygen -A` on the machine makes missing ones",
      ),
    );
};

const having = ({ members }: Platform, role: HostRole) =>
  members.filter((member) => member.roles.includes(role));

/** Compositions that end before there is a cluster. */
const buildsCluster = ({ config }: Platform) =>
  config.composition !== "etcd" && config.composition !== "machines";

const enoughControlPlanes: Rule = (platform) => {
  if (!buildsCluster(platform)) return [];
  const all = having(platform, "controlPlane");
  const faults: Fault[] = [];
  if (all.length === 0 || all.length === 2) {
    faults.push(
      fault(
        "hosts.members",
        `${all.length} hosts with the role controlPlane`,
        "one control plane, or three and more: with two, an upgrade of one leaves the other alone",
        all.length === 0
          ? "give one host the role controlPlane"
          : "give a third host the role, or take one away",
      ),
    );
  }
  if (all.length > 0 && all.every(({ gone }) => gone)) {
    faults.push(
      fault(
        "hosts.members",
        "every control plane is marked gone",
        "a control plane that lives",
        "correct gone, or begin anew with a new stack and a snapshot of etcd",
      ),
    );
  }
  return faults;
};

/** With several control planes the address of one of them would take the cluster down with that host. */
const severalNeedAnEndpoint: Rule = (platform) => {
  const count = having(platform, "controlPlane").length;
  if (count < 2 || platform.endpoint.kind !== "firstControlPlane") return [];
  return [
    fault(
      "kubernetes.controlPlaneEndpoint.kind",
      "firstControlPlane",
      `external, haproxy or kubeVip with ${count} control planes: the first would be the only way in`,
      "take haproxy, or name your load balancer with external",
    ),
  ];
};

const endpointIsFree: Rule = ({ config, members, endpoint, sandboxCidr }) => {
  if (endpoint.kind !== "haproxy" && endpoint.kind !== "kubeVip") return [];
  const path = "kubernetes.controlPlaneEndpoint.address";
  const faults: Fault[] = [];
  const holder = members.findIndex(({ address }) => address === endpoint.address);
  if (endpoint.address === "") {
    faults.push(fault(path, "nothing", "a free address of the hosts' network", "name one"));
  } else if (holder >= 0) {
    faults.push(
      fault(
        path,
        endpoint.address,
        `a free address; hosts.members[${holder}] has this one`,
        "name another one",
      ),
    );
  } else if (sandboxCidr !== undefined && !contains(sandboxCidr, endpoint.address)) {
    faults.push(
      fault(
        path,
        endpoint.address,
        `an address of the sandbox's network (${sandboxCidr})`,
        "name another one",
      ),
    );
  }
  if (endpoint.kind === "haproxy" && endpoint.port === config.kubernetes.bindPort) {
    faults.push(
      fault(
        "kubernetes.controlPlaneEndpoint.port",
        endpoint.port,
        `another port than kubernetes.bindPort (${config.kubernetes.bindPort}), on which the API server of the same host listens`,
        "take 8443",
      ),
    );
  }
  return faults;
};

const etcdMembers: Rule = (platform) => {
  const { kind } = platform.config.etcd;
  const all = having(platform, "etcd");
  if (kind === "kubeadm") {
    return all.length === 0
      ? []
      : [
          fault(
            "etcd.kind",
            "kubeadm",
            `external, since ${all.length} hosts have the role etcd`,
            "take the role from the hosts, or etcd.kind: kubeadm out",
          ),
        ];
  }
  if (all.length === 0 && platform.config.composition === "machines") return [];
  const gone = all.filter((member) => member.gone).length;
  // A dead one is still listed for a run, alone or beside its successor.
  if (all.length % 2 === 0 && (all.length - gone) % 2 === 0) {
    return [
      fault(
        "hosts.members",
        `${all.length} hosts with the role etcd`,
        "an odd number of etcd members: an even one tolerates no more failures than one less",
        all.length === 0
          ? "give the control plane the role etcd too"
          : `use ${all.length - 1} or ${all.length + 1}`,
      ),
    ];
  }
  if (gone * 2 < all.length) return [];
  return [
    fault(
      "hosts.members",
      `${gone} of ${all.length} etcd members marked gone`,
      "less than half of them: without a majority nobody can be removed",
      "bring hosts back, or restore a snapshot as docs/etcd.md says",
    ),
  ];
};

/** A leader that is late by a few heartbeats must not be taken for dead. */
const electionOutlastsHeartbeats: Rule = ({ config }) => {
  const { heartbeatInterval = 100, electionTimeout = 1000 } = config.etcd;
  if (electionTimeout >= 5 * heartbeatInterval) return [];
  return [
    fault(
      "etcd.electionTimeout",
      electionTimeout,
      `at least five times etcd.heartbeatInterval (${heartbeatInterval})`,
      `raise it to ${10 * heartbeatInterval}`,
    ),
  ];
};

const issuerIsTrusted: Rule = ({ config }) => {
  const { trusted, issuing } = config.pki.etcdAuthorities;
  const twice = duplicates(trusted, String).map(({ second, value }) =>
    fault(`pki.etcdAuthorities.trusted[${second}]`, value, "each number once", "remove one of the two"),
  );
  if (trusted.includes(issuing)) return twice;
  return [
    ...twice,
    fault(
      "pki.etcdAuthorities.issuing",
      issuing,
      `one of pki.etcdAuthorities.trusted (${trusted.join(", ")})`,
      "trust it first, with an `up` of its own, then let it issue",
    ),
  ];
};

const workersAreWorkers: Rule = ({ members }) =>
  members.flatMap((member, index) =>
    member.roles.includes("worker") && member.roles.includes("controlPlane")
      ? [
          fault(
            `hosts.members[${index}].roles`,
            member.roles,
            "either controlPlane or worker",
            "drop one of the two roles",
          ),
        ]
      : [],
  );

const disjointNetworks: Rule = ({ config, members, sandboxCidr }) => {
  const networks: readonly (readonly [path: string, cidr: string])[] = [
    ["kubernetes.podSubnet", config.kubernetes.podSubnet],
    ["kubernetes.serviceSubnet", config.kubernetes.serviceSubnet],
    ...(sandboxCidr === undefined ? [] : [["hosts.network.cidr", sandboxCidr] as const]),
  ];
  const between = networks.flatMap(([path, cidr], index) =>
    networks
      .slice(index + 1)
      .filter(([, other]) => overlaps(cidr, other))
      .map(([otherPath, other]) =>
        fault(
          otherPath,
          other,
          `a network apart from ${path} (${cidr})`,
          "choose another network, or a longer prefix for one of the two",
        ),
      ),
  );
  // A host inside the pod or service network would be unreachable from pods, which route that network elsewhere.
  const hosts = members.flatMap((member, index) =>
    networks
      .filter(([path, cidr]) => path.startsWith("kubernetes.") && contains(cidr, member.address))
      .map(([path, cidr]) =>
        fault(
          `hosts.members[${index}].address`,
          member.address,
          `an address outside ${path} (${cidr})`,
          `move ${path} to another network`,
        ),
      ),
  );
  return [...between, ...hosts];
};

/** The sandbox's bridge has the first address; interface and machine names leave 40 characters for a host's. */
const sandboxHostsFit: Rule = ({ members, sandboxCidr }) => {
  if (sandboxCidr === undefined) return [];
  const prefix = prefixOf(sandboxCidr);
  const reserved = [
    addressAt(sandboxCidr, 0),
    addressAt(sandboxCidr, 1),
    addressAt(sandboxCidr, sizeOf(sandboxCidr) - 1),
  ];
  const network =
    prefix >= 16 && prefix <= 29
      ? []
      : [
          fault(
            "hosts.network.cidr",
            sandboxCidr,
            "a prefix length from 16 to 29",
            "choose another prefix length",
          ),
        ];
  const hosts = members.flatMap(({ name, address }, index) => [
    ...(name.length <= 40
      ? []
      : [
          fault(
            `hosts.members[${index}].name`,
            name,
            "at most 40 characters on a sandbox",
            "shorten the name",
          ),
        ]),
    ...(reserved.includes(address)
      ? [
          fault(
            `hosts.members[${index}].address`,
            address,
            "neither the network's, the gateway's nor the broadcast address",
            "choose another address",
          ),
        ]
      : []),
  ]);
  return [...network, ...hosts];
};

const addressesInSandbox: Rule = ({ members, sandboxCidr }) =>
  sandboxCidr === undefined
    ? []
    : members.flatMap((member, index) =>
        contains(sandboxCidr, member.address)
          ? []
          : [
              fault(
                `hosts.members[${index}].address`,
                member.address,
                `an address in hosts.network.cidr (${sandboxCidr})`,
                "correct the address or the network",
              ),
            ],
      );

const podCidrIsFlannels: Rule = ({ config }) => {
  const own = config.network.flannel.podCidr;
  if (own === undefined || own === config.kubernetes.podSubnet) return [];
  return [
    fault(
      "network.flannel.podCidr",
      own,
      `kubernetes.podSubnet (${config.kubernetes.podSubnet})`,
      "leave network.flannel.podCidr out, or make the two equal",
    ),
  ];
};

/** flannel takes a /24 per node from the pod subnet. */
const podSubnetHoldsNodes: Rule = ({ config, members }) => {
  const prefix = prefixOf(config.kubernetes.podSubnet);
  const capacity = prefix > 24 ? 0 : 2 ** (24 - prefix);
  if (members.length <= capacity) return [];
  return [
    fault(
      "kubernetes.podSubnet",
      config.kubernetes.podSubnet,
      `room for a /24 per host; it holds ${capacity} and there are ${members.length} hosts`,
      "choose a shorter prefix",
    ),
  ];
};

/** The API server reserves service addresses by bitmap; it refuses networks of more than 2^20 addresses at start. */
const serviceSubnetSize: Rule = ({ config }) => {
  const prefix = prefixOf(config.kubernetes.serviceSubnet);
  if (prefix >= 12 && prefix <= 28) return [];
  return [
    fault(
      "kubernetes.serviceSubnet",
      config.kubernetes.serviceSubnet,
      "a prefix length from 12 to 28",
      "choose another prefix length",
    ),
  ];
};

const sysctlKeysOnce: Rule = ({ config }) => {
  const keys = Object.keys(config.nodes.sysctl);
  return duplicates(keys, sysctlKey).map(({ first, second, value }) =>
    fault(
      `nodes.sysctl.${keys[second]}`,
      keys[second] ?? "",
      `each key once; ${keys[first]} is ${value} too`,
      "remove one of the two",
    ),
  );
};

const leavesWithinAuthority: Rule = ({ config }) =>
  config.pki.leafValidityHours > config.pki.authorityValidityHours
    ? [
        fault(
          "pki.leafValidityHours",
          config.pki.leafValidityHours,
          `at most pki.authorityValidityHours (${config.pki.authorityValidityHours})`,
          "shorten the leaf or lengthen the authority",
        ),
      ]
    : [];

const renewBeforeEnd: Rule = ({ config }) =>
  config.pki.renewBeforeHours >= config.pki.leafValidityHours
    ? [
        fault(
          "pki.renewBeforeHours",
          config.pki.renewBeforeHours,
          `less than pki.leafValidityHours (${config.pki.leafValidityHours})`,
          "lower it, or every `up` renews the leaves",
        ),
      ]
    : [];

/** What the rules about add-ons and their versions look at. */
export function addonSurroundings(config: Config, members: Platform["members"]): AddonSurroundings {
  return {
    istio: config.mesh === false ? undefined : config.mesh.version,
    kubernetesVersion: config.kubernetes.version,
    nodes: nodesOf(members),
    sysctl: config.nodes.sysctl,
    tracing: config.mesh !== false && config.mesh.tracing !== false,
    sharedKernel: config.hosts.kind === "sandbox" || config.hosts.sharedKernel,
  };
}

/** Hosts that run pods and live. */
const nodesOf = (members: Platform["members"]) =>
  members.filter(({ gone, roles }) => !gone && roles.some((role) => role !== "etcd")).map(({ name }) => name);

const addonsFit: Rule = ({ config, members }) =>
  addonFaults(config.addons, addonSurroundings(config, members));

const appsFit: Rule = ({ config, members, droneGiteaClientSecret }) =>
  appFaults(config.apps, {
    mesh: config.mesh !== false,
    nodes: nodesOf(members),
    droneGiteaClientSecret: droneGiteaClientSecret !== undefined,
  });

const gatewaysFit: Rule = ({ config, gatewayCertificates }) =>
  gatewayFaults(config.gateways, {
    mesh: config.mesh,
    certificates: Object.keys(gatewayCertificates),
    taken: appGateways(config.apps),
  });

const trafficFits: Rule = (platform) => [
  ...planTrafficParts(platform.config.traffic, trafficSurroundings(platform)).faults,
];

/** All cross-field rules. Every one is asked, so one run tells everything. */
export const rules: readonly Rule[] = [
  uniqueNames,
  uniqueAddresses,
  hostKeysAreSigned,
  enoughControlPlanes,
  severalNeedAnEndpoint,
  endpointIsFree,
  etcdMembers,
  electionOutlastsHeartbeats,
  workersAreWorkers,
  addressesInSandbox,
  sandboxHostsFit,
  disjointNetworks,
  podCidrIsFlannels,
  podSubnetHoldsNodes,
  serviceSubnetSize,
  sysctlKeysOnce,
  leavesWithinAuthority,
  renewBeforeEnd,
  issuerIsTrusted,
  addonsFit,
  appsFit,
  gatewaysFit,
  trafficFits,
];
