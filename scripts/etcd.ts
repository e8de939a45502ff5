/**
 * `npm run etcd -- status|snapshot|restore [--stack NAME]`: looks at the etcd of a stack, takes a snapshot of it now,
 * or restores it from one. Hosts, keys and host keys come from the stack's state.
 */
import { type CommandLine, type Read, runCommand, stackFlag, stackOr, UsageError } from "./lib/command-line";
import { exportState } from "./lib/drift/export";
import { Host, readEtcdHosts, type StackHost } from "./lib/etcd/hosts";
import { restore } from "./lib/etcd/restore";
import { renderStatus, statusOf } from "./lib/etcd/status";

const commandLine = {
  typed: "npm run etcd --",
  what: "Looks at the etcd of a stack, backs it up, brings it back.",
  flags: stackFlag,
  commands: {
    status: { what: "the members: health, leader, size, version" },
    snapshot: { what: "takes a snapshot now, on the first healthy member" },
    restore: {
      what: "replaces all data by a snapshot",
      flags: {
        snapshot: { value: "FILE", what: "a file of this computer, or of the member; has to be named" },
        on: { value: "HOST", what: "the member (default: the first)" },
        yes: { what: "does it: etcd and every API server stop meanwhile" },
      },
    },
  },
} as const satisfies CommandLine;

async function etcd(read: Read<typeof commandLine>): Promise<void> {
  if (read.command === "restore" && read.values.snapshot === undefined)
    throw new UsageError("name the snapshot: --snapshot FILE");
  const { members, controlPlanes } = readEtcdHosts(await exportState(stackOr(read.values.stack)));
  if (read.command === "status")
    return onSome(members, async (open) => console.log(renderStatus(await statusOf(open))));
  if (read.command === "snapshot") return onSome(members, snapshot);
  const { snapshot: file = "", on, yes } = read.values;
  if (!yes) {
    throw new UsageError(
      `This stops etcd on ${names(members)} and every API server, and replaces what is in etcd by ${file}.\nRun it with --yes.`,
    );
  }
  await onAll([members, controlPlanes], ([open = [], servers = []]) =>
    restore({ members: open, controlPlanes: servers, snapshot: file, on, say }),
  );
}

async function snapshot(members: readonly Host[]): Promise<void> {
  const faults: string[] = [];
  for (const host of members) {
    try {
      const printed = await host.shell("/usr/local/sbin/mesh-platform-etcd-snapshot manual", [], 1800);
      console.log(`${host.name}:${printed.trim().split("\n").at(-1)}`);
      return;
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  throw new Error(faults.join("\n"));
}

/** With those hosts that can be reached; one of them is enough. */
async function onSome(hosts: readonly StackHost[], work: (open: Host[]) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(hosts.map((host) => Host.open(host)));
  const open = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const faults = results.flatMap((result) =>
    result.status === "rejected" ? [String(result.reason.message)] : [],
  );
  for (const fault of faults) say(fault);
  try {
    if (open.length === 0) throw new Error("no member of etcd can be reached");
    await work(open);
  } finally {
    for (const host of open) host.close();
  }
}

/** With every host of the lists, or not at all. */
async function onAll(
  lists: readonly (readonly StackHost[])[],
  work: (open: Host[][]) => Promise<void>,
): Promise<void> {
  const open: Host[][] = [];
  try {
    for (const list of lists) {
      const opened: Host[] = [];
      open.push(opened);
      for (const host of list) opened.push(await Host.open(host));
    }
    await work(open);
  } finally {
    for (const host of open.flat()) host.close();
  }
}

const names = (hosts: readonly StackHost[]) => hosts.map(({ name }) => name).join(", ");
const say = (text: string) => console.error(text);

void runCommand(commandLine, process.argv.slice(2), etcd);
