import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  type Endpoint,
  endpointAddress,
  endpointFiles,
  endpointInitFiles,
  endpointPackages,
  endpointServices,
} from "../../../components/control-plane/endpoint";
import { kubeVipVersionFor } from "../../../components/control-plane/endpoint-kube-vip";

const cp1 = { name: "cp1", address: "10.0.0.1" };
const cp2 = { name: "cp2", address: "10.0.0.2" };
const cp3 = { name: "cp3", address: "10.0.0.3" };
const controlPlanes = [cp1, cp2, cp3];
const haproxy: Endpoint = {
  kind: "haproxy",
  address: "10.0.0.10",
  port: 8443,
  interface: "eth0",
  routerId: 51,
};
const kubeVip: Endpoint = { kind: "kubeVip", address: "10.0.0.10", interface: "eth0", version: "1.0.1" };
const plain: readonly Endpoint[] = [
  { kind: "firstControlPlane" },
  { kind: "external", address: "api.example.com:443" },
];
const context = {
  bindPort: 6443,
  kubernetesVersion: "1.36.3",
  kubeVipImage: "registry.example.com/kube-vip/kube-vip",
};

/** Content of the only file with that end. */
function content(endpoint: Endpoint, node: typeof cp1, end: string, list = controlPlanes): string {
  const file = endpointFiles(endpoint, node, list, context).find(({ path }) => path.endsWith(end));
  if (file === undefined) throw new Error(`no file ${end}`);
  return file.content;
}

describe("endpointAddress", () => {
  it.each<[Endpoint, string]>([
    [{ kind: "firstControlPlane" }, "10.0.0.1:6443"],
    [{ kind: "external", address: "api.example.com:443" }, "api.example.com:443"],
    [kubeVip, "10.0.0.10:6443"],
    [haproxy, "10.0.0.10:8443"],
  ])("of %j is %s", (endpoint, address) => {
    expect(endpointAddress(endpoint, cp1.address, 6443)).toBe(address);
  });
});

describe("what goes to a host", () => {
  it("is nothing where the endpoint is somebody else's or a host's own", () => {
    for (const endpoint of plain) {
      expect(endpointFiles(endpoint, cp1, controlPlanes, context)).toEqual([]);
      expect(endpointInitFiles(endpoint, cp1, controlPlanes, context)).toEqual([]);
      expect(endpointPackages(endpoint)).toEqual([]);
      expect(endpointServices(endpoint)).toEqual([]);
    }
  });

  it("is haproxy first, then keepalived, which asks it", () => {
    expect(endpointFiles(haproxy, cp1, controlPlanes, context).map(({ path, mode }) => [path, mode])).toEqual(
      [
        ["/etc/haproxy/haproxy.cfg", "0644"],
        ["/etc/keepalived/keepalived.conf", "0644"],
      ],
    );
    expect(endpointServices(haproxy)).toEqual(["haproxy", "keepalived"]);
    expect(endpointPackages(haproxy)).toEqual(["haproxy", "keepalived"]);
    expect(endpointInitFiles(haproxy, cp1, controlPlanes, context)).toEqual(
      endpointFiles(haproxy, cp1, controlPlanes, context),
    );
  });
});

describe("haproxy.cfg", () => {
  it("passes TLS through to every control plane and asks each whether it is ready", () => {
    const lines = content(haproxy, cp1, "haproxy.cfg")
      .split("\n")
      .map((line) => line.trim());
    expect(lines).toEqual(expect.arrayContaining(["mode tcp", "bind *:8443", "option httpchk GET /readyz"]));
    expect(lines.filter((line) => line.startsWith("server "))).toEqual([
      "server cp1 10.0.0.1:6443",
      "server cp2 10.0.0.2:6443",
      "server cp3 10.0.0.3:6443",
    ]);
  });

  it("is the same on all of them", () => {
    expect(content(haproxy, cp2, "haproxy.cfg")).toBe(content(haproxy, cp1, "haproxy.cfg"));
  });
});

describe("keepalived.conf", () => {
  it("names the others as peers, and falls in priority by place", () => {
    const wanted = (place: number, peers: string[]) => [
      `priority ${200 - place}`,
      `unicast_src_ip ${controlPlanes[place]?.address}`,
      ...peers,
      "10.0.0.10/32 dev eth0",
    ];
    const of = (node: typeof cp1) =>
      content(haproxy, node, "keepalived.conf")
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => /^(priority|unicast_src_ip|10\.)/.test(line));
    expect(of(cp1)).toEqual(wanted(0, ["10.0.0.2", "10.0.0.3"]));
    expect(of(cp3)).toEqual(wanted(2, ["10.0.0.1", "10.0.0.2"]));
  });

  it("has no peers where there is one control plane: an empty block would not be read", () => {
    expect(content(haproxy, cp1, "keepalived.conf", [cp1])).not.toContain("unicast_peer");
  });

  it("leaves the interface to the script where the config names none", () => {
    const text = content({ ...haproxy, interface: undefined }, cp1, "keepalived.conf");
    expect(text).toContain("interface @INTERFACE@\n");
    expect(text).toContain("10.0.0.10/32 dev @INTERFACE@\n");
  });

  it("refuses a host that is none of the control planes", () => {
    expect(() =>
      endpointFiles(haproxy, { name: "worker1", address: "10.0.0.9" }, controlPlanes, context),
    ).toThrow("worker1 is not one of the control planes of the endpoint");
  });
});

describe("kube-vip", () => {
  const pod = (files: readonly { content: string }[]) => parse(files[0]?.content ?? "");

  it("holds the address by ARP, elected at the API server of its own host", () => {
    const { metadata, spec } = pod(endpointFiles(kubeVip, cp1, controlPlanes, context));
    expect(metadata).toEqual({ name: "kube-vip", namespace: "kube-system" });
    expect(spec).toMatchObject({
      hostNetwork: true,
      hostAliases: [{ ip: "127.0.0.1", hostnames: ["kubernetes"] }],
      volumes: [{ name: "kubeconfig", hostPath: { path: "/etc/kubernetes/admin.conf", type: "File" } }],
    });
    expect(spec.containers[0].image).toBe("registry.example.com/kube-vip/kube-vip:v1.0.1");
    const settings = spec.containers[0].env.map(({ name, value }: { name: string; value?: string }) => [
      name,
      value,
    ]);
    expect(Object.fromEntries(settings)).toMatchObject({
      address: "10.0.0.10",
      port: "6443",
      vip_interface: "eth0",
      vip_arp: "true",
      cp_enable: "true",
      svc_enable: "false",
      vip_leaderelection: "true",
    });
  });

  it.each([
    ["1.28.15", "/etc/kubernetes/admin.conf"],
    ["1.29.0", "/etc/kubernetes/super-admin.conf"],
    ["1.36.3", "/etc/kubernetes/super-admin.conf"],
  ])(
    "while kubeadm init of %s runs it has %s, else it would wait for rights for ever",
    (kubernetesVersion, path) => {
      const files = endpointInitFiles(kubeVip, cp1, controlPlanes, { ...context, kubernetesVersion });
      expect(pod(files).spec.volumes[0].hostPath.path).toBe(path);
      expect(pod(files).spec.containers[0].volumeMounts[0].mountPath).toBe("/etc/kubernetes/admin.conf");
    },
  );

  it("takes the version that goes with Kubernetes where none is named", () => {
    expect(kubeVipVersionFor("1.36.3")).toBe("1.0.1");
    expect(kubeVipVersionFor("1.20.7")).toBe("0.8.9");
    const files = endpointFiles({ ...kubeVip, version: undefined }, cp1, controlPlanes, {
      ...context,
      kubernetesVersion: "1.20.7",
    });
    expect(pod(files).spec.containers[0].image).toBe("registry.example.com/kube-vip/kube-vip:v0.8.9");
  });

  it("needs to know where its image lies", () => {
    expect(() => endpointFiles(kubeVip, cp1, controlPlanes, { ...context, kubeVipImage: undefined })).toThrow(
      "the endpoint kubeVip needs the address of kube-vip's image",
    );
  });
});
