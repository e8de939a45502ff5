import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { declareObjects } from "../lib/declare";
import type { KubeObject } from "../lib/objects";
import { digestOf } from "../network/digest";
import { type EdgeConfig, edgeHealthPath, renderEdgeConfig } from "./edge-nginx-config";
import { podSettings } from "./exposure";
import { filled } from "./exposure-fields";
import { tlsSecret } from "./gateway-secrets";

export type { EdgeConfig, EdgeServer, EdgeTls, EdgeUpstream } from "./edge-nginx-config";

export interface EdgeNginxArgs extends EdgeConfig {
  /** Default `nginx-istio`, as in source document 003. */
  readonly name?: string;
  /** Default `istio-system`. */
  readonly namespace?: string;
  /** Default `nginx:1.28-alpine`. */
  readonly image?: string;
  /** Labels of the nodes whose ports 80 and 443 it takes. Default `istio-nginx: "true"`. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** One for each such node at most. Default 1. */
  readonly replicas?: number;
  /**
   * How a changed config gets in. `inPlace` has nginx read it again within about a minute, and no connection breaks;
   * `restart` replaces the pod at once, and the ports are closed for some seconds. Default `inPlace`.
   */
  readonly reload?: "inPlace" | "restart";
}

const defaults = {
  name: "nginx-istio",
  namespace: "istio-system",
  image: "nginx:1.28-alpine",
  nodeSelector: { "istio-nginx": "true" },
  replicas: 1,
  reload: "inPlace",
} as const;

const isAddress = (host: string) => /^[0-9.]+$/.test(host);

/** ConfigMap and Deployment, and Secrets that are given, of an nginx on ports 80 and 443 of chosen nodes, in front of the ingress gateway. */
export function renderEdgeNginx(args: EdgeNginxArgs): KubeObject[] {
  const { name, namespace, replicas, reload } = { ...defaults, ...args };
  const labels = { name };
  const data = renderEdgeConfig(args);
  // With inPlace a digest would replace the pod for a change that nginx takes without one.
  const template =
    reload === "restart" ? { labels, annotations: { "mesh-platform/config": digestOf(data) } } : { labels };
  const metadata = { name, namespace, labels };
  return [
    ...renderSecrets(args, namespace),
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace }, data },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: labels },
        // Rolling would start the new pod first, and the old one holds the node's ports: it would wait forever.
        strategy: { type: "Recreate" },
        template: { metadata: template, spec: renderPod(args) },
      },
    },
  ];
}

/** Each Secret once, though several servers may name it. */
function renderSecrets({ servers }: EdgeNginxArgs, namespace: string): KubeObject[] {
  const given = servers.flatMap(({ tls }) =>
    tls?.pems === undefined ? [] : [[tls.secretName, tls.pems] as const],
  );
  return [...new Map(given)].map(([secretName, pems]) => tlsSecret(secretName, namespace, pems));
}

function renderPod(args: EdgeNginxArgs): object {
  const { name, nodeSelector } = { ...defaults, ...args };
  const secrets = [...new Set(args.servers.flatMap(({ tls }) => tls?.secretName ?? []))].sort();
  const { dnsPolicy, ...host } = podSettings({ kind: "hostNetwork", nodeSelector });
  const named = args.servers.some(({ upstream }) => !isAddress(upstream.host));
  return {
    ...host,
    // Names of Services are only known to the cluster's DNS; addresses need none.
    ...(named ? { dnsPolicy } : {}),
    containers: [container(args, secrets)],
    volumes: [
      { name, configMap: { name, defaultMode: 420 } },
      ...secrets.map((secretName) => ({
        name: volumeOf(secretName),
        secret: { secretName, defaultMode: 256 },
      })),
    ],
  };
}

/** Names of volumes have no dots, those of Secrets may. */
const volumeOf = (secretName: string) => `tls-${secretName.replaceAll(".", "-")}`;

function container(args: EdgeNginxArgs, secrets: readonly string[]): object {
  const { name, image, reload } = { ...defaults, ...args };
  const port = (number: number, portName: string) => ({ name: portName, containerPort: number });
  const httpHeaders = [{ name: "Host", value: "localhost" }];
  const probe = { httpGet: { path: edgeHealthPath(args), port: 80, httpHeaders }, periodSeconds: 5 };
  return {
    name: "nginx",
    image,
    imagePullPolicy: "IfNotPresent",
    ...(reload === "inPlace" ? { command: ["/bin/sh", "-c", watchScript()] } : {}),
    // Named, so that the scheduler keeps others with these ports away from the node.
    ports: [port(80, "http"), ...(secrets.length > 0 ? [port(443, "https")] : [])],
    readinessProbe: probe,
    livenessProbe: { ...probe, failureThreshold: 6 },
    // Requests that run are answered before it ends; TERM alone would cut them.
    lifecycle: { preStop: { exec: { command: ["/bin/sh", "-c", "nginx -s quit && sleep 25"] } } },
    volumeMounts: [
      { name, mountPath: "/etc/nginx/conf.d" },
      ...secrets.map((secret) => ({
        name: volumeOf(secret),
        mountPath: `/etc/nginx/tls/${secret}`,
        readOnly: true,
      })),
    ],
  };
}

const watchScript = () => readFileSync(join(__dirname, "edge", "nginx.sh"), "utf8");

/** nginx at the edge, so that the mesh is reached on 80 and 443 without a load balancer. Source document 003. */
export class EdgeNginx extends pulumi.ComponentResource {
  /** After this nginx answers. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: EdgeNginxArgs, options: pulumi.ComponentResourceOptions = {}) {
    super("mesh-platform:mesh:EdgeNginx", name, {}, options);
    this.ready = declareObjects(renderEdgeNginx(args), {
      parent: this,
      ...filled({ dependsOn: options.dependsOn }),
    });
    this.registerOutputs({});
  }
}
