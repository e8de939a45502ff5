/** The first run of somebody with internet, whole: the shipped stack `dev` on the recorded internet, nothing else set. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mirrorVersions } from "../../components/sandbox/mirror/versions";
import { plainSettings } from "../../scripts/lib/settings";
import { versions } from "../../stacks/config/versions";
import { RecordedWorld } from "../internet/recorded-world";
import { projectRoot } from "../support/rendered";
import { Lab, touched } from "./lab";

/** What the config gets where nothing says otherwise and upstream answers. */
const released = Object.fromEntries(
  Object.entries(versions).map(([program, { release }]) => [program, release]),
) as Record<keyof typeof versions, string>;

let recorded: RecordedWorld;
let lab: Lab;

beforeAll(async () => {
  recorded = await RecordedWorld.start();
  lab = new Lab("internet-test", recorded.world);
  lab.configure(plainSettings(join(projectRoot, "Pulumi.dev.yaml")));
});

afterAll(async () => {
  await lab?.end();
  await recorded?.end();
});

describe("dev on the recorded internet", () => {
  it("comes up from upstream, without a word about artifacts or versions", async () => {
    await lab.must("up", "--yes");
    expect(lab.outputs()).toMatchObject({
      artifacts: "upstream: dl.k8s.io, GitHub releases, registry.k8s.io",
    });
    expect(readFileSync(join(lab.stateFolder, "artifacts-internet-test"), "utf8")).toBe("upstream\n");
  });

  it("has every pod Running, and a book shop that answers", () => {
    const phases = lab
      .kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].status.phase}")
      .trim()
      .split(" ");
    expect(phases.length).toBeGreaterThan(15);
    expect(new Set(phases)).toEqual(new Set(["Running"]));
    const shop = `http://${lab.address("worker1")}:30080/productpage`;
    expect(lab.onHost("cp1", `curl -sS -o /dev/null -w '%{http_code}' ${shop}`)).toBe("200");
  });

  it("changes nothing when it runs again", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("has got these files and charts, and no others", () => {
    const github = "github.com";
    const withSum = (address: string, ending: string) => [address, `${address}${ending}`];
    const program = (name: string) =>
      withSum(`dl.k8s.io/release/v${released.kubernetes}/bin/linux/amd64/${name}`, ".sha256");
    const charts = "blob.istio.io/istio-release/charts";
    expect(recorded.internet.files).toEqual(
      [
        ...["kubeadm", "kubelet", "kubectl"].flatMap(program),
        ...withSum(
          `${github}/containerd/containerd/releases/download/v${released.containerd}/containerd-${released.containerd}-linux-amd64.tar.gz`,
          ".sha256sum",
        ),
        ...withSum(
          `${github}/containernetworking/plugins/releases/download/v${released.cniPlugins}/cni-plugins-linux-amd64-v${released.cniPlugins}.tgz`,
          ".sha256",
        ),
        `${github}/etcd-io/etcd/releases/download/v${released.etcd}/SHA256SUMS`,
        `${github}/etcd-io/etcd/releases/download/v${released.etcd}/etcd-v${released.etcd}-linux-amd64.tar.gz`,
        `${github}/opencontainers/runc/releases/download/v${released.runc}/runc.amd64`,
        `${github}/opencontainers/runc/releases/download/v${released.runc}/runc.sha256sum`,
        `${charts}/index.yaml`,
        ...["base", "istiod", "gateway"].map((chart) => `${charts}/${chart}-${released.istio}.tgz`),
      ].sort(),
    );
  });

  it("has got these images, and no others", () => {
    const hub = "registry-1.docker.io";
    const shop = ["details-v1", "productpage-v1", "ratings-v1", "reviews-v1", "reviews-v2", "reviews-v3"];
    expect(recorded.internet.imagesByTag).toEqual(
      [
        ...["apiserver", "controller-manager", "proxy", "scheduler"].map(
          (part) => `registry.k8s.io/kube-${part}:v${released.kubernetes}`,
        ),
        `registry.k8s.io/coredns/coredns:v${mirrorVersions.coredns}`,
        `registry.k8s.io/pause:${mirrorVersions.pause}`,
        `ghcr.io/flannel-io/flannel:v${released.flannel}`,
        `ghcr.io/flannel-io/flannel-cni-plugin:v${mirrorVersions.flannelCni}`,
        ...["pilot", "proxyv2"].map((image) => `${hub}/istio/${image}:${released.istio}`),
        ...shop.map((service) => `${hub}/istio/examples-bookinfo-${service}:1.20.3`),
        `${hub}/fortio/fortio:1.68.1`,
        `${hub}/prom/prometheus:v3.10.0`,
        `${hub}/library/busybox:1.36`,
      ].sort(),
    );
  });

  it("has asked no other name, but for a cloud's and CoreDNS's own questions", () => {
    expect(recorded.internet.askedNames).toEqual([
      "auth.docker.io",
      "blob.istio.io",
      "cdn.dl.k8s.io",
      "dl.k8s.io",
      "ghcr.io",
      "github.com",
      "pkg-containers.githubusercontent.com",
      "production.cloudflare.docker.com",
      "registry-1.docker.io",
      "registry.k8s.io",
      "release-assets.githubusercontent.com",
      "us-central1-docker.pkg.dev",
    ]);
    // CoreDNS asks two numbers, to see whether a question comes back to it.
    const unknown = [...recorded.internet.unknownNames].filter((name) => !/^\d+\.\d+$/.test(name));
    // Istio's proxies look which cloud they run in, and this computer whether it could have Pulumi's own plugins.
    const expected = ["metadata.google.internal", "get.pulumi.com"];
    expect(unknown.filter((name) => !expected.includes(name))).toEqual([]);
    expect(recorded.internet.asked.filter(({ status }) => status > 401)).toEqual([]);
  });
});
