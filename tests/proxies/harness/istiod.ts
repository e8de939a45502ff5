import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { stringify } from "yaml";
import type { KubeObject } from "../../../components/lib/objects";
import { meshProfileValues } from "../../../components/sandbox/mesh-profile";
import { program } from "../../support/programs";
import type { Api } from "./api";
import { freePorts, inside, type Processes, until } from "./processes";

/** What the sandbox's meshes switch off, as the stock Envoy has no filters of Istio. */
const profile = meshProfileValues("istiod") as { pilot: { env: Record<string, string> } };

export interface Istiod {
  /** Where proxies ask for config and certificates. */
  readonly port: number;
  /** The certificate that vouches for all others. */
  readonly root: string;
}

export const rootNamespace = "istio-system";

/** Settings of the mesh, besides Istio's defaults. */
export const meshConfig = {
  rootNamespace,
  accessLogFile: "/dev/null",
  enablePrometheusMerge: false,
} as const;

const status = (port: number, path: string) =>
  new Promise<number>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });

/** Istio's real control plane, which reads the API server and signs certificates. */
export async function startIstiod(
  processes: Processes,
  folder: string,
  api: Api,
  mesh: object = {},
): Promise<Istiod> {
  const [http = 0, https = 0, plain = 0, port = 0, monitoring = 0, introspection = 0] = await freePorts(6);
  const context = { cluster: "here", user: "here" };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "here",
    clusters: [
      {
        name: "here",
        cluster: { server: `https://127.0.0.1:${api.port}`, "insecure-skip-tls-verify": true },
      },
    ],
    users: [{ name: "here", user: { token: api.token } }],
    contexts: [{ name: "here", context }],
  };
  const own = inside(folder, "istiod");
  mkdirSync(own);
  writeFileSync(inside(own, "kubeconfig"), stringify(kubeconfig), { mode: 0o600 });
  writeFileSync(inside(own, "mesh"), stringify({ ...meshConfig, ...mesh }));
  const address = (one: number) => `127.0.0.1:${one}`;
  processes.start({
    name: "istiod",
    folder: own,
    log: inside(folder, "istiod.log"),
    command: [
      program("istiod"),
      "discovery",
      "--kubeconfig=kubeconfig",
      "--meshConfig=mesh",
      `--httpAddr=${address(http)}`,
      `--httpsAddr=${address(https)}`,
      `--grpcAddr=${address(plain)}`,
      `--secureGRPCAddr=${address(port)}`,
      `--monitoringAddr=${address(monitoring)}`,
      `--ctrlz_port=${introspection}`,
      "--kubernetesApiQPS=500",
    ],
    env: {
      ...profile.pilot.env,
      POD_NAME: "istiod",
      POD_NAMESPACE: rootNamespace,
      REVISION: "default",
      CLUSTER_ID: "Kubernetes",
      ENABLE_LEADER_ELECTION: "false",
      ISTIOD_CUSTOM_HOST: "localhost",
      INJECTION_WEBHOOK_CONFIG_NAME: "",
      VALIDATION_WEBHOOK_CONFIG_NAME: "",
      PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER: "false",
      PILOT_DEBOUNCE_AFTER: "20ms",
      PILOT_DEBOUNCE_MAX: "200ms",
    },
  });
  await until("istiod", async () => ((await status(http, "/ready")) === 200 ? true : undefined));
  const root = await until("istiod's root certificate", async () => {
    const { data } = (await api.call(
      "GET",
      `/api/v1/namespaces/${rootNamespace}/secrets/istio-ca-secret`,
    )) as {
      data: Record<string, string>;
    };
    return Buffer.from(data["ca-cert.pem"] ?? "", "base64").toString();
  });
  await api.apply(validation(https, root));
  return { port, root };
}

/** Lets istiod refuse what it would refuse in a cluster. */
const validation = (port: number, root: string): KubeObject => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: "istiod" },
  webhooks: [
    {
      name: "rev.validation.istio.io",
      clientConfig: {
        url: `https://localhost:${port}/validate`,
        caBundle: Buffer.from(root).toString("base64"),
      },
      rules: [
        {
          operations: ["CREATE", "UPDATE"],
          apiGroups: [
            "security.istio.io",
            "networking.istio.io",
            "telemetry.istio.io",
            "extensions.istio.io",
          ],
          apiVersions: ["*"],
          resources: ["*"],
        },
      ],
      failurePolicy: "Fail",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    },
  ],
});
