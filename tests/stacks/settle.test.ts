import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { compositions } from "../../stacks/compositions";
import { parseConfig, resolvePlatform } from "../../stacks/config/load";
import { type Probe, upstreamProbes } from "../../stacks/probes";
import { runStack } from "../../stacks/program";
import { type Reach, reach, rememberSource, settle, settledBefore } from "../../stacks/settle";
import { capableComputer, inventory } from "../support/platforms";
import { record } from "../support/recorder";

const reachable: Reach = async () => true;
const cutOff: Reach = async () => false;
const neverAsked: Reach = async ({ url }) => {
  throw new Error(`${url} was asked for`);
};

let folder: string;
const note = () => join(folder, "artifacts-unit");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-platform-"));
  vi.stubEnv("MESH_PLATFORM_STATE", folder);
  vi.stubEnv("MESH_PLATFORM_CACHE", join(folder, "cache"));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  pulumi.runtime.setAllConfig({});
  rmSync(folder, { recursive: true });
});

describe("artifacts of kind auto", () => {
  const auto = parseConfig({});
  const settled = (canReach: Reach, config = auto) => settle(config, "unit", canReach);

  it("come from upstream where all of it answers", async () => {
    expect(await settled(reachable)).toEqual({ auto: "upstream", silent: [] });
  });

  it("come from a mirror of the sandbox's own where one part is silent, which is told", async () => {
    expect(await settled(async ({ url }) => !url.includes("registry.k8s.io"))).toEqual({
      auto: "sandbox",
      silent: ["https://registry.k8s.io/v2/"],
    });
  });

  it.each(["sandbox", "upstream"])("stay where they came from, however the network is (%s)", async (kept) => {
    writeFileSync(note(), `${kept}\n`);
    expect(await settled(neverAsked)).toEqual({ auto: kept, silent: [] });
  });

  it.each(["somewhere\n", "", "upstream sandbox\n"])(
    "are asked for anew where the note makes no sense (%j)",
    async (junk) => {
      writeFileSync(note(), junk);
      expect(settledBefore("unit")).toBeUndefined();
      expect((await settled(cutOff)).auto).toBe("sandbox");
      expect(readFileSync(note(), "utf8")).toBe(junk);
    },
  );

  it.each([
    ["for machines", inventory(1, { artifacts: { kind: "auto" } })],
    ["where a source is named", { artifacts: { kind: "aliyun" } }],
  ])("are not asked for %s", async (_, raw) => {
    writeFileSync(note(), "sandbox\n");
    const config = parseConfig(raw);
    expect(await settled(neverAsked, config)).toEqual({ auto: "upstream", silent: [] });
    rememberSource(resolvePlatform(raw, "unit", capableComputer));
    expect(readFileSync(note(), "utf8")).toBe("sandbox\n");
  });
});

describe("the answer of auto", () => {
  const file = (config: object) =>
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [`mesh-platform:${key}`, JSON.stringify(value)]),
    );
  const machines = { composition: "machines", hosts: { kind: "sandbox", workers: 0 } };
  const run = (config: object, canReach: Reach) =>
    record(() => {
      pulumi.runtime.setAllConfig(file(config));
      return runStack(capableComputer, canReach);
    });

  it("is written down by a run whose program was built completely", async () => {
    const { result } = await run(machines, cutOff);
    expect(result).toMatchObject({ artifacts: expect.stringMatching(/^sandbox: /) });
    expect(readFileSync(note(), "utf8")).toBe("sandbox\n");
    await run(machines, neverAsked);
  });

  it("takes the place of a note that makes no sense", async () => {
    writeFileSync(note(), "somewhere\n");
    await run(machines, reachable);
    expect(readFileSync(note(), "utf8")).toBe("upstream\n");
  });

  it("is not written down where the config has faults, of whatever kind", async () => {
    await expect(run({ ...machines, kubernetes: { version: "1.36.2" } }, cutOff)).rejects.toThrow(
      "kubernetes.version",
    );
    await expect(run({ ...machines, kubernetes: { version: "1.36" } }, neverAsked)).rejects.toThrow(
      "kubernetes.version",
    );
    expect(settledBefore("unit")).toBeUndefined();
  });

  it("is not written down where the program throws", async () => {
    vi.spyOn(compositions, "machines").mockRejectedValue(new Error("half built"));
    await expect(run(machines, reachable)).rejects.toThrow("half built");
    expect(settledBefore("unit")).toBeUndefined();
  });

  it("is not written down where the analysis finds mistakes in what was declared", async () => {
    vi.spyOn(compositions, "machines").mockImplementation(async () => {
      const metadata = { name: "twice", namespace: "default" };
      for (const name of ["one", "other"]) new k8s.core.v1.ConfigMap(name, { metadata });
      return {};
    });
    await expect(run(machines, reachable)).rejects.toThrow("twice");
    expect(settledBefore("unit")).toBeUndefined();
  });
});

describe("what auto asks", () => {
  const asked = (raw: object) => upstreamProbes(parseConfig(raw)).map(({ url, by }) => `${by} ${url}`);
  const files = [
    "hosts https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubeadm",
    "hosts https://github.com/containerd/containerd/releases/download/v2.3.7/containerd-2.3.7-linux-amd64.tar.gz",
  ];
  const charts = "computer https://blob.istio.io/istio-release/charts/index.yaml";
  const hub = "hosts https://registry-1.docker.io/v2/";
  const github = "hosts https://ghcr.io/v2/";
  /** The last whose images are on Docker Hub. */
  const network = { flannel: { version: "0.26.2" } };
  const kubernetes = "hosts https://registry.k8s.io/v2/";

  it("is one address of each host that the cluster needs; without a mesh no charts", () => {
    expect(asked({})).toEqual([files[0], github, files[1], kubernetes]);
    expect(asked({ network })).toEqual([...files, hub, kubernetes]);
  });

  it("has Istio's charts with a mesh, from the computer that renders them", () => {
    expect(asked({ mesh: {}, network })).toEqual([charts, ...files, hub, kubernetes]);
  });

  it("has no charts where istioctl installs, or the config names others", () => {
    expect(asked({ mesh: { version: "1.10.0" } })).not.toContain(charts);
    expect(asked({ mesh: { charts: "https://charts.example.com" } })).not.toContain(charts);
  });

  it.each([
    [
      "kube-vip",
      { network, kubernetes: { controlPlaneEndpoint: { kind: "kubeVip", address: "172.30.7.99" } } },
      "ghcr.io",
    ],
    ["a newer flannel", { network: { flannel: { version: "0.28.9" } } }, "ghcr.io"],
    ["Kiali", { mesh: {}, addons: { prometheus: {}, kiali: {} } }, "quay.io"],
    ["logging", { addons: { logging: {} } }, "docker.elastic.co"],
    ["the resilience exercises", { mesh: {}, apps: { istioLab: {} } }, "registry.cn-shanghai.aliyuncs.com"],
  ])("has the registry of %s", (_, raw, registry) => {
    expect(asked(raw)).toContain(`hosts https://${registry}/v2/`);
    expect(asked({ mesh: {}, network })).not.toContain(`hosts https://${registry}/v2/`);
  });

  it("has Docker's packages where it is the runtime, and a chart's repository where an add-on is one", () => {
    expect(asked({ runtime: { kind: "criDockerd", criDockerd: "9.9.9" } })).toContain(
      "hosts https://download.docker.com/linux/debian/gpg",
    );
    expect(asked({ mesh: {}, addons: { prometheus: { source: { chart: "29.27.0" } } } })).toContain(
      "computer https://prometheus-community.github.io/helm-charts/index.yaml",
    );
  });

  it("is etcd's alone for etcd alone", () => {
    expect(asked({ composition: "etcd", mesh: {} })).toEqual([
      "hosts https://github.com/etcd-io/etcd/releases/download/v3.6.15/etcd-v3.6.15-linux-amd64.tar.gz",
    ]);
  });
});

describe("reach", () => {
  let origin: Server;
  let proxy: Server;
  let through: string[];
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  const listening = (server: Server) =>
    new Promise<Server>((done) => server.listen(0, "127.0.0.1", () => done(server)));

  beforeEach(async () => {
    for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]) {
      vi.stubEnv(name, undefined);
      vi.stubEnv(name.toLowerCase(), undefined);
    }
    through = [];
    origin = await listening(
      createServer(({ url }, response) =>
        url === "/moved"
          ? response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()
          : response.writeHead(403).end(),
      ),
    );
    proxy = await listening(createServer());
    // Whatever name is asked for, the way leads to the origin.
    proxy.on("connect", ({ url = "" }, socket) => {
      through.push(url);
      const onward = connect(portOf(origin), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      for (const end of [socket, onward]) end.on("error", () => end.destroy());
    });
  });
  afterEach(() => {
    for (const server of [origin, proxy]) {
      server.closeAllConnections();
      server.close();
    }
  });
  const ask = (url: string, by: Probe["by"]) => reach({ url, by });

  it("takes any answer for one, and none for none", async () => {
    expect(await ask(`http://127.0.0.1:${portOf(origin)}/`, "hosts")).toBe(true);
    expect(await ask("http://127.0.0.1:1/", "hosts")).toBe(false);
  });

  it("follows to the host where the file really lies", async () => {
    expect(await ask(`http://127.0.0.1:${portOf(origin)}/moved`, "hosts")).toBe(false);
  });

  it("asks by the proxy of the environment for what this computer downloads", async () => {
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${portOf(proxy)}`);
    expect(await ask("http://upstream.invalid/", "computer")).toBe(true);
    expect(through).toEqual(["upstream.invalid:80"]);
  });

  it("takes an address of a proxy that is none for a network that does not answer", async () => {
    vi.stubEnv("HTTP_PROXY", "proxy");
    expect(await ask(`http://127.0.0.1:${portOf(origin)}/`, "computer")).toBe(false);
  });

  it("leaves out what NO_PROXY names", async () => {
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${portOf(proxy)}`);
    vi.stubEnv("NO_PROXY", "upstream.invalid");
    expect(await ask("http://upstream.invalid/", "computer")).toBe(false);
    expect(through).toEqual([]);
  });

  it("asks without it for what the hosts download, which know no proxy", async () => {
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${portOf(proxy)}`);
    expect(await ask("http://upstream.invalid/", "hosts")).toBe(false);
    expect(through).toEqual([]);
  });
});
