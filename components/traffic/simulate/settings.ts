import type { ObjectIndex } from "../../lib/object-index";
import { embeddedYaml } from "../../lib/yaml-text";
import { meshSettings } from "../analysis/mesh";
import { fieldsOf, textOf, textsOf } from "./objects";

/** Istio's own config, as far as it sways a request. */
export interface Settings {
  readonly rootNamespace: string;
  readonly autoMtls: boolean;
  readonly trustDomain: string;
  /** Of Services: the part after `.svc.`. */
  readonly dnsDomain: string;
  readonly outbound: "ALLOW_ANY" | "REGISTRY_ONLY";
  /** Default `*`. */
  readonly exportTo: {
    readonly services: readonly string[];
    readonly virtualServices: readonly string[];
    readonly destinationRules: readonly string[];
  };
}

const orPublic = (value: unknown): readonly string[] => (Array.isArray(value) ? textsOf(value) : ["*"]);

function meshYaml(index: ObjectIndex, rootNamespace: string): Readonly<Record<string, unknown>> {
  const maps = index.ofKind("ConfigMap").filter(({ metadata }) => metadata.name === "istio");
  const map = maps.find(({ metadata }) => metadata.namespace === rootNamespace) ?? maps[0];
  const text = textOf(fieldsOf(map?.data).mesh);
  return fieldsOf(text === undefined ? undefined : embeddedYaml(text));
}

/** From the ConfigMap that istiod reads; Istio's defaults where it is not declared. */
export function settingsOf(index: ObjectIndex, dnsDomain: string): Settings {
  const { rootNamespace, autoMtls, trustDomain } = meshSettings(index);
  const mesh = meshYaml(index, rootNamespace);
  const outbound = fieldsOf(mesh.outboundTrafficPolicy).mode === "REGISTRY_ONLY";
  return {
    rootNamespace,
    autoMtls,
    trustDomain,
    dnsDomain,
    outbound: outbound ? "REGISTRY_ONLY" : "ALLOW_ANY",
    exportTo: {
      services: orPublic(mesh.defaultServiceExportTo),
      virtualServices: orPublic(mesh.defaultVirtualServiceExportTo),
      destinationRules: orPublic(mesh.defaultDestinationRuleExportTo),
    },
  };
}
