import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { Labels } from "../../../components/lib/fields";
import { program } from "../../support/programs";
import type { Api } from "./api";
import type { Istiod } from "./istiod";
import { freePorts, inside, type Processes, until } from "./processes";

export interface ProxyArgs {
  /** Of its pod. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly kind: "sidecar" | "router";
  /** A loopback address that nobody else has. */
  readonly address: string;
  /** Default `default`. */
  readonly serviceAccount?: string;
  /** More of what its pod would have in its environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A proxy that runs. */
export interface RunningProxy {
  readonly address: string;
  /** What Envoy's own interface answers. */
  readonly admin: (path: string) => Promise<string>;
}

const podOf = ({ name, namespace, labels, serviceAccount = "default" }: ProxyArgs) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace, labels },
  spec: {
    serviceAccountName: serviceAccount,
    nodeName: "here",
    containers: [{ name: "istio-proxy", image: "none" }],
  },
});

/** An Envoy under Istio's agent, as in the pod that it is for. It has a pod in the API server, and its own folder. */
export async function startProxy(
  processes: Processes,
  folder: string,
  api: Api,
  istiod: Istiod,
  args: ProxyArgs,
): Promise<RunningProxy> {
  const { name, namespace, address, kind, serviceAccount = "default" } = args;
  const own = inside(folder, name);
  for (const path of ["var/run/secrets/tokens", "etc/istio/proxy"])
    mkdirSync(inside(own, path), { recursive: true });
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: serviceAccount, namespace } };
  await api.apply(account);
  const pod = podOf(args);
  await api.apply(pod);
  const { apiVersion, metadata } = pod;
  const status = { phase: "Running", podIP: address, podIPs: [{ ip: address }] };
  await api.apply(
    { apiVersion, kind: "Pod", metadata: { name, namespace: metadata.namespace }, status },
    "/status",
  );
  const asked = await api.call(
    "POST",
    `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`,
    {
      spec: { audiences: ["istio-ca"], expirationSeconds: 43_200 },
    },
  );
  const { token } = (asked as { status: { token: string } }).status;
  writeFileSync(inside(own, "var/run/secrets/tokens/istio-token"), token, { mode: 0o600 });
  writeFileSync(inside(own, "root.pem"), istiod.root);
  const [admin = 0, agent = 0, health = 0, prometheus = 0] = await freePorts(4);
  const config = {
    discoveryAddress: `127.0.0.1:${istiod.port}`,
    binaryPath: program("envoy"),
    proxyAdminPort: admin,
    statusPort: agent,
    concurrency: 1,
    terminationDrainDuration: "0s",
  };
  processes.start({
    name,
    folder: own,
    log: inside(folder, `${name}.log`),
    command: [
      program("agent"),
      "proxy",
      kind,
      "--domain",
      `${namespace}.svc.cluster.local`,
      "--concurrency=1",
    ],
    env: {
      PROXY_CONFIG: JSON.stringify(config),
      ISTIO_BOOTSTRAP: program("bootstrap"),
      INSTANCE_IP: address,
      POD_NAME: name,
      POD_NAMESPACE: namespace,
      SERVICE_ACCOUNT: serviceAccount,
      ISTIO_META_CLUSTER_ID: "Kubernetes",
      ISTIO_META_INTERCEPTION_MODE: "NONE",
      ISTIO_METAJSON_LABELS: JSON.stringify(args.labels),
      ISTIOD_SAN: "istiod.istio-system.svc",
      XDS_ROOT_CA: inside(own, "root.pem"),
      CA_ROOT_CA: inside(own, "root.pem"),
      ENVOY_STATUS_PORT: String(health),
      ENVOY_PROMETHEUS_PORT: String(prometheus),
      ...args.env,
    },
  });
  const ask = (path: string) => textFrom(admin, path);
  await until(`the proxy ${name}`, async () => ((await ask("/ready")).startsWith("LIVE") ? true : undefined));
  return { address, admin: ask };
}

const textFrom = (port: number, path: string) =>
  new Promise<string>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () => resolve(Buffer.concat(parts).toString()));
    });
    sent.on("error", reject).end();
  });
