import { wellFormedAll } from "../../lib/form";
import { type IndexOptions, ObjectIndex } from "../../lib/object-index";
import { type KubeObject, titleOf } from "../../lib/objects";
import { namespaceOf } from "../../lib/workloads";
import {
  envoyFilterKind,
  gatewayKind,
  grpcRouteKind,
  httpRouteKind,
  trafficExtensionKind,
  wasmPluginKind,
} from "../analysis/kinds";
import { type Security, securityOf } from "./authorization";
import { DestinationRules } from "./destination-rules";
import type { Site } from "./match";
import { fieldsOf, mapOf, readable, specOf } from "./objects";
import { chooses, type Party } from "./proxies";
import { Registry } from "./registry";
import { type Scope, scopeOf } from "./scope";
import { type Settings, settingsOf } from "./settings";
import type { Open } from "./types";
import { type HostTable, sidecarHosts } from "./virtual-hosts";
import { VirtualServices } from "./virtual-services";

export interface SimulatorOptions extends IndexOptions {
  /** Part of Services' names after `.svc.`. Default `cluster.local`. */
  readonly dnsDomain?: string;
}

/** All objects, by what a request asks of them. Made once; what proxies know is worked out when one first asks. */
export class World {
  readonly index: ObjectIndex;
  readonly settings: Settings;
  readonly registry: Registry;
  readonly virtualServices: VirtualServices;
  readonly destinationRules: DestinationRules;
  readonly security: Security;
  private readonly scopes = new Map<string, Scope>();
  private readonly tables = new Map<string, HostTable>();

  constructor(objects: readonly KubeObject[], { dnsDomain = "cluster.local", ...options }: SimulatorOptions) {
    this.index = new ObjectIndex(wellFormedAll(objects).objects, options);
    this.settings = settingsOf(this.index, dnsDomain);
    this.registry = new Registry(this.index, this.settings);
    this.virtualServices = new VirtualServices(this.index, this.settings);
    this.destinationRules = new DestinationRules(this.index, this.settings);
    this.security = securityOf(this.index, this.settings);
  }

  scope(party: Party): Scope {
    const key = JSON.stringify([party.kind, party.namespace, party.labels]);
    const known = this.scopes.get(key) ?? scopeOf(party, this.index, this.settings);
    this.scopes.set(key, known);
    return known;
  }

  hosts(site: Site): HostTable {
    const { party, port } = site;
    const key = JSON.stringify([party.namespace, party.labels, port]);
    const known =
      this.tables.get(key) ??
      sidecarHosts(site, this.registry, this.virtualServices, this.scope(party), this.settings.dnsDomain);
    this.tables.set(key, known);
    return known;
  }

  /** Names of the namespaces that are declared or that something declared is in. */
  namespaces(): readonly string[] {
    const declared = this.index.ofKind("Namespace").map(({ metadata }) => metadata.name);
    return [...new Set([...declared, ...this.index.objects.map(namespaceOf)])].filter((name) => name !== "");
  }

  /** Gateways as `namespace/name`. */
  gateways(): readonly string[] {
    return this.index.ofKind(gatewayKind).map((one) => `${namespaceOf(one)}/${one.metadata.name}`);
  }

  gateway(name: string): KubeObject | undefined {
    const [namespace = "", ...rest] = name.split("/");
    return this.index.find(gatewayKind, namespace, rest.join("/"));
  }

  /** What every outcome has to say of objects that are not looked at. */
  unread(): readonly Open[] {
    const routes = [httpRouteKind, grpcRouteKind].flatMap((kind) => this.index.ofKind(kind));
    return [
      ...this.registry.open,
      ...this.virtualServices.open,
      ...this.destinationRules.open,
      ...this.security.authorization.open,
      ...this.security.requests.open,
      ...routes.map((object) => ({
        object: titleOf(object),
        text: "routes of the Gateway API are not simulated",
      })),
    ];
  }

  /** Patches and programs that can change anything in the proxy of a party. */
  filters(party: Party): readonly Open[] {
    const { rootNamespace } = this.settings;
    return [envoyFilterKind, trafficExtensionKind, wasmPluginKind]
      .flatMap((kind) => readable(this.index, kind).objects)
      .filter((object) => {
        const { workloadSelector, selector } = specOf(object);
        const labels = fieldsOf(workloadSelector).labels ?? fieldsOf(selector).matchLabels;
        return (
          [rootNamespace, party.namespace].includes(namespaceOf(object)) && chooses(mapOf(labels), party)
        );
      })
      .map((object) => ({
        object: titleOf(object),
        text: `may change what the proxy of ${party.title} does`,
      }));
  }
}
