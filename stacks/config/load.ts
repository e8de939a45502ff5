import * as pulumi from "@pulumi/pulumi";
import { sharedKernelProfile } from "../../components/hosts/profile";
import { addressAt, sizeOf } from "../../components/lib/cidr";
import type { Exposure } from "../../components/mesh/exposure";
import { resolveExposure } from "../../components/mesh/exposure-checks";
import type { CertificatePems } from "../../components/mesh/gateway-modes";
import type { TierName } from "../../components/traffic/tiers";
import { layer, withPreset } from "../presets/presets";
import { type Reach, type Settled, settle } from "../settle";
import { type Finding, untestedSet } from "./compat";
import { addonVersionFindings, addonWarnings } from "./compat-addons";
import { istioFindings } from "./compat-istio";
import { checkKubernetes } from "./compat-kubernetes";
import { networkFindings } from "./compat-network";
import { checkRuntime } from "./compat-runtime";
import { ConfigError, type Fault, toFaults } from "./faults";
import { gatewayCertificates as gatewayCertificatesSchema } from "./gateways-schema";
import { addonSurroundings, rules } from "./rules";
import { type Config, config as configSchema, type HostRole, type Taint } from "./schema";
import { CERTIFICATES, isSecret, NAMESPACE, type SecretKey } from "./secret-keys";
import { type AutoSource, type Source, sourceOf } from "./source";
import { tierOf } from "./tier";
import { type ServedVersions, versionFaults, versionWarnings } from "./version-faults";
import { versionDefaults } from "./versions";

type HaproxyEndpoint = Extract<Config["kubernetes"]["controlPlaneEndpoint"], { kind: "haproxy" }>;

/** How everyone reaches the API servers, with every address filled in. */
export type Endpoint =
  | Exclude<Config["kubernetes"]["controlPlaneEndpoint"], HaproxyEndpoint>
  | (HaproxyEndpoint & { readonly address: string });

/** A machine of the platform, whatever its kind. */
export interface Member {
  readonly name: string;
  /** Address by which the other machines reach it. */
  readonly address: string;
  readonly roles: readonly HostRole[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[] | undefined;
  /** How often the machine was made anew, counted from 1. */
  readonly generation: number;
  /** Dead for good: nothing runs on it any more. */
  readonly gone: boolean;
}

/** The config with every default filled in and everything that decides which resources exist worked out. */
export interface Platform {
  readonly stack: string;
  readonly config: Config;
  /** Where artifacts come from: `config.artifacts.kind` with `auto` settled. */
  readonly source: Source;
  /** What the stack is for: given, or as the composition says. */
  readonly tier: TierName;
  readonly members: readonly Member[];
  /** Network of the disposable hosts; undefined for an inventory. */
  readonly sandboxCidr: string | undefined;
  readonly endpoint: Endpoint;
  readonly sshPrivateKey: pulumi.Output<string> | undefined;
  /** Of the OAuth2 application that Drone logs in by. */
  readonly droneGiteaClientSecret: pulumi.Output<string> | undefined;
  /** Of the Redis that traffic.rateLimits.service.redis names. */
  readonly rateLimitRedisPassword: pulumi.Output<string> | undefined;
  /** Certificates of others for the gateways, by name; the keys are secret. */
  readonly gatewayCertificates: Readonly<Record<string, CertificatePems>>;
  /** Sentences that are worth reading but stop nothing. */
  readonly warnings: readonly string[];
}

/** What the computer says; injected so that tests can be any computer. */
export interface Computer {
  /** Why disposable hosts cannot be made here; empty where they can. */
  sandboxProblems(): readonly string[];
  /** A network for them that is free here and stays the same from run to run. */
  sandboxCidr(): string;
  /** What the sandbox's own mirror holds, or will hold. */
  servedVersions(): ServedVersions;
}

/** The host part of the first sandbox address; the gateway is 1. A small network has no addresses to leave out. */
const firstHost = (cidr: string) => (sizeOf(cidr) < 32 ? 2 : 11);

/** The address that a sandbox gives to haproxy where the config names none; hosts begin after it. */
const VIRTUAL_HOST = 10;

type SandboxHosts = Extract<Config["hosts"], { kind: "sandbox" }>;

type ConfiguredMember = NonNullable<SandboxHosts["members"]>[number];

function generatedMembers(hosts: SandboxHosts): ConfiguredMember[] {
  const numbered = (count: number, name: string, roles: HostRole[]) =>
    Array.from({ length: count }, (_, index) => ({
      name: `${name}${index + 1}`,
      roles,
      labels: {},
      generation: 1,
      gone: false,
    }));
  return [
    ...numbered(hosts.controlPlanes, "cp", ["controlPlane", "etcd"]),
    ...numbered(hosts.workers, "worker", ["worker"]),
  ];
}

/**
 * Gives every sandbox host an address. A worker's address follows from its place in the list, so adding one at the
 * end moves none of the others.
 */
function sandboxMembers(hosts: SandboxHosts, cidr: string): Member[] {
  const taken = new Set(hosts.members?.flatMap((member) => member.address ?? []));
  let next = firstHost(cidr);
  const free = () => {
    while (next < sizeOf(cidr) - 1) {
      const address = addressAt(cidr, next++);
      if (!taken.has(address)) return address;
    }
    const faults = [
      {
        path: "hosts.network.cidr",
        given: cidr,
        allowed: "a network with an address for every host",
        change: "choose a shorter prefix",
      },
    ];
    throw new ConfigError(faults);
  };
  return (hosts.members ?? generatedMembers(hosts)).map((member) =>
    toMember(member, member.address ?? free()),
  );
}

const toMember = (member: ConfiguredMember, address: string): Member => ({
  name: member.name,
  address,
  roles: member.roles,
  labels: member.labels,
  taints: member.taints,
  generation: member.generation,
  gone: member.gone,
});

/** The endpoint with every address filled in; an address that is missing is left to the rules. */
function resolveEndpoint({ kubernetes }: Config, sandboxCidr: string | undefined): Endpoint {
  const endpoint = kubernetes.controlPlaneEndpoint;
  if (endpoint.kind !== "haproxy") return endpoint;
  const spare =
    sandboxCidr === undefined || sizeOf(sandboxCidr) < 32 ? "" : addressAt(sandboxCidr, VIRTUAL_HOST);
  return { ...endpoint, address: endpoint.address ?? spare };
}

/**
 * A plain config object over its preset, with every default. Versions that it leaves out are such as its source has;
 * where that is open it is `auto`. Throws one ConfigError with every fault of form.
 */
export function parseConfig(raw: unknown, auto: AutoSource = "upstream"): Config {
  const layered = isObject(raw) ? withPreset(raw) : raw;
  const withReleases = parseWith(layered, false);
  return sourceOf(withReleases, auto) === "sandbox" ? parseWith(layered, true) : withReleases;
}

function parseWith(layered: unknown, builtHere: boolean): Config {
  const whole = isObject(layered) ? layer(versionDefaults(layered, builtHere), layered) : layered;
  const parsed = configSchema.safeParse(whole);
  if (!parsed.success) throw new ConfigError(toFaults(parsed.error.issues, whole));
  return parsed.data;
}

type Secrets = Partial<Record<SecretKey, pulumi.Output<string>>> & {
  readonly gatewayCertificates?: Readonly<Record<string, CertificatePems>>;
};

/**
 * Checks a plain config object and works out the platform. `auto` is what an open source of artifacts came to. Throws
 * one ConfigError with every fault.
 */
export function resolvePlatform(
  raw: unknown,
  stack: string,
  computer: Computer,
  secrets: Secrets = {},
  auto: AutoSource = "upstream",
): Platform {
  const config = withExposures(parseConfig(raw, auto));
  const source = sourceOf(config, auto);
  const { hosts } = config;
  const sandboxCidr =
    hosts.kind === "inventory"
      ? undefined
      : hosts.network.cidr === "auto"
        ? computer.sandboxCidr()
        : hosts.network.cidr;
  const members =
    hosts.kind === "inventory" || sandboxCidr === undefined
      ? (hosts.members ?? []).map((member) => toMember(member, member.address ?? ""))
      : sandboxMembers(hosts, sandboxCidr);
  const findings = findingsOf(config, members);
  const platform: Platform = {
    stack,
    config,
    source,
    tier: tierOf(config),
    members,
    sandboxCidr,
    endpoint: resolveEndpoint(config, sandboxCidr),
    sshPrivateKey: secrets.sshPrivateKey,
    droneGiteaClientSecret: secrets.droneGiteaClientSecret,
    rateLimitRedisPassword: secrets.rateLimitRedisPassword,
    gatewayCertificates: secrets.gatewayCertificates ?? {},
    warnings: [
      ...findings
        .filter((finding) => finding.verdict === "untested")
        .map((finding) => `${finding.given} was not tested together (${finding.allowed}); ${finding.change}`),
      ...addonWarnings(config.addons, addonSurroundings(config, members)),
      ...versionWarnings(config, source),
    ],
  };
  const faults = [
    ...rules.flatMap((rule) => rule(platform)),
    ...findings.filter((finding) => finding.verdict === "impossible"),
    ...versionFaults(config, source, computer.servedVersions()),
    ...sandboxFaults(config, computer),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return platform;
}

/** The config with every exposure as it can be on this cluster: without a load balancer no address is waited for. */
function withExposures(config: Config): Config {
  const { loadBalancerImplementation } = config.network;
  const walk = (node: unknown, key = ""): unknown => {
    if (key === "expose") return resolveExposure(node as Exposure, loadBalancerImplementation);
    if (Array.isArray(node)) return node.map((item) => walk(item));
    if (!isObject(node)) return node;
    return Object.fromEntries(Object.entries(node).map(([name, inner]) => [name, walk(inner, name)]));
  };
  const { mesh, addons, apps } = config;
  return { ...config, ...(walk({ mesh, addons, apps }) as Pick<Config, "mesh" | "addons" | "apps">) };
}

const isObject = (raw: unknown): raw is Readonly<Record<string, unknown>> =>
  typeof raw === "object" && raw !== null && !Array.isArray(raw);

/** What the tables of versions say, each part's own and the set as a whole. */
function findingsOf(config: Config, members: readonly Member[]): Finding[] {
  const { kubernetes, etcd, runtime, network, hosts, mesh } = config;
  const sharesKernel = hosts.kind === "sandbox" || hosts.sharedKernel;
  const findings = [
    ...checkKubernetes({
      kubernetes: kubernetes.version,
      ...(etcd.kind === "external" ? { etcd: etcd.version } : {}),
      kubeProxy: network.kubeProxy,
      ownImageRepository: !["auto", "upstream"].includes(config.artifacts.kind),
    }),
    ...checkRuntime({ ...runtime, kubernetes: kubernetes.version }),
    ...networkFindings({
      kubernetesVersion: kubernetes.version,
      network,
      modulesLeftOut: sharesKernel ? sharedKernelProfile.modulesLeftOut : [],
    }),
    ...(mesh === false ? [] : istioFindings({ kubernetesVersion: kubernetes.version, mesh })),
    ...addonVersionFindings(config.addons, addonSurroundings(config, members)),
  ];
  if (findings.some(({ verdict }) => verdict === "impossible")) return findings;
  return [...findings, ...untestedSet(config)];
}

function sandboxFaults(config: Config, computer: Computer): Fault[] {
  if (config.hosts.kind !== "sandbox") return [];
  return computer.sandboxProblems().map((problem) => ({
    path: "hosts.kind",
    given: "sandbox",
    allowed: `on a computer that can hold disposable hosts: ${problem}`,
    change:
      "run `npm run setup` as root on Linux, or name machines of your own with hosts: { kind: inventory, members: [...] }",
  }));
}

/** Reads the stack's config: the only place that touches `pulumi.Config`. It asks the network where the source is open. */
export async function loadPlatform(computer: Computer, reach?: Reach): Promise<Platform> {
  const source = new pulumi.Config(NAMESPACE);
  const keys = Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(`${NAMESPACE}:`))
    .map((key) => key.slice(NAMESPACE.length + 1));
  const raw = Object.fromEntries(
    keys.filter((key) => !isSecret(key)).map((key) => [key, readValue(source, key)]),
  );
  const secrets = keys
    .filter((key) => isSecret(key) && key !== CERTIFICATES)
    .map((key) => [key, source.requireSecret(key)]);
  const stack = pulumi.getStack();
  const settled = await settle(parseConfig(raw), stack, reach);
  await sayWhy(settled);
  const all = { ...Object.fromEntries(secrets), gatewayCertificates: loadCertificates() };
  return resolvePlatform(raw, stack, computer, all, settled.auto);
}

async function sayWhy({ silent }: Settled): Promise<void> {
  if (silent.length > 0)
    await pulumi.log.info(
      `artifacts.kind is auto, and of upstream there was no answer from ${silent.join(", ")}`,
    );
}

/** The names have to be known here, the keys are secret from here on, whether they were set so or not. */
function loadCertificates(): Record<string, CertificatePems> {
  const text = pulumi.runtime.allConfig()[`${NAMESPACE}:${CERTIFICATES}`];
  if (text === undefined) return {};
  const parsed = gatewayCertificatesSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    // Without the value: it holds keys.
    const faults = toFaults(parsed.error.issues, {}, [CERTIFICATES]);
    throw new ConfigError(faults.map((fault) => ({ ...fault, given: "a value that is not shown" })));
  }
  return Object.fromEntries(
    Object.entries(parsed.data).map(([name, { certificate, privateKey }]) => [
      name,
      { certificate, privateKey: pulumi.secret(privateKey) },
    ]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Pulumi hands over scalars as text; objects, numbers and booleans are JSON, any other text is meant as it stands. */
function readValue(source: pulumi.Config, key: string): unknown {
  return parseJson(source.require(key));
}
