import { sysctlKey } from "../../components/hosts/kernel";
import { addressAt, contains, overlaps, prefixOf, sizeOf } from "../../components/lib/cidr";
import { type Fault, show } from "./faults";
import type { Platform } from "./load";

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

const oneControlPlane: Rule = ({ members }) => {
  const count = members.filter((member) => member.roles.includes("controlPlane")).length;
  if (count === 1) return [];
  return [
    fault(
      "hosts.members",
      `${count} hosts with the role controlPlane`,
      "exactly one first control plane",
      count === 0
        ? "give one host the role controlPlane"
        : "leave the role with one host; several control planes are not built yet",
    ),
  ];
};

const oddEtcd: Rule = ({ members }) => {
  const count = members.filter((member) => member.roles.includes("etcd")).length;
  if (count % 2 === 1) return [];
  return [
    fault(
      "hosts.members",
      `${count} hosts with the role etcd`,
      "an odd number of etcd members: an even one tolerates no more failures than one less",
      count === 0 ? "give the control plane the role etcd too" : `use ${count - 1} or ${count + 1}`,
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
  const own = config.network.podCidr;
  if (own === undefined || own === config.kubernetes.podSubnet) return [];
  return [
    fault(
      "network.podCidr",
      own,
      `kubernetes.podSubnet (${config.kubernetes.podSubnet})`,
      "leave network.podCidr out, or make the two equal",
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

/** All cross-field rules. Every one is asked, so one run tells everything. */
export const rules: readonly Rule[] = [
  uniqueNames,
  uniqueAddresses,
  oneControlPlane,
  oddEtcd,
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
];
