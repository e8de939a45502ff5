import { expect } from "vitest";
import type { KubeObject } from "../../../components/lib/objects";
import { destinations, renderDestinations } from "../../../components/traffic/destinations";
import { gateway, service } from "../../../components/traffic/handles";
import { istioVersion } from "../../support/programs";
import { gatewayLabels } from "../harness/cast";
import type { MeshArgs, RealMesh } from "../harness/mesh";
import type { Answer, WebRequest } from "../harness/web";

/** A policy on real proxies: what is declared, and what comes of it. */
export interface Row {
  /** Its file in components/traffic, without the ending. */
  readonly policy: string;
  /** What it does, as a sentence about it. */
  readonly does: string;
  readonly objects: (mesh: RealMesh) => readonly KubeObject[];
  readonly check: (mesh: RealMesh) => Promise<void>;
}

export const context = { version: istioVersion };

const web = { http: 80, "http-more": 8080 };
const versions = { v1: { version: "v1" }, v2: { version: "v2" } };
const app = (name: string) => service(name, "shop", web);
export const a = destinations(app("a"), { subsets: versions });
export const b = app("b");
export const bytes = destinations(service("bytes", "shop", { tcp: 9000 }), { subsets: versions });
export const safe = destinations(service("safe", "shop", { tls: 9443 }), { subsets: versions });
export const spread = service("spread", "shop", web);
/** Speaks TLS at a port that callers take for plain HTTP. */
export const hidden = service("hidden", "shop", { http: 8085 });
export const guarded = service("guarded", "shop", { http: 8088 });
export const front = gateway("front", "shop", ["shop.example.com"], [80]);

export const subsetsOfA = (): readonly KubeObject[] => renderDestinations(a, context);
export const workload = (name: string) => `Deployment shop/${name}`;

export const frontGateway: KubeObject = {
  apiVersion: "networking.istio.io/v1",
  kind: "Gateway",
  metadata: { name: "front", namespace: "shop" },
  spec: {
    selector: gatewayLabels,
    servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts: front.hosts }],
  },
};

const fileProvider = { name: "file", envoyFileAccessLog: { path: "access.log" } };

export const meshArgs: MeshArgs = {
  apps: [
    { name: "a", namespace: "shop", versions: ["v1", "v2"], ports: web },
    { name: "b", namespace: "shop", versions: ["v1"], ports: web },
    { name: "bytes", namespace: "shop", versions: ["v1", "v2"], ports: { tcp: 9000 } },
    { name: "safe", namespace: "shop", versions: ["v1", "v2"], ports: { tls: 9443 }, tls: true },
    { name: "hidden", namespace: "shop", versions: ["v1"], ports: { http: 8085 }, tls: true },
    {
      name: "spread",
      namespace: "shop",
      versions: ["v1", "v2"],
      ports: web,
      localities: { v1: "here/one", v2: "there/two" },
    },
  ],
  clients: [{ name: "client", namespace: "shop", labels: { app: "client", "istio-locality": "here.one" } }],
  gateway: [80],
  mesh: { extensionProviders: [fileProvider] },
};

/** Sends to `a` unless told, from the client's sidecar. */
export const ask = (
  mesh: RealMesh,
  { to = "a", port = 80, ...request }: Partial<WebRequest> & { to?: string; port?: number } = {},
): Promise<Answer> =>
  mesh.ask("shop/client", port, { ...request, headers: { host: to, ...request.headers } });

/** Versions that answered a number of requests, each once, in order of their names. */
export async function answering(
  mesh: RealMesh,
  count: number,
  request: Parameters<typeof ask>[1] = {},
): Promise<string[]> {
  const seen = new Set<string>();
  for (let turn = 0; turn < count; turn += 1) {
    const answer = await ask(mesh, request);
    seen.add(answer.seen?.workload.split("/")[1] ?? String(answer.status));
  }
  return [...seen].sort();
}

/** The one version that answers. */
export const answersFrom = async (
  mesh: RealMesh,
  version: string,
  request: Parameters<typeof ask>[1] = {},
): Promise<void> => expect(await answering(mesh, 3, request)).toEqual([version]);
