import { beforeAll, describe, expect, it } from "vitest";
import { discoveryHash } from "../../components/pki/kubeconfig";
import { hideSecrets } from "../support/markers";
import { testCertificate } from "../support/pems";
import { inventory, recordPlatform, sandbox } from "../support/platforms";
import type { Recording, Registration } from "../support/recording";
import { input, textInput } from "../support/recording";
import { renderTree } from "../support/tree";

let onSandbox: Recording;
let onInventory: Recording;
beforeAll(async () => {
  onSandbox = await recordPlatform(sandbox());
  onInventory = await recordPlatform(inventory());
}, 60_000);

const remoteSteps = (recording: Recording) =>
  recording.resources.filter(({ type }) => type === "command:remote:Command");
const commands = (recording: Recording) => recording.all("Command");
const hostOf = (step: Registration) => textInput(step, "connection", "host");
/** A worker's membership is asked of the control plane; it is the worker's step all the same. */
const isMembership = ({ name }: Registration) => name.endsWith("-membership");

function byHost(recording: Recording): Map<string, Registration[]> {
  const hosts = new Map<string, Registration[]>();
  for (const step of remoteSteps(recording).filter((candidate) => !isMembership(candidate))) {
    hosts.set(hostOf(step), [...(hosts.get(hostOf(step)) ?? []), step]);
  }
  return hosts;
}

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
        Command cp1-keys
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
      EtcdCluster etcd
        Command cp1-etcd
      ControlPlane control-plane
        Command cp1-init
        Command cp1-ready
      Command kubeconfig
      kubernetes cluster
      Flannel flannel
        Namespace flannel-namespace
        ServiceAccount flannel-account
        ClusterRole flannel-role
        ClusterRoleBinding flannel-binding
        ConfigMap flannel-config
        DaemonSet flannel-daemonset
      Worker worker1
        RandomPassword worker1-token-id
        RandomPassword worker1-token-secret
        Command worker1-discovery
        Command worker1-join
        Command worker1-membership"
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
        Command cp1-keys
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
      EtcdCluster etcd
        Command cp1-etcd
      ControlPlane control-plane
        Command cp1-init
        Command cp1-ready
      Command kubeconfig
      kubernetes cluster
      Flannel flannel
        Namespace flannel-namespace
        ServiceAccount flannel-account
        ClusterRole flannel-role
        ClusterRoleBinding flannel-binding
        ConfigMap flannel-config
        DaemonSet flannel-daemonset
      Worker node1
        RandomPassword node1-token-id
        RandomPassword node1-token-secret
        Command node1-discovery
        Command node1-join
        Command node1-membership
      Worker node2
        RandomPassword node2-token-id
        RandomPassword node2-token-secret
        Command node2-discovery
        Command node2-join
        Command node2-membership"
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
  it.each([
    ["sandbox", () => onSandbox, { "172.30.7.11": 8, "172.30.7.12": 6 }],
    ["inventory", () => onInventory, { "192.168.0.241": 8, "172.16.8.1": 6, "172.16.8.2": 6 }],
  ])("is at most eight steps per host (%s)", (_kind, recording, expected) => {
    const counts = Object.fromEntries([...byHost(recording())].map(([host, { length }]) => [host, length]));
    expect(counts).toEqual(expected);
    expect(Math.max(...Object.values(counts))).toBeLessThanOrEqual(8);
  });

  it("is one membership step per worker, on the control plane", () => {
    const memberships = remoteSteps(onInventory).filter(isMembership);
    expect(memberships.map((step) => [step.name, hostOf(step)])).toEqual([
      ["node1-membership", "192.168.0.241"],
      ["node2-membership", "192.168.0.241"],
    ]);
  });
});

describe("the order", () => {
  it.each([
    ["cp1-prepare", "cp1-facts"],
    ["cp1-keys", "cp1-prepare"],
    ["cp1-etcd", "cp1-keys"],
    ["cp1-init", "cp1-etcd"],
    ["cp1-init", "cp1-kubernetes"],
    ["flannel-daemonset", "cp1-init"],
    ["cp1-ready", "flannel-daemonset"],
    ["node1-discovery", "cp1-init"],
    ["node1-join", "node1-kubernetes"],
    ["node1-join", "cp1-init"],
    ["node1-membership", "node1-join"],
    ["node1-membership", "flannel-daemonset"],
  ])("makes %s wait for %s", (later, earlier) => {
    expect(onInventory.path(later, earlier)).toBeDefined();
    expect(onInventory.path(earlier, later)).toBeUndefined();
  });

  it("chains the steps of a host, so that they never meet", () => {
    for (const recording of [onSandbox, onInventory]) {
      for (const chain of byHost(recording).values()) {
        const gaps = chain
          .slice(1)
          .filter((step, index) => recording.path(step.name, chain[index]?.name ?? "") === undefined);
        expect(gaps.map(({ name }) => name)).toEqual([]);
      }
    }
  });

  it("leaves the preparation of different hosts side by side", () => {
    expect(onInventory.path("node2-kubernetes", "node1-facts")).toBeUndefined();
    expect(onInventory.path("node1-kubernetes", "node2-facts")).toBeUndefined();
    expect(onInventory.path("node1-kubernetes", "cp1-facts")).toBeUndefined();
  });

  it("makes every step of a disposable host wait for the host, and go together with it", () => {
    for (const step of remoteSteps(onSandbox)) {
      const host = hostOf(step) === "172.30.7.11" ? "sandbox-cp1" : "sandbox-worker1";
      expect([step.name, onSandbox.path(step.name, host) !== undefined]).toEqual([step.name, true]);
      expect([step.name, onSandbox.nameOf(step.deletedWith)]).toEqual([step.name, host]);
    }
  });

  it("ties no step of an existing machine to another resource's end", () => {
    expect(remoteSteps(onInventory).filter(({ deletedWith }) => deletedWith !== "")).toEqual([]);
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
    for (const step of remoteSteps(onInventory)) {
      expect([step.name, textInput(step, "connection", "hostKey")]).toEqual([
        step.name,
        expect.stringMatching(/^ssh-ed25519 \S{60,}$/),
      ]);
      expect(textInput(step, "connection", "proxy", "hostKey")).not.toBe(
        textInput(step, "connection", "hostKey"),
      );
    }
    for (const step of remoteSteps(onSandbox)) {
      expect([step.name, textInput(step, "connection", "hostKey")]).toEqual([
        step.name,
        expect.stringMatching(/^ssh-ed25519 \S{60,}$/),
      ]);
    }
  });

  it("goes through the bastion and by sudo where the login user is not root", () => {
    for (const step of remoteSteps(onInventory)) {
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
    for (const step of remoteSteps(onSandbox)) {
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
        admin: end,
        apiserverEtcdClient: end,
        apiserver: end,
        etcdMembers: { cp1: end },
      },
    });
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
  });

  it("leave a sandbox free to be destroyed", () => {
    expect(named(onSandbox, ({ protect }) => protect)).toEqual([]);
  });

  it("mint a token at every attempt to join, and hook nothing else", () => {
    const hooked = onInventory.resources.filter(({ hooks }) => Object.keys(hooks).length > 0);
    expect(hooked.map(({ name, hooks }) => [name, hooks])).toEqual([
      ["node1-join", { beforeCreate: ["node1-mint-token"], beforeUpdate: ["node1-mint-token"] }],
      ["node2-join", { beforeCreate: ["node2-mint-token"], beforeUpdate: ["node2-mint-token"] }],
    ]);
  });

  it("replace nothing: a change is an update in place", () => {
    for (const resource of [...onSandbox.resources, ...onInventory.resources]) {
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
      expect([object.name, onInventory.nameOf(object.deletedWith)]).toEqual([object.name, "cp1-init"]);
    }
  });
});
