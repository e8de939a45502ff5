import { beforeAll, describe, expect, it } from "vitest";
import { discoveryHash } from "../../components/pki/kubeconfig";
import { hideSecrets } from "../support/markers";
import { testCertificate } from "../support/pems";
import { inventory, lab, recordPlatform, sandbox } from "../support/platforms";
import type { Recording, Registration } from "../support/recording";
import { input, textInput } from "../support/recording";
import { renderTree } from "../support/tree";

let onSandbox: Recording;
let onInventory: Recording;
let onLab: Recording;
beforeAll(async () => {
  onSandbox = await recordPlatform(sandbox());
  onInventory = await recordPlatform(inventory());
  onLab = await recordPlatform(lab());
}, 60_000);

const commands = (recording: Recording) => recording.all("Command");
const hostOf = (step: Registration) => textInput(step, "connection", "host");

describe("the tree of resources", () => {
  it("has the whole pipeline for two disposable hosts", () => {
    expect(renderTree(onSandbox)).toMatchInlineSnapshot(`
      "Sandbox sandbox
        PrivateKey sandbox-login
        Command sandbox-image
        Command sandbox-mirror
        Command sandbox-network
        PrivateKey sandbox-cp1-key
        Command sandbox-cp1-identity
        Command sandbox-cp1
        PrivateKey sandbox-worker1-key
        Command sandbox-worker1-identity
        Command sandbox-worker1
      ClusterPki pki
        CertificateAuthority pki-kubernetes
          PrivateKey pki-kubernetes-key
          SelfSignedCert pki-kubernetes-cert
          PrivateKey pki-admin-key
          CertRequest pki-admin-request
          LocallySignedCert pki-admin-cert
        CertificateAuthority pki-front-proxy
          PrivateKey pki-front-proxy-key
          SelfSignedCert pki-front-proxy-cert
        CertificateAuthority pki-etcd
          PrivateKey pki-etcd-key
          SelfSignedCert pki-etcd-cert
          PrivateKey pki-apiserver-etcd-client-key
          CertRequest pki-apiserver-etcd-client-request
          LocallySignedCert pki-apiserver-etcd-client-cert
          PrivateKey cp1-etcd-key
          CertRequest cp1-etcd-request
          LocallySignedCert cp1-etcd-cert
        PrivateKey pki-service-account
        RandomPassword cp1-token-id
        RandomPassword cp1-token-secret
        RandomPassword worker1-token-id
        RandomPassword worker1-token-secret
        Command cp1-keys
        Command worker1-keys
      NodePreparation cp1
        Command cp1-facts
        Command cp1-prepare
        Command cp1-runtime
        Command cp1-kubernetes
      NodePreparation worker1
        Command worker1-facts
        Command worker1-prepare
        Command worker1-runtime
        Command worker1-kubernetes
      Stash founders
      EtcdCluster etcd
        Command cp1-etcd
        Command etcd-members
      ControlPlane control-plane
        Command cp1-control-plane
        Command cp1-membership
      Command kubeconfig
      kubernetes cluster
      Flannel flannel
        Namespace flannel-namespace
        ServiceAccount flannel-account
        ClusterRole flannel-role
        ClusterRoleBinding flannel-binding
        ConfigMap flannel-config
        DaemonSet flannel-daemonset
      DeploymentPatch coredns
      Worker worker1
        Command worker1-join
        Command worker1-membership
      Stash formation"
    `);
  });

  it("has the same pipeline on machines that exist already, without the sandbox", () => {
    expect(renderTree(onInventory)).toMatchInlineSnapshot(`
      "ClusterPki pki
        CertificateAuthority pki-kubernetes
          PrivateKey pki-kubernetes-key
          SelfSignedCert pki-kubernetes-cert
          PrivateKey pki-admin-key
          CertRequest pki-admin-request
          LocallySignedCert pki-admin-cert
        CertificateAuthority pki-front-proxy
          PrivateKey pki-front-proxy-key
          SelfSignedCert pki-front-proxy-cert
        CertificateAuthority pki-etcd
          PrivateKey pki-etcd-key
          SelfSignedCert pki-etcd-cert
          PrivateKey pki-apiserver-etcd-client-key
          CertRequest pki-apiserver-etcd-client-request
          LocallySignedCert pki-apiserver-etcd-client-cert
          PrivateKey cp1-etcd-key
          CertRequest cp1-etcd-request
          LocallySignedCert cp1-etcd-cert
        PrivateKey pki-service-account
        RandomPassword cp1-token-id
        RandomPassword cp1-token-secret
        RandomPassword node1-token-id
        RandomPassword node1-token-secret
        RandomPassword node2-token-id
        RandomPassword node2-token-secret
        Command cp1-keys
        Command node1-keys
        Command node2-keys
      NodePreparation cp1
        Command cp1-facts
        Command cp1-prepare
        Command cp1-runtime
        Command cp1-kubernetes
      NodePreparation node1
        Command node1-facts
        Command node1-prepare
        Command node1-runtime
        Command node1-kubernetes
      NodePreparation node2
        Command node2-facts
        Command node2-prepare
        Command node2-runtime
        Command node2-kubernetes
      Stash founders
      EtcdCluster etcd
        Command cp1-etcd
        Command etcd-members
      ControlPlane control-plane
        Command cp1-control-plane
        Command cp1-membership
      Command kubeconfig
      kubernetes cluster
      Flannel flannel
        Namespace flannel-namespace
        ServiceAccount flannel-account
        ClusterRole flannel-role
        ClusterRoleBinding flannel-binding
        ConfigMap flannel-config
        DaemonSet flannel-daemonset
      DeploymentPatch coredns
      Worker node1
        Command node1-join
        Command node1-membership
      Worker node2
        Command node2-join
        Command node2-membership
      Stash formation"
    `);
  });

  it("names every resource once per type, and every step once", () => {
    for (const recording of [onSandbox, onInventory]) {
      const identities = recording.resources.map(({ type, name }) => `${type} ${name}`);
      expect(identities).toEqual([...new Set(identities)]);
      const names = commands(recording).map(({ name }) => name);
      expect(names).toEqual([...new Set(names)]);
    }
  });
});

describe("the grain", () => {
  it.each<[string, () => Recording, Readonly<Record<string, number>>]>([
    ["sandbox", () => onSandbox, { cp1: 8, worker1: 7, "": 1 }],
    ["inventory", () => onInventory, { cp1: 8, node1: 7, node2: 7, "": 1 }],
    ["lab", () => onLab, { cp1: 8, cp2: 8, cp3: 8, worker1: 7, worker2: 7, "": 1 }],
  ])("is at most eight steps per host, and one for the cluster (%s)", (_kind, recording, expected) => {
    const steps = recording().stepsByHost();
    const counts = Object.fromEntries([...steps].map(([host, { length }]) => [host, length]));
    expect(counts).toEqual(expected);
    expect(Math.max(...Object.values(counts))).toBeLessThanOrEqual(8);
    expect(steps.get("")).toEqual(["etcd-members"]);
    const all = Object.values(counts).reduce((sum, count) => sum + count);
    expect(all).toBe(recording().remoteSteps().length);
  });

  it("is one membership step per node, on a control plane, and another one than the node if there is one", () => {
    const seats = (recording: Recording) =>
      recording
        .remoteSteps()
        .filter(({ name }) => name.endsWith("-membership"))
        .map((step) => [step.name, hostOf(step)]);
    expect(seats(onInventory)).toEqual([
      ["cp1-membership", "192.168.0.241"],
      ["node1-membership", "192.168.0.241"],
      ["node2-membership", "192.168.0.241"],
    ]);
    expect(seats(onLab)).toEqual([
      ["cp1-membership", "10.0.0.12"],
      ["cp2-membership", "10.0.0.11"],
      ["cp3-membership", "10.0.0.11"],
      ["worker1-membership", "10.0.0.11"],
      ["worker2-membership", "10.0.0.11"],
    ]);
  });
});

describe("the order", () => {
  it.each([
    ["cp1-prepare", "cp1-facts"],
    ["cp1-keys", "cp1-prepare"],
    ["cp1-etcd", "cp1-keys"],
    ["cp1-control-plane", "cp1-etcd"],
    ["cp1-control-plane", "cp1-kubernetes"],
    ["flannel-daemonset", "cp1-control-plane"],
    ["coredns", "flannel-daemonset"],
    ["cp1-membership", "flannel-daemonset"],
    ["node1-join", "node1-keys"],
    ["node1-join", "node1-kubernetes"],
    ["node1-join", "cp1-control-plane"],
    ["node1-membership", "node1-join"],
    ["node1-membership", "flannel-daemonset"],
    ["node1-membership", "coredns"],
    ["etcd-members", "cp1-control-plane"],
    ["formation", "etcd-members"],
  ])("makes %s wait for %s", (later, earlier) => {
    expect(onInventory.path(later, earlier)).toBeDefined();
    expect(onInventory.path(earlier, later)).toBeUndefined();
  });

  it("chains the steps of a host, so that they never meet", () => {
    for (const recording of [onSandbox, onInventory, onLab]) {
      for (const [, chain] of recording.stepsByHost()) {
        const gaps = chain
          .slice(1)
          .filter((step, index) => recording.path(step, chain[index] ?? "") === undefined);
        expect(gaps).toEqual([]);
      }
    }
  });

  it("leaves the preparation of different hosts side by side", () => {
    expect(onInventory.path("node2-kubernetes", "node1-facts")).toBeUndefined();
    expect(onInventory.path("node1-kubernetes", "node2-facts")).toBeUndefined();
    expect(onInventory.path("node1-kubernetes", "cp1-facts")).toBeUndefined();
  });

  it("makes every step of a disposable host wait for the host, and go together with it", () => {
    for (const step of onSandbox.remoteSteps()) {
      const host = hostOf(step) === "172.30.7.11" ? "sandbox-cp1" : "sandbox-worker1";
      expect([step.name, onSandbox.path(step.name, host) !== undefined]).toEqual([step.name, true]);
      expect([step.name, onSandbox.nameOf(step.deletedWith)]).toEqual([step.name, host]);
    }
  });

  it("ties no step of an existing machine to another resource's end", () => {
    expect(onInventory.remoteSteps().filter(({ deletedWith }) => deletedWith !== "")).toEqual([]);
  });
});

describe("every step", () => {
  it("is repeated by its own input alone: no triggers, no environment, no earlier output", () => {
    for (const step of [...commands(onSandbox), ...commands(onInventory)]) {
      const { name } = step;
      expect({ name, triggers: input(step, "triggers"), environment: input(step, "environment") }).toEqual({
        name,
      });
      expect([name, input(step, "addPreviousOutputInEnv")]).toEqual([name, false]);
      expect([name, input(step, "update")]).toEqual([name, undefined]);
    }
  });

  it("pins the key of the machine and of the bastion", () => {
    for (const step of onInventory.remoteSteps()) {
      expect([step.name, textInput(step, "connection", "hostKey")]).toEqual([
        step.name,
        expect.stringMatching(/^ssh-ed25519 \S{60,}$/),
      ]);
      expect(textInput(step, "connection", "proxy", "hostKey")).not.toBe(
        textInput(step, "connection", "hostKey"),
      );
    }
    for (const step of onSandbox.remoteSteps()) {
      expect([step.name, textInput(step, "connection", "hostKey")]).toEqual([
        step.name,
        expect.stringMatching(/^ssh-ed25519 \S{60,}$/),
      ]);
    }
  });

  it("goes through the bastion and by sudo where the login user is not root", () => {
    for (const step of onInventory.remoteSteps()) {
      expect(input(step, "connection")).toMatchObject({
        port: 2222,
        user: "admin",
        proxy: { host: "203.0.113.9", port: 22, user: "jump" },
      });
      expect([step.name, textInput(step, "create")]).toEqual([
        step.name,
        expect.stringMatching(/^sudo -n flock /),
      ]);
    }
    for (const step of onSandbox.remoteSteps()) {
      expect(input(step, "connection", "proxy")).toBeUndefined();
      expect([step.name, textInput(step, "create")]).toEqual([step.name, expect.stringMatching(/^flock /)]);
    }
  });

  it("stops itself on the machine before Pulumi stops waiting for it", () => {
    for (const step of [...onSandbox.steps(), ...onInventory.steps()]) {
      const [, wait, limit] = / -w (\d+) .* timeout -k 10 (\d+) /.exec(textInput(step, "create")) ?? [];
      const seconds = `${Number(wait) + Number(limit)}s`;
      expect([step.name, step.timeouts]).toEqual([
        step.name,
        { create: seconds, update: seconds, delete: seconds },
      ]);
    }
  });

  it("runs a script, but for the one that writes a file for the operator", () => {
    for (const recording of [onSandbox, onInventory]) {
      const others = commands(recording).filter((command) => !recording.steps().includes(command));
      expect(others.map(({ name }) => name)).toEqual(["kubeconfig"]);
    }
  });

  it("is undone only where that is safe and wanted, by the same script", () => {
    const undone = onInventory.steps().filter((step) => input(step, "delete") !== undefined);
    expect(undone.map(({ name }) => name)).toEqual([
      "cp1-etcd",
      "cp1-control-plane",
      "cp1-membership",
      "node1-join",
      "node1-membership",
      "node2-join",
      "node2-membership",
    ]);
    for (const step of undone) {
      expect(textInput(step, "delete")).toBe(textInput(step, "create").replace(/create$/, "delete"));
    }
  });
});

describe("the outputs", () => {
  it("tell where the cluster is, who is in it and when which certificate ends", () => {
    const end = "2036-01-01T00:00:00Z";
    expect(hideSecrets(onInventory.stackOutputs())).toEqual({
      endpoint: "https://172.16.8.241:6443",
      kubeconfig: "[secret]",
      kubeconfigFile: expect.stringMatching(/\/kubeconfig-unit$/),
      nodes: {
        cp1: { address: "172.16.8.241", roles: ["controlPlane", "etcd"] },
        node1: { address: "172.16.8.1", roles: ["worker"] },
        node2: { address: "172.16.8.2", roles: ["worker"] },
      },
      artifacts: "upstream: dl.k8s.io, GitHub releases, registry.k8s.io",
      discoveryTokenCaCertHash: discoveryHash(testCertificate("pki-kubernetes-cert")),
      certificateExpiry: {
        kubernetesAuthority: end,
        frontProxyAuthority: end,
        etcdAuthority: end,
        etcdAuthority1: end,
        admin: end,
        apiserverEtcdClient: end,
        apiservers: { cp1: end },
        etcdMembers: { cp1: end },
      },
    });
  });

  it("have a value each: Pulumi warns of one that has none, in every run", () => {
    for (const recording of [onSandbox, onInventory, onLab]) {
      expect(recording.log.filter((line) => line.includes("Undefined value"))).toEqual([]);
    }
  });
});

describe("options", () => {
  const named = (recording: Recording, wanted: (resource: Registration) => boolean) =>
    recording.resources.filter((resource) => resource.custom && wanted(resource)).map(({ name }) => name);

  it("protect the authorities of existing machines, and nothing else", () => {
    expect(named(onInventory, ({ protect }) => protect)).toEqual([
      "pki-kubernetes-key",
      "pki-kubernetes-cert",
      "pki-front-proxy-key",
      "pki-front-proxy-cert",
      "pki-etcd-key",
      "pki-etcd-cert",
      "pki-service-account",
    ]);
    // Without these keys no Secret of any snapshot can be read.
    const more = named(onLab, ({ protect }) => protect).filter((name) => !name.startsWith("pki-"));
    expect(more).toEqual(["encryption-key1", "encryption-key2"]);
  });

  it("leave a sandbox free to be destroyed", () => {
    expect(named(onSandbox, ({ protect }) => protect)).toEqual([]);
  });

  it("mint a token at every attempt to join, guard the formation, and hook nothing else", () => {
    const hooked = onInventory.resources.filter(({ hooks }) => Object.keys(hooks).length > 0);
    const minting = (host: string) => ({
      beforeCreate: [`${host}-mint-token`],
      beforeUpdate: [`${host}-mint-token`],
    });
    expect(hooked.map(({ name, hooks }) => [name, hooks])).toEqual([
      ["cp1-control-plane", minting("cp1")],
      ["node1-join", minting("node1")],
      ["node2-join", minting("node2")],
      ["formation", { beforeUpdate: ["formation"] }],
    ]);
  });

  it("replace nothing: a change is an update in place", () => {
    for (const resource of [...onSandbox.resources, ...onInventory.resources, ...onLab.resources]) {
      expect([
        resource.name,
        resource.replaceOnChanges.filter((path) => !path.startsWith("triggers")),
      ]).toEqual([resource.name, []]);
      expect([resource.name, resource.deleteBeforeReplace, resource.ignoreChanges]).toEqual([
        resource.name,
        false,
        [],
      ]);
    }
  });

  it("tie the objects in the cluster to a provider that a renewed kubeconfig leaves in place", () => {
    const provider = onInventory.find("cluster");
    expect(input(provider, "clusterIdentifier")).toBe("mesh-platform-unit");
    const objects = onInventory.resources.filter(({ type }) => type.startsWith("kubernetes:"));
    expect(objects.length).toBeGreaterThan(0);
    for (const object of objects) {
      expect([object.name, object.provider]).toEqual([object.name, `${provider.urn}::cluster-id`]);
      expect([object.name, onInventory.nameOf(object.deletedWith)]).toEqual([
        object.name,
        "cp1-control-plane",
      ]);
    }
  });

  it("keep nothing that is taken out, but for the patch of kubeadm's own Deployment", () => {
    for (const recording of [onSandbox, onInventory, onLab]) {
      expect(named(recording, ({ retainOnDelete }) => retainOnDelete)).toEqual(["coredns"]);
    }
  });
});
