import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressAt } from "../../components/lib/cidr";
import { Lab } from "./lab";

/**
 * Existing machines, as most users have them: made by somebody else, reached through a jump host, by a user with sudo,
 * with host keys from a list. Three disposable hosts play them; the stack under test knows nothing of the sandbox.
 */
const machines = new Lab("inventory-machines");
const lab = new Lab("inventory-test");
const node = "kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes --no-headers";

beforeAll(async () => {
  machines.configure({
    composition: "machines",
    hosts: {
      kind: "sandbox",
      members: [
        { name: "vm1", roles: ["controlPlane", "etcd"] },
        { name: "vm2", roles: ["worker"] },
        { name: "jump", roles: ["worker"] },
      ],
    },
    artifacts: { kind: "sandbox" },
  });
  await machines.must("up", "--yes");
  for (const host of ["vm1", "vm2"]) {
    machines.onHost(
      host,
      "useradd -m -s /bin/bash ops && echo 'ops ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/ops && " +
        "install -d -m 700 -o ops /home/ops/.ssh && install -m 600 -o ops /root/.ssh/authorized_keys /home/ops/.ssh/",
    );
  }
});

afterAll(async () => {
  await machines.end();
  lab.forget();
});

describe("a cluster on machines that exist already", () => {
  it("is built by a sudo user through a jump host", async () => {
    const [vm1, vm2, jump] = ["vm1", "vm2", "jump"].map((name) => machines.address(name));
    const gateway = addressAt(`${vm1}/24`, 1);
    lab.configure({
      hosts: {
        kind: "inventory",
        sharedKernel: true,
        ssh: { user: "ops" },
        bastion: { host: jump, hostKey: machines.hostKey("jump") },
        members: [
          { name: "vm1", address: vm1, roles: ["controlPlane", "etcd"], hostKey: machines.hostKey("vm1") },
          { name: "vm2", address: vm2, roles: ["worker"], hostKey: machines.hostKey("vm2") },
        ],
      },
      runtime: { runc: "1.1.5", cniPlugins: "1.1.1" },
      artifacts: {
        kind: "mirror",
        files: `http://${gateway}:5000/files`,
        registry: `${gateway}:5000`,
        registryScheme: "http",
      },
      protect: "off",
    });
    await lab.must("preview");
    lab.setSecret("sshPrivateKey", machines.loginKey());
    await lab.must("up", "--yes");
    const ready = machines
      .onHost("vm1", node)
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/).slice(0, 2).join(" "));
    expect(ready.sort()).toEqual(["vm1 Ready", "vm2 Ready"]);
  });

  it("changes nothing when it runs again", async () => {
    expect(await lab.must("up", "--yes")).not.toMatch(/\b(created|updated|deleted|replaced)\b/);
  });

  it("resets the worker and leaves the machines when it is destroyed", async () => {
    await lab.must("destroy", "--yes");
    expect(machines.onHost("vm2", "ls /etc/kubernetes")).not.toContain("kubelet.conf");
    expect(machines.onHost("vm2", "systemctl is-system-running --wait || true")).toMatch(/running|degraded/);
  });

  it("leaves nothing behind with the machines", async () => {
    await machines.must("destroy", "--yes");
    expect(machines.leftovers()).toBe("nothing left");
  });
});
