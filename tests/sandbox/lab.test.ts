import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab, touched, until } from "./lab";
import { api, Poller, tell } from "./poller";

/**
 * Three control planes, each of them lost in turn by a power cut, and what their clients notice. The tests are chapters
 * of one story and run in order.
 */
const lab = new Lab("lab-test");
const controlPlanes = ["cp1", "cp2", "cp3"];
const nodes = [...controlPlanes, "worker1", "worker2"];
const figures: string[] = [];

const ready = (seat: string) => {
  const format = '{range .items[*]}{.metadata.name}={.status.conditions[?(@.type=="Ready")].status} {end}';
  return lab.kubectlOn(seat, "get", "nodes", "-o", `jsonpath=${format}`).trim().split(" ").sort();
};
const allReady = nodes.map((name) => `${name}=True`);
const otherThan = (host: string) => controlPlanes.find((name) => name !== host) ?? "";
const healthyMembers = (seat: string) =>
  lab
    .onHost(
      seat,
      "etcdctl --endpoints https://127.0.0.1:2379 --cacert /etc/etcd/ssl/ca.pem --cert /etc/etcd/ssl/etcd.pem " +
        "--key /etc/etcd/ssl/etcd-key.pem --command-timeout 5s endpoint health --cluster 2>&1 || true",
    )
    .split("\n")
    .filter((line) => line.includes("is healthy")).length;
/** Addresses by name, once there are any: in a list that changes its order they would move. */
const addresses: Record<string, string> = {};
const host = (name: string, more: object = {}) => ({
  name,
  ...(addresses[name] === undefined ? {} : { address: addresses[name] }),
  roles: name.startsWith("cp") ? ["controlPlane", "etcd"] : ["worker"],
  ...more,
});
const configure = (members = nodes.map((name) => host(name)), more: object = {}) =>
  lab.configure({
    composition: "lab",
    hosts: { kind: "sandbox", members },
    kubernetes: { controlPlaneEndpoint: { kind: "haproxy" } },
    ...more,
  });
const renewed = {
  pki: { leafGeneration: 2 },
  kubernetes: {
    controlPlaneEndpoint: { kind: "haproxy" },
    certSANs: ["api.lab.example.com"],
    extraArgs: { apiServer: { profiling: "false" } },
  },
};
const sleep = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

beforeAll(() => {
  configure();
});

afterAll(async () => {
  console.log(figures.join("\n"));
  await lab.end();
});

describe("three control planes behind one address", () => {
  it("come up, all of them ready, with three etcd members", async () => {
    const began = Date.now();
    await lab.must("up", "--yes");
    figures.push(`five hosts in ${Math.round((Date.now() - began) / 1000)} s`);
    expect(ready("cp1")).toEqual(allReady);
    expect(healthyMembers("cp1")).toBe(3);
    for (const name of nodes) addresses[name] = lab.address(name);
  });

  it("change nothing when it runs again", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("are named by nobody but themselves: workers and the operator use the address that moves", () => {
    const { endpoint } = lab.outputs() as { endpoint: string };
    for (const name of controlPlanes) expect(endpoint).not.toContain(lab.address(name));
    // kubeadm leads the kubelet of a control plane to the API server on its own host, so that versions never cross.
    for (const name of nodes) {
      const server = name.startsWith("cp") ? `https://${lab.address(name)}:6443` : endpoint;
      expect(lab.onHost(name, "grep -h server: /etc/kubernetes/kubelet.conf").trim()).toBe(
        `server: ${server}`,
      );
    }
    // A worker reaches it too; /readyz needs no credentials.
    expect(lab.onHost("worker1", `curl -ks --max-time 5 ${endpoint}/readyz`)).toBe("ok");
  });

  it.each(controlPlanes)("serve reads and writes while %s is dead, and take it back", async (lost) => {
    const { read, write } = api(readFileSync(lab.kubeconfig, "utf8"));
    const pollers = { reads: new Poller(read, 100), writes: new Poller(write, 250) };
    await sleep(5);
    lab.stopHost(lost, "powerCut");
    await sleep(45);
    const seat = otherThan(lost);
    await until(() => ready(seat).includes(`${lost}=Unknown`), 90, `${lost} not ready`);
    // From a worker, by the same address.
    const { endpoint } = lab.outputs() as { endpoint: string };
    expect(lab.onHost("worker1", `curl -ks --max-time 5 ${endpoint}/readyz`)).toBe("ok");
    expect(healthyMembers(seat)).toBe(2);
    lab.startHost(lost);
    await until(() => healthyMembers(seat) === 3, 120, `etcd on ${lost}`);
    await until(() => ready(seat).join() === allReady.join(), 180, `${lost} ready`);
    for (const [what, poller] of Object.entries(pollers)) {
      const seen = await poller.stop();
      figures.push(tell(`${lost} lost and back, ${what}`, seen));
      expect(seen.requests).toBeGreaterThan(100);
    }
  });

  it("change nothing after all that", async () => {
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("renew every certificate and change a flag, one after the other, while they serve", async () => {
    const serials = () =>
      controlPlanes.map((name) =>
        lab.onHost(
          name,
          "for file in /etc/kubernetes/pki/apiserver.crt /etc/etcd/ssl/etcd.pem; do openssl x509 -noout -serial -in $file; done",
        ),
      );
    const before = serials();
    const { read } = api(readFileSync(lab.kubeconfig, "utf8"));
    const poller = new Poller(read, 100);
    configure(undefined, renewed);
    await lab.must("up", "--yes");
    figures.push(tell("certificates, a name and a flag renewed, reads", await poller.stop()));
    for (const [at, serial] of serials().entries()) {
      for (const line of serial.trim().split("\n")) expect(before[at]).not.toContain(line);
    }
    for (const name of controlPlanes) {
      expect(lab.onHost(name, "openssl x509 -noout -text -in /etc/kubernetes/pki/apiserver.crt")).toContain(
        "DNS:api.lab.example.com",
      );
      expect(lab.onHost(name, "tr '\\0' ' ' </proc/$(pidof kube-apiserver)/cmdline")).toContain(
        "--profiling=false",
      );
    }
    expect(ready("cp1")).toEqual(allReady);
  });

  it("go on without a control plane and a worker that are gone, and take a new one in their place", async () => {
    lab.stopHost("cp3", "powerCut");
    lab.stopHost("worker2", "powerCut");
    const dead = [
      host("cp1"),
      host("cp2"),
      host("cp3", { gone: true }),
      host("worker1"),
      host("worker2", { gone: true }),
    ];
    configure([...dead, host("cp4")], renewed);
    await lab.must("up", "--yes");
    addresses.cp4 = lab.address("cp4");
    expect(ready("cp1")).toEqual(["cp1=True", "cp2=True", "cp4=True", "worker1=True"]);
    expect(healthyMembers("cp1")).toBe(3);
    // Nobody goes to the dead hosts when they leave the config.
    configure(
      ["cp1", "cp2", "worker1", "cp4"].map((name) => host(name)),
      renewed,
    );
    await lab.must("up", "--yes");
    expect(ready("cp4")).toEqual(["cp1=True", "cp2=True", "cp4=True", "worker1=True"]);
    expect(touched(await lab.must("up", "--yes"))).toEqual([]);
  });

  it("leave nothing behind", async () => {
    await lab.must("destroy", "--yes");
    expect(lab.leftovers()).toBe("nothing left");
  });
});
