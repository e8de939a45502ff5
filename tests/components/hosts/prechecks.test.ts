import { describe, expect, it } from "vitest";
import { type HostDuties, kernelMinimum, planPrechecks, portsOf } from "../../../components/hosts/prechecks";
import { machineProfile, sharedKernelProfile } from "../../../components/hosts/profile";

const settings = {
  mode: "refuse",
  memoryMiB: 1700,
  cpus: 2,
  diskFreeMiB: 4096,
  fsyncMilliseconds: 50,
  clockOffsetMilliseconds: 500,
} as const;
const duties = (more: Partial<HostDuties> = {}): HostDuties => ({
  roles: ["controlPlane", "etcd"],
  kubernetesVersion: "1.36.3",
  bindPort: 6443,
  podNetwork: "flannelVxlan",
  ...more,
});

describe("the ports of a host", () => {
  it("follow from what will run there, each with who may hold it", () => {
    expect(portsOf(duties({ haproxyPort: 8443 }))).toEqual([
      "6443 tcp kube-apiserver",
      "10257 tcp kube-controller-manager",
      "10259 tcp kube-scheduler",
      "8443 tcp haproxy",
      "2379 tcp etcd",
      "2380 tcp etcd",
      "10250 tcp kubelet",
      "10256 tcp kube-proxy",
      "8472 udp @flannel.1",
    ]);
  });

  it("are few on a worker without kube-proxy and on a host of etcd alone", () => {
    const worker = duties({ roles: ["worker"], kubeProxy: "none", podNetwork: "kubeRouter" });
    expect(portsOf(worker)).toEqual(["10250 tcp kubelet", "20244 tcp kube-router"]);
    expect(portsOf(duties({ roles: ["etcd"] }))).toEqual(["2379 tcp etcd", "2380 tcp etcd"]);
  });

  it("are etcd's too where kubeadm runs it", () => {
    expect(portsOf(duties({ roles: ["controlPlane"], stackedEtcd: true }))).toContain("2380 tcp etcd");
  });
});

describe("the oldest kernel", () => {
  it.each([
    ["1.20.7", "3.10 kubeadm of Kubernetes 1.20.7"],
    ["1.31.0", "3.10 kubeadm of Kubernetes 1.31.0"],
    ["1.32.0", "4.19 kubeadm of Kubernetes 1.32.0"],
    ["1.33.2", "5.4 kubeadm of Kubernetes 1.33.2"],
    ["1.34.0", ""],
    ["1.36.3", ""],
  ])("of Kubernetes %s is %j", (kubernetesVersion, minimum) => {
    expect(kernelMinimum(duties({ kubernetesVersion }), machineProfile)).toBe(minimum);
  });

  it("is nobody's matter where kubeadm's check is switched off, but nftables keeps its own", () => {
    expect(kernelMinimum(duties({ kubernetesVersion: "1.32.0" }), sharedKernelProfile)).toBe("");
    expect(kernelMinimum(duties({ kubeProxy: "nftables" }), sharedKernelProfile)).toBe(
      "5.13 kube-proxy's nftables mode",
    );
  });
});

describe("planPrechecks", () => {
  it("asks of a host what its roles need", () => {
    expect(planPrechecks(settings, duties(), machineProfile)).toMatchObject({
      MEMORY_MIB: 1700,
      CPUS: 2,
      FSYNC_MILLISECONDS: 50,
      CGROUP_V1: "refuse",
      IPVS: "optional",
      ETCD_DATA_DIR: "/var/lib/etcd",
    });
    expect(planPrechecks(settings, duties({ roles: ["worker"] }), machineProfile)).toMatchObject({
      MEMORY_MIB: 1700,
      CPUS: 0,
      FSYNC_MILLISECONDS: 0,
      ETCD_DATA_DIR: "",
    });
    expect(planPrechecks(settings, duties({ roles: ["etcd"] }), machineProfile)).toMatchObject({
      MEMORY_MIB: 0,
      CPUS: 0,
      FSYNC_MILLISECONDS: 50,
    });
  });

  it("refuses control groups of version 1 from 1.35 on, unless the kubelet is told to go on", () => {
    const cgroups = (kubernetesVersion: string, profile = machineProfile) =>
      planPrechecks(settings, duties({ kubernetesVersion }), profile).CGROUP_V1;
    expect([cgroups("1.34.9"), cgroups("1.35.0"), cgroups("1.36.3", sharedKernelProfile)]).toEqual([
      "allow",
      "refuse",
      "allow",
    ]);
  });

  it("needs IPVS where Services are served by it", () => {
    expect(planPrechecks(settings, duties({ kubeProxy: "ipvs" }), machineProfile).IPVS).toBe("needed");
    expect(planPrechecks(settings, duties({ serviceProxy: true }), machineProfile).IPVS).toBe("needed");
  });

  it("asks nothing of a disposable host that only the computer could give", () => {
    expect(planPrechecks(settings, duties(), sharedKernelProfile)).toMatchObject({
      MEMORY_MIB: 0,
      CPUS: 0,
      FSYNC_MILLISECONDS: 0,
      CLOCK_OFFSET_MILLISECONDS: 0,
      DISK_FREE_MIB: 4096,
    });
  });
});
