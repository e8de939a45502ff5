import { type KubeObject, waitingFor } from "../lib/objects";
import type { GatewaySettings } from "./mesh-settings";

/** The label by which charts mark what belongs to a tag, not to one control plane. */
const tagLabel = "istio.io/tag";

const groupOf = ({ apiVersion }: KubeObject) => (apiVersion.includes("/") ? apiVersion.split("/")[0] : "");

export const isDefinition = ({ kind }: KubeObject): boolean => kind === "CustomResourceDefinition";
export const isWebhook = ({ kind }: KubeObject): boolean =>
  /^(Mutating|Validating)WebhookConfiguration$/.test(kind);
/** Istio's own kinds: older charts bring EnvoyFilters, which the validating webhook is asked about. */
export const isMeshConfig = (object: KubeObject): boolean =>
  /(^|\.)istio\.io$/.test(groupOf(object) ?? "") && !isDefinition(object);
export const isOfTag = ({ metadata }: KubeObject): boolean => metadata.labels?.[tagLabel] !== undefined;

const caBundle = "jsonpath={.webhooks[0].clientConfig.caBundle}";
const failClosed = "jsonpath={.webhooks[0].failurePolicy}=Fail";

type Webhook = Readonly<Record<string, unknown>>;

/**
 * What istiod makes of it in the end: charts before 1.28.6 and 1.29.2 know no value for the policy and begin with Ignore, istiod
 * turns it into Fail, and every later run would turn it back.
 */
const failing = (object: KubeObject): KubeObject => ({
  ...object,
  webhooks: (object.webhooks as readonly Webhook[]).map((webhook) => ({ ...webhook, failurePolicy: "Fail" })),
});

/**
 * The object with what has to hold before anything may lean on it. istiod writes the authority of its certificate into
 * webhooks; some versions also open a validating one for the moment until they answer.
 */
export function gated(object: KubeObject): KubeObject {
  switch (object.kind) {
    case "CustomResourceDefinition":
      return waitingFor(object, "condition=Established");
    case "MutatingWebhookConfiguration":
      return waitingFor(object, caBundle);
    case "ValidatingWebhookConfiguration":
      return waitingFor(failing(object), caBundle, failClosed);
    default:
      return object;
  }
}

interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly protocol?: string;
  readonly targetPort: number;
}

interface PodTemplate {
  readonly spec: { readonly containers: readonly { readonly ports?: readonly object[] }[] };
}

/**
 * A gateway that answers at ports of its hosts. Not in their network: Istio leaves such pods alone, and the gateway's
 * image comes from the injector. A second pod cannot start beside the first, so the first ends before it.
 */
export function onHostPorts(objects: readonly KubeObject[], { expose }: GatewaySettings): KubeObject[] {
  if (expose.kind !== "hostNetwork") return [...objects];
  const service = objects.find(({ kind }) => kind === "Service");
  const ports = (service?.spec as { readonly ports: readonly ServicePort[] } | undefined)?.ports ?? [];
  const hostPorts = ports.map(({ name, port, protocol = "TCP", targetPort }) => ({
    name,
    containerPort: targetPort,
    hostPort: port,
    protocol,
  }));
  return objects.map((object) => {
    if (object.kind !== "Deployment") return object;
    const spec = object.spec as { readonly template: PodTemplate };
    const [proxy, ...others] = spec.template.spec.containers;
    const containers = [{ ...proxy, ports: [...(proxy?.ports ?? []), ...hostPorts] }, ...others];
    const template = { ...spec.template, spec: { ...spec.template.spec, containers } };
    const strategy = { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    return { ...object, spec: { ...spec, strategy, template } };
  });
}
