import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { atLeast } from "../lib/versions";
import { expose } from "../mesh/exposure";
import type { Exposure } from "../mesh/exposure-types";
import { renderAccount } from "./account";
import { withServices } from "./chart-services";
import { imageOf } from "./images";
import {
  type KialiConfigArgs,
  kialiPath,
  kialiPolicies,
  renderKialiConfig,
  SIGNING_KEY_BY_SECRET,
} from "./kiali-config";
import {
  type AddonArgs,
  after,
  asUser,
  configMap,
  configVolume,
  confined,
  httpProbe,
  type Resources,
  renderServer,
} from "./workload";

export interface KialiArgs extends AddonArgs, KialiConfigArgs {
  readonly resources: Resources;
  readonly exposure: Exposure;
}

interface KialiSecrets {
  /** Signs people's sessions: 16, 24 or 32 characters. */
  readonly signingKey: pulumi.Input<string>;
}

export const kialiPort = 20001;
const name = "kiali";
/** `kiali` in the image. */
const USER = 1000;
const selector = { app: name, "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name };
const keyName = "kiali-signing-key";

const keyVolume = { name: "signing-key", secret: { secretName: keyName } };
/** Kiali looks for values that are secrets in this folder, by a name and a file of its own choice. */
const keyMount = {
  name: "signing-key",
  mountPath: "/kiali-override-secrets/login-token-signing-key",
  readOnly: true,
};

const renderKey = (namespace: string, signingKey: pulumi.Input<string>): KubeObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: keyName, namespace, labels: selector },
  type: "Opaque",
  stringData: { "value.txt": signingKey },
});

export function renderKiali(args: KialiArgs & KialiSecrets): KubeObject[] {
  const { namespace, version, resources } = args;
  const files = { "config.yaml": renderKialiConfig(args) };
  const keyed = atLeast(version, SIGNING_KEY_BY_SECRET);
  const ports = [
    { name: "http", port: kialiPort, appProtocol: "http" },
    { name: "http-metrics", port: 9090, appProtocol: "http" },
  ];
  const key = keyed ? [renderKey(namespace, args.signingKey)] : [];
  if (args.chart !== undefined) {
    const service = { name, exposure: args.exposure, ports };
    return [...key, ...withServices(args.chart, namespace, name, [service])];
  }
  const exposed = expose(args.exposure, { name, namespace, labels: selector, selector, ports });
  const health = httpProbe("http", `${kialiPath}/healthz`);
  const container = {
    name,
    image: imageOf("kiali", version),
    imagePullPolicy: "IfNotPresent",
    command: ["/opt/kiali/kiali", "-config", "/kiali-configuration/config.yaml"],
    env: [{ name: "ACTIVE_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } }],
    ports: [
      { name: "http", containerPort: kialiPort },
      { name: "http-metrics", containerPort: 9090 },
    ],
    startupProbe: { ...health, periodSeconds: 5, failureThreshold: 36 },
    readinessProbe: health,
    livenessProbe: health,
    resources,
    securityContext: { ...confined, readOnlyRootFilesystem: true },
    volumeMounts: [
      { name: "config", mountPath: "/kiali-configuration", readOnly: true },
      ...(keyed ? [keyMount] : []),
    ],
  };
  return [
    ...renderAccount(name, namespace, selector, kialiPolicies(args.access)),
    configMap(name, namespace, selector, files),
    ...key,
    exposed.service,
    ...(exposed.ingress === undefined ? [] : [exposed.ingress]),
    renderServer({
      name,
      namespace,
      selector,
      annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9090" },
      config: files,
      pod: exposed.pod,
      serviceAccountName: name,
      containers: [container],
      volumes: [configVolume("config", name), ...(keyed ? [keyVolume] : [])],
      securityContext: asUser(USER),
    }),
  ];
}

/** Kiali, told where Prometheus, Grafana and Jaeger are. */
export class Kiali extends pulumi.ComponentResource {
  readonly objects: readonly pulumi.Resource[];

  constructor(name: string, args: KialiArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:addons:Kiali", name, {}, options);
    const key = new random.RandomPassword(
      `${name}-signing-key`,
      { length: 32, special: false },
      { parent: this },
    );
    this.objects = declareObjects(renderKiali({ ...args, signingKey: key.result }), {
      parent: this,
      ...after(options),
    });
    this.registerOutputs({});
  }
}
