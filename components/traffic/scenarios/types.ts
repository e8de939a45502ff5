import type { KubeObject } from "../../lib/objects";
import type { IngressHandle } from "../../mesh/mesh-handle";
import type { TrafficContext } from "../context";
import type { Hazard } from "../tiers";
import type { Expectation, Load } from "./expectation-types";

export type * from "./expectation-types";

/** Applications that scenarios are about, by their keys in the section `apps` of the config. */
export type AppName = "bookinfo" | "httpbin" | "fortio" | "istioLab" | "webDemo" | "billDemo";

/**
 * Applications that have to be on, each with the settings that have to be so. Of a list the items have to be among
 * those of the config: `{ httpbin: { versions: ["v1", "v2"] }, fortio: {} }`.
 */
export interface ScenarioNeeds {
  readonly bookinfo?: { readonly reviews?: readonly ("v1" | "v2" | "v3")[]; readonly subsets?: false };
  readonly httpbin?: { readonly versions?: readonly string[] };
  readonly fortio?: Readonly<Record<string, never>>;
  readonly istioLab?: { readonly services?: readonly ("go" | "node" | "lua" | "python")[] };
  readonly webDemo?: Readonly<Record<string, never>>;
  readonly billDemo?: Readonly<Record<string, never>>;
}

/** Namespace of each application; those of `defaultNamespaces` where nothing is said. */
export type AppNamespaces = Readonly<Partial<Record<AppName, string>>>;

/** What a scenario has to know of the platform. */
export interface ScenarioContext extends TrafficContext {
  /** By application. Default: that of the application's config. */
  readonly namespaces?: AppNamespaces;
  /** The ingress gateway; a MeshHandle has it. Default: pods with `istio: ingressgateway`. */
  readonly ingress?: Pick<IngressHandle, "namespace" | "selector" | "service">;
  /** Percent of the requests that the canary of `reviews-canary` gets, in whole numbers. Default 10. */
  readonly canaryWeight?: number;
}

/** A request as the client sends it. */
export interface ScenarioRequest {
  /** `reviews.bookinfo` in the mesh, the name that the Gateway has through a gateway. Without a port. */
  readonly host: string;
  /** Port of the Service, or of the gateway. */
  readonly port: number;
  /** With its query. */
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
}

/** What applications do with some of the requests, which the simulator cannot know. */
export interface Behaviour {
  /** Part of the requests that reach them, 0 to 1; drawn anew for every try. */
  readonly share: number;
  /** Default 200. */
  readonly answer?: number;
  /** How long an answer takes: `2s`. Default: no time. */
  readonly takes?: string;
}

/** A load, and what it is expected to meet. */
export interface ScenarioRun {
  /** What `npm run traffic` calls it; no other run of the scenario has it. */
  readonly name: string;
  /** Who sends: a sidecar of the mesh, or somebody outside, who comes in by the ingress gateway. */
  readonly via: "mesh" | "gateway";
  /** `namespace/name` of the workload from which the load is sent: fortio, also where it goes to the gateway. */
  readonly client: string;
  /** `namespace/name` of the Gateway that takes it. Only with `via: "gateway"`. */
  readonly gateway?: string;
  readonly request: ScenarioRequest;
  /** One load for shares; for a table one for each of its rows, in the order in which they are sent. */
  readonly loads: readonly Load[];
  /** What the applications do; the shares are 1 together. Default: they answer 200 at once. */
  readonly assume?: readonly Behaviour[];
  readonly expect: Expectation;
}

/** One experiment of the source documents. */
export interface Scenario {
  /** What commands and the config call it. */
  readonly name: string;
  readonly title: string;
  /** Document and place, and what is different here. */
  readonly source: string;
  /** What one learns from it, in a sentence. */
  readonly shows: string;
  /** What it does to others, which not every tier allows. */
  readonly hazards: readonly Hazard[];
  readonly needs: ScenarioNeeds;
  /** Everything that is to be declared beside the applications. */
  readonly render: (context: ScenarioContext) => KubeObject[];
  readonly runs: (context: ScenarioContext) => readonly ScenarioRun[];
}
