import { Agent, request } from "node:https";
import type { KubeObject } from "../../../components/lib/objects";

const clusterWide = [
  ...["Namespace", "CustomResourceDefinition", "GatewayClass"],
  "ValidatingWebhookConfiguration",
];

const plural = (kind: string): string => {
  const name = kind.toLowerCase();
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`;
  return name.endsWith("s") ? `${name}es` : `${name}s`;
};

/** Where the API server keeps an object. */
export function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = clusterWide.includes(kind) ? "" : `/namespaces/${metadata.namespace ?? "default"}`;
  return `${group}${place}/${plural(kind)}/${metadata.name}`;
}

/** Speaks to the API server as someone who may do everything. */
export class Api {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 16, rejectUnauthorized: false });

  readonly port: number;
  readonly token: string;

  constructor(port: number, token: string) {
    this.port = port;
    this.token = token;
  }

  async call(method: string, path: string, body?: object, type = "application/json"): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": type };
    const options = { host: "127.0.0.1", port: this.port, path, method, headers, agent: this.agent };
    const [status, text] = await new Promise<[number, string]>((resolve, reject) => {
      const sent = request(options, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve([response.statusCode ?? 0, Buffer.concat(parts).toString()]));
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  /** Makes the object, or what it says of one that is there. */
  apply(object: KubeObject, below = ""): Promise<unknown> {
    const path = `${pathOf(object)}${below}?fieldManager=test&force=true&fieldValidation=Strict`;
    return this.call("PATCH", path, object, "application/apply-patch+yaml");
  }

  remove(object: KubeObject): Promise<unknown> {
    return this.call("DELETE", pathOf(object));
  }

  close(): void {
    this.agent.destroy();
  }
}
