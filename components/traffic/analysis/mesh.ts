import { parse } from "yaml";
import { isUnknown } from "../../lib/fields";
import { isExternal, type ObjectIndex } from "../../lib/object-index";
import { namespaceOf } from "../../lib/workloads";
import { gather } from "./define";
import { rootOf } from "./field";

/** What Istio's own config says, as far as it is declared. */
export interface MeshSettings {
  readonly rootNamespace: string;
  /** False where DestinationRules have to ask for mutual TLS. */
  readonly autoMtls: boolean;
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
  /** Names of extension providers; undefined where the config is not declared. */
  readonly providers: readonly string[] | undefined;
  /** Whether access logs go somewhere without a provider in a Telemetry. */
  readonly logsByDefault: boolean;
  /** Whether proxies resolve names and hand out addresses for ServiceEntries. */
  readonly allocatesAddresses: boolean;
  /** Registries of meshNetworks, with the network's name. */
  readonly registries: readonly { readonly network: string; readonly registry: string }[];
}

const unknownMesh: MeshSettings = {
  rootNamespace: "istio-system",
  autoMtls: true,
  trustDomain: "cluster.local",
  trustDomainAliases: [],
  providers: undefined,
  logsByDefault: false,
  allocatesAddresses: false,
  registries: [],
};

interface MeshYaml {
  readonly rootNamespace?: string;
  readonly enableAutoMtls?: boolean;
  readonly trustDomain?: string;
  readonly trustDomainAliases?: readonly string[];
  readonly extensionProviders?: readonly { readonly name: string }[];
  readonly defaultProviders?: { readonly accessLogging?: readonly string[] };
  readonly accessLogFile?: string;
  readonly defaultConfig?: { readonly proxyMetadata?: Readonly<Record<string, string>> };
}

interface NetworksYaml {
  readonly networks?: Readonly<
    Record<string, { readonly endpoints?: readonly { readonly fromRegistry?: string }[] }>
  >;
}

/** YAML in a text; nothing where it is none, which istiod itself will say. */
function yamlOf(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

const isMeshMap = (name: unknown) => typeof name === "string" && /^istio(-[a-z0-9-]+)?$/.test(name);

function read(mesh: MeshYaml, networks: NetworksYaml, namespace: string): MeshSettings {
  const metadata = mesh.defaultConfig?.proxyMetadata ?? {};
  const captures = metadata.ISTIO_META_DNS_CAPTURE === "true";
  const allocates =
    metadata.ISTIO_META_DNS_AUTO_ALLOCATE === "true" || metadata.PILOT_ENABLE_IP_AUTOALLOCATE === "true";
  return {
    rootNamespace: mesh.rootNamespace ?? namespace,
    autoMtls: mesh.enableAutoMtls !== false,
    trustDomain: mesh.trustDomain ?? "cluster.local",
    trustDomainAliases: mesh.trustDomainAliases ?? [],
    providers: (mesh.extensionProviders ?? []).map(({ name }) => name),
    logsByDefault: (mesh.defaultProviders?.accessLogging ?? []).length > 0,
    allocatesAddresses: captures && allocates,
    registries: Object.entries(networks.networks ?? {}).flatMap(([network, { endpoints = [] }]) =>
      endpoints.flatMap(({ fromRegistry }) =>
        fromRegistry === undefined ? [] : [{ network, registry: fromRegistry }],
      ),
    ),
  };
}

/** Providers that Istio has without being told. */
export const builtInProviders = ["prometheus", "stackdriver", "envoy"];

/** The mesh's settings, from the ConfigMap that istiod reads; Istio's defaults where it is not declared. */
export const meshSettings = (index: ObjectIndex): MeshSettings =>
  gather(
    index,
    "mesh settings",
    ["ConfigMap"],
    () => ({ settings: unknownMesh }),
    (kept, object) => {
      if (!isMeshMap(object.metadata.name) || isUnknown(object.data)) return;
      const data = rootOf(object, "data");
      const mesh = data.at("mesh").text();
      if (mesh === undefined || isExternal(object)) return;
      const networks = data.at("meshNetworks").text() ?? "";
      kept.settings = read(
        (yamlOf(mesh) as MeshYaml | null | undefined) ?? {},
        (yamlOf(networks) as NetworksYaml | null | undefined) ?? {},
        namespaceOf(object),
      );
    },
  ).entries.settings;

export const rootNamespace = (index: ObjectIndex): string => meshSettings(index).rootNamespace;
