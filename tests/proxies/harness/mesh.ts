import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubeObject } from "../../../components/lib/objects";
import type { Api } from "./api";
import { startApiServer } from "./api-server";
import { type App, type Client, type Guarded, gatewayName, namespaceObject } from "./cast";
import { Declared } from "./declared";
import { type Istiod, rootNamespace, startIstiod } from "./istiod";
import { addApp, addClient, addGateway, addGuarded } from "./populate";
import { Processes, until } from "./processes";
import { type ProxyArgs, type RunningProxy, startProxy } from "./proxy";
import { sentinelHost, sentinelObjects, sentinelRoute } from "./sentinel";
import { type Answer, Application, reconnect, send, type WebRequest } from "./web";

export interface MeshArgs {
  readonly apps: readonly App[];
  readonly clients: readonly Client[];
  readonly guarded?: readonly Guarded[];
  /** Ports of the gateway's Service. Default: no gateway. */
  readonly gateway?: readonly number[];
  /** Settings of the mesh, besides Istio's defaults. */
  readonly mesh?: object;
}

/** A mesh without nodes: Istio's control plane and proxies are real, applications are servers in the test. */
export class RealMesh {
  readonly applications = new Map<string, Application>();
  /** Of applications, by their workload. */
  readonly addresses = new Map<string, string>();
  /** What the simulator has to know besides what tests declare. */
  readonly background: KubeObject[] = [];
  readonly proxies = new Map<string, RunningProxy>();
  readonly processes = new Processes();
  readonly folder = mkdtempSync(join(tmpdir(), "real-mesh-"));
  private readonly network = `127.${randomInt(16, 250)}.${randomInt(1, 250)}`;
  private lastAddress = 10;
  private generation = 0;
  private listening: ReadonlyMap<number, number> = new Map();
  declared!: Declared;
  api!: Api;
  istiod!: Istiod;

  /** Starts it all. On a failure it ends what was started, and tells the last lines of every log. */
  static async start(args: MeshArgs): Promise<RealMesh> {
    const mesh = new RealMesh();
    try {
      await mesh.begin(args);
      return mesh;
    } catch (error) {
      const tails = mesh.processes.tails();
      await mesh.stop();
      throw new Error(`${String(error)}\n${tails}`);
    }
  }

  /** A loopback address that nobody has. */
  address(): string {
    this.lastAddress += 1;
    return `${this.network}.${this.lastAddress}`;
  }

  private async begin(args: MeshArgs): Promise<void> {
    const { apps, clients, guarded = [], gateway = [], mesh = {} } = args;
    this.api = await startApiServer(this.processes, this.folder);
    this.declared = new Declared(this.api);
    const places = new Set([...apps, ...clients, ...guarded].map(({ namespace }) => namespace));
    const namespaces = [...places, rootNamespace, ...sentinelObjects.namespaces].map(namespaceObject);
    await Promise.all(namespaces.map((object) => this.api.apply(object)));
    this.istiod = await startIstiod(this.processes, this.folder, this.api, mesh);
    await Promise.all(sentinelObjects.objects.map((object) => this.api.apply(object)));
    this.background.push(...namespaces);
    for (const app of apps) await addApp(this, app);
    if (gateway.length > 0) this.listening = await addGateway(this, gateway);
    await Promise.all([
      ...clients.map((client) => addClient(this, client)),
      ...guarded.map((one) => addGuarded(this, one)),
    ]);
    await this.declare([]);
  }

  /** A server that is no part of the mesh yet. */
  async serve(
    workload: string,
    address: string,
    ports: readonly number[],
    tls = false,
  ): Promise<Application> {
    const application = new Application(workload);
    await application.listen(address, ports, tls);
    this.applications.set(workload, application);
    this.addresses.set(workload, address);
    return application;
  }

  application(workload: string): Application {
    const found = this.applications.get(workload);
    if (found === undefined) throw new Error(`no application ${workload}`);
    return found;
  }

  async addProxy(args: ProxyArgs): Promise<RunningProxy> {
    const proxy = await startProxy(this.processes, this.folder, this.api, this.istiod, args);
    this.proxies.set(`${args.namespace}/${args.name}`, proxy);
    return proxy;
  }

  /** Makes these objects all that is declared, and waits until every proxy has them. Gives them back with their age. */
  async declare(objects: readonly KubeObject[]): Promise<readonly KubeObject[]> {
    const kept = await this.declared.become(objects);
    await this.settled();
    return kept;
  }

  /** Waits until every proxy answers the newest generation, which is declared after all else. */
  async settled(): Promise<void> {
    // Kinds reach istiod by streams of their own; this is longer than one of them lags behind another.
    await new Promise((resolve) => setTimeout(resolve, 150));
    this.generation += 1;
    const text = `generation ${this.generation}`;
    await this.api.apply(sentinelRoute(text));
    for (const [name, { address }] of this.proxies) {
      const [outside] = this.listening.values();
      const [host, port] =
        name === `${rootNamespace}/${gatewayName}` ? ["127.0.0.1", outside ?? 0] : [address, 80];
      await until(`${name} with all routes`, async () => {
        const { body } = await send(host, port, { headers: { host: sentinelHost } });
        return body === text ? true : undefined;
      });
    }
    reconnect();
  }

  /** From a client's application, as its sidecar gets it. */
  ask(client: string, port: number, request: WebRequest): Promise<Answer> {
    const proxy = this.proxies.get(client);
    if (proxy === undefined) throw new Error(`no proxy ${client}`);
    return send(proxy.address, port, request);
  }

  /** From outside, at a port of the gateway's Service. */
  askGateway(port: number, request: WebRequest): Promise<Answer> {
    return send("127.0.0.1", this.listening.get(port) ?? 0, request);
  }

  async stop(): Promise<void> {
    for (const application of this.applications.values()) application.close();
    this.api?.close();
    await this.processes.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
