/** Builds the program against mocks, whose settings are those of the whole process. */
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor } from "@pulumi/pulumi/runtime/mocks";
import { plainStackTraces } from "../../components/lib/stack-traces";
import { resolvePlatform } from "../../stacks/config/load";
import { buildPlatform } from "../../stacks/platform";
import { testCertificate } from "../../tests/support/pems";

const certificate = testCertificate("bench");
const pem = "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n";
const made = {
  privateKeyPem: pem,
  privateKeyOpenssh: pem,
  publicKeyPem: pem,
  publicKeyOpenssh: "ssh-ed25519 AA",
  certPem: certificate,
  result: "a",
  stdout: "{}",
};

// Mocks know no hooks, and a build that waits for an answer about one never ends.
Object.assign(MockMonitor.prototype, {
  registerResourceHook: (_request: unknown, respond: (error: null, response: object) => void) =>
    respond(null, {}),
});

/** Inputs of every resource by type and name; two builds can be compared by them. */
type Resources = ReadonlyMap<string, object>;

interface Build {
  readonly hosts: readonly string[];
  readonly resources: Resources;
  readonly wallSeconds: number;
  /** Of all threads; steadier than wall time on a busy computer. */
  readonly cpuSeconds: number;
}

async function build(workerCount: number, controlPlanes: number): Promise<Build> {
  const resources = new Map<string, object>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        resources.set(`${type} ${name}`, inputs);
        const kept = type === "pulumi:index:Stash" ? { output: inputs.input } : made;
        return { id: `${name}-id`, state: { ...inputs, ...kept } };
      },
      call: () => ({}),
    },
    "mesh-platform",
    "bench",
  );
  const endpoint = controlPlanes > 1 ? { kubernetes: { controlPlaneEndpoint: { kind: "haproxy" } } } : {};
  const config = {
    hosts: { kind: "sandbox", controlPlanes, workers: workerCount },
    artifacts: { kind: "upstream" },
    ...endpoint,
  };
  const computer = {
    sandboxProblems: () => [],
    sandboxCidr: () => "172.30.0.0/24",
    servedVersions: () => ({ kubernetes: [], etcd: [] }),
  };
  const [start, before] = [process.hrtime.bigint(), process.cpuUsage()];
  const platform = resolvePlatform(config, "bench", computer);
  await buildPlatform(platform);
  await pulumi.runtime.disconnect();
  const { user, system } = process.cpuUsage(before);
  return {
    hosts: platform.members.map(({ name }) => name),
    resources,
    wallSeconds: Number(process.hrtime.bigint() - start) / 1e9,
    cpuSeconds: (user + system) / 1e6,
  };
}

/** How many steps each host has, by their names; those of the cluster as a whole are under the empty name. */
function stepsByHost({ hosts, resources }: Build): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of resources.keys()) {
    const [type, name = ""] = key.split(" ");
    if (type !== "command:remote:Command") continue;
    const host = hosts.find((each) => name.startsWith(`${each}-`)) ?? "";
    counts.set(host, (counts.get(host) ?? 0) + 1);
  }
  return counts;
}

function compare({ resources: before }: Build, { resources: after }: Build) {
  const kept = [...after].filter(([key]) => before.has(key));
  const differ = ([key, inputs]: [string, object]) =>
    JSON.stringify(before.get(key)) !== JSON.stringify(inputs);
  return {
    added: after.size - kept.length,
    changed: kept.filter(differ).length,
    removed: before.size - kept.length,
  };
}

/** Wall time, counts, and what one worker more adds and changes, as one JSON object. */
export async function measureProgram(workers: number, controlPlanes: number): Promise<string> {
  plainStackTraces();
  const base = await build(workers, controlPlanes);
  const steps = stepsByHost(base);
  const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000;
  return JSON.stringify({
    hosts: base.hosts.length,
    wallSeconds: rounded(base.wallSeconds),
    cpuSeconds: rounded(base.cpuSeconds),
    resources: base.resources.size,
    commands: [...steps.values()].reduce((sum, count) => sum + count, 0),
    commandsPerHost: Math.max(...base.hosts.map((host) => steps.get(host) ?? 0)),
    commandsForCluster: steps.get("") ?? 0,
    oneMoreWorker: compare(base, await build(workers + 1, controlPlanes)),
  });
}
