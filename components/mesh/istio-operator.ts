import { ofMinor } from "./api-versions";
import { operatorGatewayK8s, operatorGatewayPorts } from "./gateway-service";
import { renderMeshConfig } from "./mesh-config";
import type { GatewaySettings, MeshSettings, Scaling, Values } from "./mesh-settings";
import { profiles } from "./profiles";
import { istiodValues, overlay } from "./values";

/** From here on the proxies' own config says whether containers wait for them; before, a value of the injector. */
const HOLD_BY_CONFIG = "1.8";

type Part = Readonly<Record<string, unknown>>;

const number = (scaling: Scaling, deployment: string): Part =>
  "replicas" in scaling
    ? { replicaCount: scaling.replicas }
    : {
        hpaSpec: {
          minReplicas: scaling.minReplicas,
          maxReplicas: scaling.maxReplicas,
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
          metrics: [
            {
              type: "Resource",
              resource: { name: "cpu", targetAverageUtilization: scaling.targetCpuPercent },
            },
          ],
        },
      };

function gatewayPart(gateway: GatewaySettings): Part {
  const { name, namespace, expose, ports = operatorGatewayPorts, resources, scaling } = gateway;
  const k8s = { ...operatorGatewayK8s(expose, ports), resources, ...number(scaling, name) };
  return { name, namespace, enabled: true, k8s };
}

/** Gateways of one direction, and those of the profile that are not wanted. */
function gatewayParts({ profile, gateways }: MeshSettings, direction: GatewaySettings["direction"]): Part[] {
  const wanted = gateways.filter((gateway) => gateway.direction === direction);
  const unwanted = profiles[profile].gateways.filter(
    (preset) => preset.direction === direction && wanted.every(({ name }) => name !== preset.name),
  );
  return [...wanted.map(gatewayPart), ...unwanted.map(({ name }) => ({ name, enabled: false }))];
}

/** Whether an autoscaler has each gateway; the profile says so by name. */
const gatewayScalers = ({ gateways }: MeshSettings): Part =>
  Object.fromEntries(
    gateways.map(({ name, scaling }) => [name, { autoscaleEnabled: !("replicas" in scaling) }]),
  );

/**
 * The mesh as a document for `istioctl install`. The same settings as the charts get, for versions that have none: what
 * istioctl calls `values` are values of the same charts before they were published.
 */
export function renderIstioOperator(settings: MeshSettings): Part {
  const { namespace, hub, profile, components, holdApplicationUntilProxyStarts, istiod } = settings;
  const [plane] = settings.controlPlanes;
  const { version } = plane;
  // Of what istiod's chart gets, that for which the document has no field of its own.
  const {
    global,
    pilot,
    istio_cni: cni,
  } = istiodValues({ ...settings, values: {} }, plane) as Record<string, Values>;
  const { hub: _hub, tag: _tag, ...globals } = global ?? {};
  const { resources: _resources, ...pilotValues } = pilot ?? {};
  const hold =
    holdApplicationUntilProxyStarts && !ofMinor(version, HOLD_BY_CONFIG)
      ? { global: { proxy: { holdApplicationUntilProxyStarts: true } } }
      : {};
  const values = {
    global: globals,
    pilot: pilotValues,
    gateways: gatewayScalers(settings),
    ...(cni === undefined ? {} : { istio_cni: cni }),
  };
  return {
    apiVersion: "install.istio.io/v1alpha1",
    kind: "IstioOperator",
    metadata: { name: "mesh", namespace },
    spec: {
      profile,
      hub,
      tag: version,
      meshConfig: meshConfigFor(settings, version),
      components: {
        base: { enabled: components.base },
        pilot: {
          enabled: components.istiod,
          k8s: { resources: istiod.resources, ...number(istiod.scaling, "istiod") },
        },
        ...(components.cni ? { cni: { enabled: true } } : {}),
        ingressGateways: gatewayParts(settings, "ingress"),
        egressGateways: gatewayParts(settings, "egress"),
      },
      values: overlay(overlay(values, hold), settings.values.istiod),
    },
  };
}

/** An unknown field of meshConfig stops istioctl, so that 1.7 gets none of what came later. */
function meshConfigFor(settings: MeshSettings, version: string): Values {
  const holds = settings.holdApplicationUntilProxyStarts && ofMinor(version, HOLD_BY_CONFIG);
  return renderMeshConfig({ ...settings, holdApplicationUntilProxyStarts: holds }, version);
}
