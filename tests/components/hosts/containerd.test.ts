import { describe, expect, it } from "vitest";
import { renderContainerdConfig } from "../../../components/hosts/containerd";
import { machineProfile, sharedKernelProfile } from "../../../components/hosts/profile";

const sandboxImage = "registry.k8s.io/pause:3.10.2";
const render = (version: string, profile = machineProfile) =>
  renderContainerdConfig({ version, profile, sandboxImage });

describe("renderContainerdConfig", () => {
  it("is version 3 for containerd 2, with one pause image and systemd's control groups on a machine", () => {
    expect(render("2.3.7")).toBe(`version = 3

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = 'registry.k8s.io/pause:3.10.2'

[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'

[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = false

[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/opt/cni/bin']
  conf_dir = '/etc/cni/net.d'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
  SystemdCgroup = true
`);
  });

  it.each(["1.7.28", "1.6.39"])("is version 2 for containerd %s, no table of it opened twice", (version) => {
    expect(render(version)).toBe(`version = 2

[plugins.'io.containerd.grpc.v1.cri']
  sandbox_image = 'registry.k8s.io/pause:3.10.2'
  restrict_oom_score_adj = false

[plugins.'io.containerd.grpc.v1.cri'.registry]
  config_path = '/etc/containerd/certs.d'

[plugins.'io.containerd.grpc.v1.cri'.cni]
  bin_dir = '/opt/cni/bin'
  conf_dir = '/etc/cni/net.d'

[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'

[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]
  SystemdCgroup = true
`);
  });

  it.each(["2.3.7", "1.7.28"])("differs in two values on a disposable host (%s)", (version) => {
    const others = render(version).split("\n");
    const lines = render(version, sharedKernelProfile).split("\n");
    expect(lines.filter((line, index) => line !== others[index])).toEqual([
      "  restrict_oom_score_adj = true",
      "  SystemdCgroup = false",
    ]);
  });

  it("is not written for versions that read another form", () => {
    expect(() => render("1.4.13")).toThrow("containerd 1.4.13 reads no config that is written here");
  });
});
