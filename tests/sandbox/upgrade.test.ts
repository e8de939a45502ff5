import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultMirrorDir, holdsPrevious } from "../../components/sandbox/mirror/mirror";
import { mirrorVersions, previousVersions } from "../../components/sandbox/mirror/versions";
import { Lab, touched } from "./lab";
import { api, Poller, tell, web } from "./poller";

/**
 * From one minor version of Kubernetes and etcd to the next, under load. Needs `npm run mirror -- --previous` first. Once
 * as most clusters are; once with three control planes; once without kube-proxy, which an upgrade must not bring back.
 */
const variants = [
  { title: "one control plane", stack: "upgrade-one", controlPlanes: 1, more: {} },
  {
    title: "three control planes",
    stack: "upgrade-three",
    controlPlanes: 3,
    more: { kubernetes: { controlPlaneEndpoint: { kind: "haproxy" } } },
  },
  {
    title: "no kube-proxy",
    stack: "upgrade-proxyless",
    controlPlanes: 1,
    more: { network: { kubeProxy: "none" } },
  },
] as const;

beforeAll(() => {
  if (!holdsPrevious(defaultMirrorDir())) throw new Error("run `npm run mirror -- --previous` first");
});

describe.each(variants)("an upgrade with $title", ({ stack, controlPlanes, more }) => {
  const lab = new Lab(stack);
  const workers = ["worker1", "worker2"];
  const nodes = [...Array.from({ length: controlPlanes }, (_, at) => `cp${at + 1}`), ...workers];
  const proxied = !("network" in more);
  const figures: string[] = [];
  const at = ({ kubernetes, etcd }: { kubernetes: string; etcd: string }) =>
    lab.configure({
      composition: controlPlanes === 1 ? "dev" : "lab",
      hosts: { kind: "sandbox", controlPlanes, workers: workers.length },
      ...more,
      kubernetes: { ...("kubernetes" in more ? more.kubernetes : {}), version: kubernetes },
      etcd: { version: etcd },
    });
  const column = (field: string) =>
    lab.kubectl("get", "nodes", "-o", `jsonpath={range .items[*]}{${field}} {end}`).trim().split(" ");
  const kubeProxies = () =>
    lab
      .kubectl("-n", "kube-system", "get", "daemonsets,pods", "-l", "k8s-app=kube-proxy", "-o", "name")
      .trim();

  afterAll(async () => {
    console.log(figures.join("\n"));
    await lab.end();
  });

  it("begins with a cluster of the minor before", async () => {
    at(previousVersions);
    await lab.must("up", "--yes");
    expect(column(".status.nodeInfo.kubeletVersion")).toEqual(
      nodes.map(() => `v${previousVersions.kubernetes}`),
    );
    expect(kubeProxies() === "").toBe(!proxied);
    const served = readFileSync(join(__dirname, "served.yaml"), "utf8");
    lab.onHost("cp1", `kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f - <<'YAML'\n${served}\nYAML`);
    lab.kubectl("rollout", "status", "deployment/served", "--timeout=180s");
  });

  it("brings every node to the next minor while the application is served", async () => {
    at(mirrorVersions);
    const { read } = api(readFileSync(lab.kubeconfig, "utf8"));
    const pollers = {
      ...(proxied
        ? { application: new Poller(web(workers.map((name) => `http://${lab.address(name)}:30080/`)), 50) }
        : {}),
      "API server": new Poller(read, 200),
    };
    const began = Date.now();
    await lab.must("up", "--yes");
    figures.push(`${stack}: upgraded in ${Math.round((Date.now() - began) / 1000)} s`);
    for (const [what, poller] of Object.entries(pollers)) {
      const seen = await poller.stop();
      figures.push(tell(`${stack}, ${what}`, seen));
      expect(seen.requests).toBeGreaterThan(100);
      if (what === "application") expect(seen.failures).toBe(0);
    }
    expect(column(".status.nodeInfo.kubeletVersion")).toEqual(
      nodes.map(() => `v${mirrorVersions.kubernetes}`),
    );
    expect(column('.status.conditions[?(@.type=="Ready")].status')).toEqual(nodes.map(() => "True"));
    expect(lab.kubectl("get", "nodes", "-o", "jsonpath={.items[*].spec.unschedulable}")).toBe("");
  });

  it("leaves no old program running, and no kube-proxy where there was none", () => {
    const images = lab.kubectl("get", "pods", "-A", "-o", "jsonpath={.items[*].spec.containers[*].image}");
    expect(images.split(" ").filter((image) => image.endsWith(`:v${previousVersions.kubernetes}`))).toEqual(
      [],
    );
    expect(images).toContain(`coredns:v${mirrorVersions.coredns}`);
    expect(lab.onHost("cp1", "etcdctl version")).toContain(mirrorVersions.etcd);
    expect(kubeProxies() === "").toBe(!proxied);
  });

  it("changes nothing when it runs again", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("leaves nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
