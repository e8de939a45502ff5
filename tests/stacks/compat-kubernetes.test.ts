import { describe, expect, it } from "vitest";
import { checkKubernetes, type KubernetesSet, kubeadmApiOf } from "../../stacks/config/compat-kubernetes";

const today: KubernetesSet = { kubernetes: "1.36.3", etcd: "3.6.15" };

type Row = readonly [set: KubernetesSet, paths: readonly string[]];

const api = "kubernetes.kubeadmApi";
const rows: readonly Row[] = [
  [today, []],
  [{ kubernetes: "1.17.17" }, ["kubernetes.version"]],
  [{ kubernetes: "1.18.0" }, []],
  // kubeadm's config API: the first and last minors of each.
  [{ kubernetes: "1.21.14", kubeadmApi: "v1beta3" }, [api]],
  [{ kubernetes: "1.22.0", kubeadmApi: "v1beta3" }, []],
  [{ kubernetes: "1.36.3", kubeadmApi: "v1beta3" }, []],
  [{ kubernetes: "1.37.0", kubeadmApi: "v1beta3" }, [api]],
  [{ kubernetes: "1.26.15", kubeadmApi: "v1beta2" }, []],
  [{ kubernetes: "1.27.0", kubeadmApi: "v1beta2" }, [api]],
  [{ kubernetes: "1.30.14", kubeadmApi: "v1beta4" }, [api]],
  [{ kubernetes: "1.31.0", kubeadmApi: "v1beta4" }, []],
  // etcd.
  [{ ...today, etcd: "3.5.24" }, []],
  [{ ...today, etcd: "3.5.23" }, ["etcd.version"]],
  [{ ...today, etcd: "4.0.0" }, ["etcd.version"]],
  [{ kubernetes: "1.30.0", etcd: "3.6.0" }, ["etcd.version"]],
  [{ kubernetes: "1.22.17", etcd: "3.5.6" }, []],
  [{ kubernetes: "1.22.17", etcd: "3.5.2" }, ["etcd.version"]],
  [{ kubernetes: "1.20.7", etcd: "3.3.13" }, []],
  [{ kubernetes: "1.20.7", etcd: "3.3.12" }, ["etcd.version"]],
  [{ kubernetes: "1.20.7", etcd: "3.5.24" }, ["etcd.version"]],
  // kube-proxy.
  [{ ...today, kubeProxy: "userspace" }, ["network.kubeProxy"]],
  [{ kubernetes: "1.25.16", kubeProxy: "userspace" }, []],
  [{ ...today, kubeProxy: "none" }, []],
  // CoreDNS in another registry.
  [{ kubernetes: "1.20.15", ownImageRepository: true }, []],
  [{ kubernetes: "1.21.0", ownImageRepository: true }, ["kubernetes.version"]],
  [{ kubernetes: "1.21.1", ownImageRepository: true }, ["kubernetes.version"]],
  [{ kubernetes: "1.21.2", ownImageRepository: true }, []],
  [{ kubernetes: "1.21.1" }, []],
  [{ kubernetes: "1.37.0", kubeadmApi: "v1beta3", etcd: "3.4.0" }, [api, "etcd.version"]],
];

describe("checkKubernetes", () => {
  it.each(rows)("objects to %j at %j", (set, paths) => {
    const findings = checkKubernetes(set);
    expect(findings.map(({ path }) => path)).toEqual(paths);
    expect(findings.every(({ verdict }) => verdict === "impossible")).toBe(true);
  });

  it("says what is given, what would do, and what to change", () => {
    expect(checkKubernetes({ ...today, kubernetes: "1.37.0", kubeadmApi: "v1beta3" })).toEqual([
      {
        verdict: "impossible",
        path: "kubernetes.kubeadmApi",
        given: "v1beta3 with Kubernetes 1.37.0",
        allowed:
          "v1beta3 with Kubernetes 1.22 or later, below 1.37 (it came with kubeadm 1.22, and 1.37 no longer reads it)",
        change: "write v1beta4 from 1.31 on, v1beta2 before 1.22",
      },
    ]);
    expect(checkKubernetes({ kubernetes: "1.30.0", etcd: "3.6.0" })).toEqual([
      {
        verdict: "impossible",
        path: "etcd.version",
        given: "3.6.0",
        allowed:
          "3.5.6 or later, below 3.6 with Kubernetes 1.30.0 (3.5.0 to 3.5.2 corrupt data; 3.5.6 is the production floor)",
        change: "choose an older version",
      },
    ]);
  });
});

describe("kubeadmApiOf", () => {
  it.each([
    ["1.18.20", "v1beta2"],
    ["1.21.14", "v1beta2"],
    ["1.22.0", "v1beta3"],
    ["1.30.14", "v1beta3"],
    ["1.31.0", "v1beta4"],
    ["1.37.1", "v1beta4"],
  ])("writes for Kubernetes %s the API %s", (kubernetes, api) => {
    expect(kubeadmApiOf(kubernetes)).toBe(api);
  });

  it("knows none before 1.15", () => {
    expect(() => kubeadmApiOf("1.14.0")).toThrow("kubeadm's config API for Kubernetes 1.14.0 is not known");
  });
});
