import { isUnknown } from "../../lib/fields";
import { isExternal, type ObjectIndex } from "../../lib/object-index";
import { namespaceOf } from "../../lib/workloads";
import { embeddedYaml } from "../../lib/yaml-text";
import { gather } from "./define";
import { Field, rootOf } from "./field";

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

const isMeshMap = (name: unknown) => typeof name === "string" && /^istio(-[a-z0-9-]+)?$/.test(name);

/** Reads by Field, since what people write into a text is of any form; istiod itself says what it refuses. */
function read(mesh: Field, networks: Field, namespace: string): MeshSettings {
  const metadata = mesh.at("defaultConfig", "proxyMetadata");
  const captures = metadata.at("ISTIO_META_DNS_CAPTURE").text() === "true";
  const allocates = ["ISTIO_META_DNS_AUTO_ALLOCATE", "PILOT_ENABLE_IP_AUTOALLOCATE"].some(
    (name) => metadata.at(name).text() === "true",
  );
  return {
    rootNamespace: mesh.at("rootNamespace").text() ?? namespace,
    autoMtls: mesh.at("enableAutoMtls").value !== false,
    trustDomain: mesh.at("trustDomain").text() ?? "cluster.local",
    trustDomainAliases: mesh.at("trustDomainAliases").texts(),
    providers: mesh
      .at("extensionProviders")
      .items()
      .flatMap((provider) => provider.at("name").text() ?? []),
    logsByDefault: mesh.at("defaultProviders", "accessLogging").items().length > 0,
    allocatesAddresses: captures && allocates,
    registries: networks
      .at("networks")
      .entries()
      .flatMap(([network, entry]) =>
        entry
          .at("endpoints")
          .items()
          .flatMap((endpoint) => {
            const registry = endpoint.at("fromRegistry").text();
            return registry === undefined ? [] : [{ network, registry }];
          }),
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
        new Field(object, "data.mesh", embeddedYaml(mesh)),
        new Field(object, "data.meshNetworks", embeddedYaml(networks)),
        namespaceOf(object),
      );
    },
  ).entries.settings;

export const rootNamespace = (index: ObjectIndex): string => meshSettings(index).rootNamespace;
