import type { remote } from "@pulumi/command/types/input";
import type { Input } from "@pulumi/pulumi";

/** How a machine is reached over SSH. Everything is checked before the first connection is made. */
export interface SshEndpoint {
  /** IPv4 address or DNS name, as the operator's computer (or the bastion) reaches it. */
  readonly host: string;
  /** TCP port of sshd. */
  readonly port: number;
  /** Login user. Any other than `root` needs password-less sudo. */
  readonly user: string;
  /** Private key in PEM or OpenSSH form. Left out, the SSH agent is asked (`SSH_AUTH_SOCK`). */
  readonly privateKey?: Input<string>;
  /**
   * The machine's own public key, as one `authorized_keys` line (`ssh-ed25519 AAAA…`). Required: without it
   * the provider accepts whatever machine answers, and would hand it the cluster's private keys.
   */
  readonly hostKey: Input<string>;
}

/** A machine, perhaps behind one jump host. */
export interface HostConnection extends SshEndpoint {
  /** Jump host through which `host` is dialled. */
  readonly bastion?: SshEndpoint;
  /** Raised by the operator when the machine was installed anew, so that every step on it runs again. Default 1. */
  readonly generation?: number;
}

/**
 * A machine that has just booted refuses connections for a while. 60 tries with a growing pause (at most 5 s)
 * wait about five minutes; the provider's own default of 10 gives up after 11 seconds. A host that does not answer at all
 * takes up to 20 minutes, since each try then lasts its full 15 seconds.
 */
const DIAL_ERROR_LIMIT = 60;
const PER_DIAL_TIMEOUT_SECONDS = 15;

/** The connection in the form of `@pulumi/command`, with no field that it does not know: it would print them. */
export function toCommandConnection(connection: HostConnection): remote.ConnectionArgs {
  const dial = { dialErrorLimit: DIAL_ERROR_LIMIT, perDialTimeout: PER_DIAL_TIMEOUT_SECONDS };
  const endpoint = (from: SshEndpoint) => ({
    host: from.host,
    port: from.port,
    user: from.user,
    hostKey: from.hostKey,
    ...(from.privateKey === undefined ? {} : { privateKey: from.privateKey }),
    ...dial,
  });
  return {
    ...endpoint(connection),
    ...(connection.bastion === undefined ? {} : { proxy: endpoint(connection.bastion) }),
  };
}
