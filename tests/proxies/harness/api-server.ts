import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../components/lib/objects";
import { program } from "../../support/programs";
import { Api } from "./api";
import { freePorts, inside, type Processes, until } from "./processes";

const token = "everything";

/** The definitions of Istio's kinds and of the Gateway API's. */
function definitions(): KubeObject[] {
  const chart = spawnSync("tar", ["-xzOf", program("baseChart"), "base/files/crd-all.gen.yaml"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const texts = [chart.stdout, readFileSync(program("gatewayApi"), "utf8")];
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubeObject))
    .filter((object) => object?.kind === "CustomResourceDefinition");
}

/** A real API server with a real etcd, without nodes: it only keeps objects, and says who is who. */
export async function startApiServer(processes: Processes, folder: string): Promise<Api> {
  const [client = 0, peer = 0, port = 0] = await freePorts(3);
  const etcd = `http://127.0.0.1:${client}`;
  processes.start({
    name: "etcd",
    folder,
    log: inside(folder, "etcd.log"),
    command: [
      program("etcd"),
      "--data-dir=etcd",
      "--unsafe-no-fsync",
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
    ],
  });
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeFileSync(inside(folder, "accounts.key"), privateKey, { mode: 0o600 });
  writeFileSync(inside(folder, "accounts.pub"), publicKey);
  writeFileSync(inside(folder, "tokens.csv"), `${token},tester,tester,system:masters\n`, { mode: 0o600 });
  processes.start({
    name: "kube-apiserver",
    folder,
    log: inside(folder, "kube-apiserver.log"),
    command: [
      program("apiServer"),
      `--etcd-servers=${etcd}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${port}`,
      "--cert-dir=certs",
      "--authorization-mode=AlwaysAllow",
      "--token-auth-file=tokens.csv",
      "--disable-admission-plugins=ServiceAccount",
      "--endpoint-reconciler-type=none",
      "--service-cluster-ip-range=10.96.0.0/16",
      "--service-account-issuer=https://kubernetes.default.svc",
      "--service-account-key-file=accounts.pub",
      "--service-account-signing-key-file=accounts.key",
      "--max-requests-inflight=2000",
    ],
  });
  const all = definitions();
  const api = new Api(port, token);
  await until("the API server", () => api.call("GET", "/api/v1/namespaces/default"));
  await Promise.all(all.map((one) => api.apply(one)));
  await Promise.all(
    all.map((one) =>
      until(`the definition ${one.metadata.name}`, async () => {
        const { spec } = one as unknown as {
          spec: { group: string; names: { plural: string }; versions: { name: string }[] };
        };
        return api.call("GET", `/apis/${spec.group}/${spec.versions[0]?.name}/${spec.names.plural}`);
      }),
    ),
  );
  return api;
}
