/**
 * `npm run etcd -- status|snapshot|restore [--stack NAME]`: looks at the etcd of a stack, takes a snapshot of it now,
 * or restores it from one. Hosts, keys and host keys come from the stack's state.
 */
import { parseArgs } from "node:util";
import { exportState } from "./lib/drift/export";
import { Host, readEtcdHosts, type StackHost } from "./lib/etcd/hosts";
import { restore } from "./lib/etcd/restore";
import { renderStatus, statusOf } from "./lib/etcd/status";

const USAGE = `npm run etcd -- COMMAND [--stack NAME]
  status                              the members: health, leader, size, version
  snapshot                            takes a snapshot now, on the first healthy member
  restore --snapshot FILE [--on HOST] --yes
                                      replaces all data by a snapshot, a file here or on that member (default: the first)`;

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      stack: { type: "string", short: "s", default: process.env.PULUMI_STACK ?? "dev" },
      snapshot: { type: "string" },
      on: { type: "string" },
      yes: { type: "boolean", default: false },
    },
  });
  const [command] = positionals;
  if (!["status", "snapshot", "restore"].includes(command ?? "")) throw new Error(USAGE);
  const { members, controlPlanes } = readEtcdHosts(await exportState(values.stack));
  if (command === "status")
    return onSome(members, async (open) => console.log(renderStatus(await statusOf(open))));
  if (command === "snapshot") return onSome(members, snapshot);
  const { snapshot: file, on } = values;
  if (file === undefined) throw new Error(USAGE);
  if (!values.yes) {
    throw new Error(
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

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
