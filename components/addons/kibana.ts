import type * as pulumi from "@pulumi/pulumi";
import type { KubeObject } from "../lib/objects";
import { expose } from "../mesh/exposure";
import type { Exposure } from "../mesh/exposure-types";
import { elasticUrl, usersSecret } from "./elasticsearch";
import { imageOf } from "./images";
import { type AddonArgs, asUser, confined, httpProbe, type Resources, renderServer } from "./workload";

export interface KibanaArgs extends AddonArgs {
  readonly resources: Resources;
  readonly exposure: Exposure;
}

export const kibanaPort = 5601;
const name = "kibana";
/** The image's user, in root's group. */
const USER = 1000;
const GROUP = 0;
const selector = { app: name, "app.kubernetes.io/name": name };
const keySecret = "kibana-key";

/** Kibana, where people log in as `admin`. */
export function renderKibana(
  args: KibanaArgs & {
    /** Encrypts what Kibana stores; 32 characters. Without a fixed one every restart would lose it. */
    readonly encryptionKey: pulumi.Input<string>;
  },
): KubeObject[] {
  const { namespace, version } = args;
  const ports = [{ name: "http", port: kibanaPort, targetPort: "http" }];
  const exposed = expose(args.exposure, { name, namespace, labels: selector, selector, ports });
  const secret = (variable: string, secretName: string, key: string) => ({
    name: variable,
    valueFrom: { secretKeyRef: { name: secretName, key } },
  });
  const container = {
    name,
    image: imageOf("kibana", version),
    imagePullPolicy: "IfNotPresent",
    env: [
      { name: "SERVER_HOST", value: "0.0.0.0" },
      { name: "ELASTICSEARCH_HOSTS", value: elasticUrl(namespace) },
      { name: "ELASTICSEARCH_USERNAME", value: "kibana" },
      secret("ELASTICSEARCH_PASSWORD", usersSecret, "kibana-password"),
      secret("XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY", keySecret, "key"),
      { name: "TELEMETRY_OPTIN", value: "false" },
    ],
    ports: [{ name: "http", containerPort: kibanaPort }],
    // The page answers 503 until Elasticsearch does; the port alone would say too early that it is there.
    startupProbe: httpProbe("http", "/login", 10, 60),
    readinessProbe: httpProbe("http", "/login"),
    livenessProbe: { tcpSocket: { port: kibanaPort }, periodSeconds: 15, failureThreshold: 4 },
    resources: args.resources,
    securityContext: confined,
  };
  return [
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: keySecret, namespace, labels: selector },
      type: "Opaque",
      stringData: { key: args.encryptionKey },
    },
    exposed.service,
    ...(exposed.ingress === undefined ? [] : [exposed.ingress]),
    renderServer({
      name,
      namespace,
      selector,
      config: {},
      pod: exposed.pod,
      containers: [container],
      securityContext: asUser(USER, GROUP),
    }),
  ];
}
