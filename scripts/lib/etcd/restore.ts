/** Restores etcd of a stack from a snapshot: API servers off, one member from the file, the others join it, back on. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import path from "node:path";
import { REPOSITORY } from "../paths";
import type { Host } from "./hosts";

const PROGRAM = path.join(REPOSITORY, "components", "etcd", "host", "restore.sh");
const BACKUPS = "/var/backups/etcd";
/** A piece of a file that is sent at once, in bytes; as base64 it stays far below what a string can hold. */
const PIECE = 32 << 20;

export interface RestoreRequest {
  readonly members: readonly Host[];
  readonly controlPlanes: readonly Host[];
  /** A file here, or else one on the member that is restored. */
  readonly snapshot: string;
  /** Name of the member that gets the snapshot. Default: the first. */
  readonly on?: string | undefined;
  readonly say: (text: string) => void;
}

/**
 * May be repeated from the beginning after a failure, wherever that was: data is moved aside and never removed, and
 * API servers that are off already stay off until the end.
 */
export async function restore({ members, controlPlanes, snapshot, on, say }: RestoreRequest): Promise<void> {
  const seat = on === undefined ? members[0] : members.find(({ name }) => name === on);
  if (seat === undefined)
    throw new Error(`${on} is no member; there are ${members.map(({ name }) => name).join(", ")}`);
  const program = readFileSync(PROGRAM, "utf8");
  const part = (host: Host, ...args: string[]) => host.shell(program, args, 1800);

  const file = existsSync(snapshot) ? await send(seat, snapshot, say) : snapshot;
  say(`${seat.name}: ${(await part(seat, "check", file)).trim().replaceAll("\n", "; ")}`);

  say(`stopping the API servers of ${namesOf(controlPlanes)}`);
  await Promise.all(controlPlanes.map((host) => part(host, "hold")));
  say(`stopping etcd on ${namesOf(members)}; its data is moved aside`);
  await Promise.all(members.map((host) => part(host, "clear")));
  say(`${seat.name}: restoring ${file}`);
  await part(seat, "restore", file);
  for (const host of [seat, ...members.filter((host) => host !== seat)]) {
    say(`${host.name}: starting etcd`);
    await host.replay();
  }
  say(`starting the API servers of ${namesOf(controlPlanes)}`);
  await Promise.all(controlPlanes.map((host) => part(host, "release")));
  say("restored");
}

const namesOf = (hosts: readonly Host[]) => hosts.map(({ name }) => name).join(", ") || "no host";

/** Copies a file to a host in pieces, and gives it its name when it is whole. */
async function send(host: Host, local: string, say: (text: string) => void): Promise<string> {
  const target = `${BACKUPS}/sent-${path.basename(local).replaceAll(/[^A-Za-z0-9._-]/g, "-")}`;
  say(`${host.name}: sending ${local}`);
  await host.shell(`umask 077; mkdir -p ${BACKUPS}; : >${target}.part`);
  const descriptor = openSync(local, "r");
  try {
    const piece = Buffer.alloc(PIECE);
    for (let size = readSync(descriptor, piece); size > 0; size = readSync(descriptor, piece)) {
      const text = piece.subarray(0, size).toString("base64");
      await host.shell(`base64 -d >>${target}.part <<'END'\n${text}\nEND\n`, [], 1800);
    }
  } finally {
    closeSync(descriptor);
  }
  await host.shell(`mv ${target}.part ${target}`);
  return target;
}
