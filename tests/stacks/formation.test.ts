import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../../stacks/config/faults";
import { resolvePlatform } from "../../stacks/config/load";
import type { Formation } from "../../stacks/config/transitions";
import { founders, rememberFormation } from "../../stacks/formation";
import { createHosts } from "../../stacks/hosts";
import { type Json, openSecrets } from "../support/markers";
import { capableComputer, lab, labMembers } from "../support/platforms";
import { record, settled } from "../support/recorder";
import { opened, type Recording } from "../support/recording";

const platformOf = (config: object) => resolvePlatform(config, "unit", capableComputer);

interface Remembered {
  readonly recording: Recording;
  /** The hook that the engine runs before it changes what is remembered. */
  readonly guard: pulumi.ResourceHook;
}

/** Remembers a platform, and catches the hook on its way to the engine. */
async function remember(config: object): Promise<Remembered> {
  const hooks: pulumi.ResourceHook[] = [];
  const recording = await record(() => {
    pulumi.runtime.registerStackTransformation(({ name, opts }) => {
      if (name === "formation") hooks.push(...((opts.hooks?.beforeUpdate ?? []) as pulumi.ResourceHook[]));
      return undefined;
    });
    rememberFormation(platformOf(config), []);
  });
  const [guard] = hooks;
  if (guard === undefined) throw new Error("the formation has no hook before its update");
  return { recording, guard };
}

const formationOf = ({ recording }: Remembered) =>
  (opened(recording.find("formation")) as unknown as { readonly input: Formation }).input;

/** What the guard says to the way from one config to the next. */
async function judge(before: object, after: object): Promise<unknown> {
  const [old, now] = [await remember(before), await remember(after)];
  const call = {
    urn: "",
    id: "",
    name: "formation",
    type: "pulumi:index:Stash",
    oldInputs: { input: formationOf(old) },
    newInputs: { input: formationOf(now) },
  };
  return Promise.resolve(now.guard.callback(call as pulumi.ResourceHookArgs)).catch(
    (reason: unknown) => reason,
  );
}

describe("the formation", () => {
  it("is who forms the cluster, its versions, and what a running cluster cannot change", async () => {
    expect(formationOf(await remember(lab()))).toEqual({
      etcdMembers: ["cp1", "cp2", "cp3"],
      controlPlanes: ["cp1", "cp2", "cp3"],
      kubernetesVersion: "1.36.3",
      etcdVersion: "3.6.15",
      etcdAuthorities: { trusted: [1], issuing: 1 },
      encryptionKeyGeneration: 1,
      fixed: {
        "kubernetes.clusterName": "kubernetes",
        "kubernetes.podSubnet": "10.100.0.0/17",
        "kubernetes.serviceSubnet": "10.200.0.0/19",
        "kubernetes.dnsDomain": "cluster.local",
        "kubernetes.bindPort": "6443",
        "kubernetes.controlPlaneEndpoint": JSON.stringify({
          kind: "haproxy",
          address: "10.0.0.10",
          port: 8443,
          routerId: 51,
        }),
        "etcd.kind": "external",
        "etcd.dataDir": "/var/lib/etcd/default.etcd",
        "pki.keyAlgorithm": "RSA-2048",
      },
    });
  });

  it("has a guard that also looks at previews, before anything is touched", async () => {
    const { recording, guard } = await remember(lab());
    expect(guard.opts).toEqual({ onDryRun: true });
    expect(recording.find("formation").hooks).toEqual({ beforeUpdate: ["formation"] });
  });

  it("may be followed by an upgrade", async () => {
    const before = lab(undefined, versions("1.35.4"));
    expect(await judge(before, lab(undefined, versions("1.36.3")))).toBeUndefined();
  });

  it("is not left for one that the cluster cannot follow, which is said whole", async () => {
    const error = await judge(
      lab(undefined, versions("1.36.3")),
      lab(undefined, { ...versions("1.35.4"), etcd: { dataDir: "/var/lib/etcd/other" } }),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).faults.map(({ path }) => path)).toEqual([
      "etcd.dataDir",
      "kubernetes.version",
    ]);
  });

  it("still has a host that is gone, which leaves it with the config", async () => {
    const gone = await remember(lab(labMembers({ cp3: { gone: true } })));
    expect(formationOf(gone)).toEqual(formationOf(await remember(lab())));
  });
});

const versions = (version: string) => ({
  kubernetes: { version, controlPlaneEndpoint: { kind: "haproxy", address: "10.0.0.10" } },
});

describe("the founders", () => {
  async function foundersOf(config: object, stashed: Readonly<Record<string, Json>> = {}) {
    const recording = await record(
      async () => {
        const { all } = createHosts(platformOf(config), undefined);
        const having = (role: "etcd" | "controlPlane") => all.filter(({ roles }) => roles.includes(role));
        const { etcd, controlPlane } = founders(having("etcd"), having("controlPlane"));
        return { etcd: await settled(etcd), controlPlane: await settled(controlPlane) };
      },
      { stashed },
    );
    return openSecrets(recording.result as Json);
  }

  it("are the first of each role", async () => {
    expect(await foundersOf(lab())).toEqual({ etcd: "cp1", controlPlane: "cp1" });
  });

  it("are those of the first run, as the state has them", async () => {
    const founded = { etcd: "cp0", controlPlane: "cp9" };
    expect(await foundersOf(lab(), { founders: founded })).toEqual(founded);
  });
});
