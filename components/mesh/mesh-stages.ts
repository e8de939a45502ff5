import type { KubeObject } from "../lib/objects";
import { renderIngress } from "./exposure";
import { gated, isDefinition, isMeshConfig, isOfTag, isWebhook, onHostPorts } from "./gates";
import { gatewayChartPorts } from "./gateway-service";
import type { RenderedInstall } from "./install";
import { renderMeshPolicies } from "./mesh-config";
import type { GatewaySettings, MeshSettings } from "./mesh-settings";
import { renderNamespace } from "./namespace";
import { controlPlaneFor, defaultRevision } from "./revisions";

/** Objects that are declared together. */
export interface Stage {
  readonly name: string;
  readonly objects: readonly KubeObject[];
  /** Stages of which every object is ready before the first of these is made. */
  readonly after: readonly string[];
  /** Whether the mesh can be used only once these are ready. */
  readonly gate: boolean;
}

const both =
  (...tests: readonly ((object: KubeObject) => boolean)[]) =>
  (object: KubeObject) =>
    tests.every((test) => test(object));
const not = (test: (object: KubeObject) => boolean) => (object: KubeObject) => !test(object);

const planeName = (revision: string) => (revision === "" ? "istiod" : `istiod-${revision}`);

function namespacesOf({ namespace, gateways, components }: MeshSettings): KubeObject[] {
  const names = [...(components.base ? [namespace] : []), ...gateways.map((gateway) => gateway.namespace)];
  return [...new Set(names)].map((name) => renderNamespace({ name }));
}

/** The Ingress of a gateway that stands behind an ingress controller. */
function ingressOf({ expose, name, namespace, ports = gatewayChartPorts }: GatewaySettings): KubeObject[] {
  return expose.kind === "ingress" ? [renderIngress(expose, { name, namespace, selector: {}, ports })] : [];
}

/**
 * Everything of a mesh in the order in which it can be made. Webhooks come after their istiod: before, they stop what
 * they are asked about. Tags are nobody's: they move from one control plane to another and must stay the same objects.
 */
export function stageMesh(settings: MeshSettings, rendered: RenderedInstall): Stage[] {
  const planes = rendered.controlPlanes.map(({ revision, objects }) => ({
    name: planeName(revision),
    objects,
  }));
  const of = (kind: string) => planes.map(({ name }) => `${name}-${kind}`);
  const main = planeName(defaultRevision(settings));
  const stage = (
    name: string,
    objects: readonly KubeObject[],
    after: readonly string[],
    gate = false,
  ): Stage => ({
    name,
    objects: objects.map(gated),
    after,
    gate,
  });
  const tagged = planes.flatMap(({ objects }) => objects.filter(isOfTag));
  const webhooks = [...of("webhooks"), "tags", "validator"];
  const ordinary = both(not(isWebhook), not(isMeshConfig), not(isOfTag));
  const policies = settings.components.base ? meshPolicies(settings) : [];
  const stages = [
    stage("namespaces", namespacesOf(settings), []),
    stage("definitions", rendered.base.filter(isDefinition), [], true),
    stage("base", rendered.base.filter(both(not(isDefinition), ordinary)), ["namespaces"]),
    stage("cni", rendered.cni, ["namespaces"], true),
    ...planes.flatMap(({ name, objects }) => [
      stage(name, objects.filter(ordinary), ["namespaces", "definitions", "base"], true),
      stage(`${name}-webhooks`, objects.filter(both(isWebhook, not(isOfTag))), [name], true),
      stage(`${name}-config`, objects.filter(isMeshConfig), [`${name}-webhooks`, "validator"], true),
    ]),
    stage(
      "tags",
      tagged,
      planes.map(({ name }) => name),
      true,
    ),
    stage("validator", rendered.base.filter(isWebhook), [main], true),
    stage("ztunnel", rendered.ztunnel, ["cni", main], true),
    ...rendered.gateways.map(({ gateway, objects }) =>
      stage(
        gateway.name,
        [...onHostPorts(objects, gateway), ...ingressOf(gateway)],
        ["namespaces", ...webhooks, ...of("config"), "ztunnel"],
        true,
      ),
    ),
    stage("policies", policies, webhooks, true),
  ];
  return inOrder(stages.filter(({ objects }) => objects.length > 0));
}

/** Policies of the mesh in the words of the Istio that validates them. */
const meshPolicies = (settings: MeshSettings) =>
  renderMeshPolicies(settings, controlPlaneFor(settings, "").version);

/** What is left to declare where istioctl has made everything else. */
export const stagePolicies = (settings: MeshSettings): Stage[] => [
  { name: "policies", objects: meshPolicies(settings), after: [], gate: true },
];

/** Each stage after those that it names. Names of stages that have no objects are left out. */
function inOrder(stages: readonly Stage[]): Stage[] {
  const waiting = [...stages];
  const names = new Set(stages.map(({ name }) => name));
  const done: Stage[] = [];
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ after }) =>
      after.every((name) => !names.has(name) || done.some((before) => before.name === name)),
    );
    const [next] = waiting.splice(ready, 1);
    if (ready < 0 || next === undefined) throw new Error("stages of the mesh wait for each other");
    done.push({ ...next, after: next.after.filter((name) => names.has(name)) });
  }
  return done;
}
