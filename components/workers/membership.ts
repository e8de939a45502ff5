import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import type { Taint } from "../control-plane/kubeadm-config";
import { type Machine, stepOptions } from "../hosts/machine";
import { RemoteScript } from "../remote/script";

export interface MembershipArgs {
  readonly machine: Machine;
  /** A control plane that lives, another one than the machine if there is one: the cluster is asked there. */
  readonly seat: Machine;
  readonly parent: pulumi.Resource;
  /** Steps after which the node can become Ready: its own, and the pod network's. */
  readonly after: readonly pulumi.Resource[];
  /** Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** All taints that the node shall have, those of a control plane included. Default: none. */
  readonly taints?: readonly Taint[] | undefined;
  /** Wait for CoreDNS too, once per cluster. Default false. */
  readonly awaitDns?: boolean | undefined;
  /** Approve the certificates by which the kubelet serves logs and metrics. Default false. */
  readonly servingCertificates?: boolean | undefined;
  /** How long pods may take to leave the node. Default 300. */
  readonly drainTimeoutSeconds?: number | undefined;
}

const text = (value: boolean | undefined) => (value === true ? "true" : "false");

/**
 * A node's place in the cluster, seen from another one: Ready, with its labels and taints. When the host leaves the
 * config it is drained and removed; when its machine is gone it is removed without a question.
 */
export function membership(args: MembershipArgs): RemoteScript {
  const { machine, seat } = args;
  return new RemoteScript(
    `${machine.name}-membership`,
    {
      // Asked of the seat, and repeated when the node's own machine was made anew.
      connection: { ...seat.connection, generation: machine.connection.generation ?? 1 },
      script: join(__dirname, "scripts", "membership.sh"),
      parameters: {
        NODE_NAME: machine.name,
        GONE: text(machine.gone),
        SELF: text(seat.name === machine.name),
        DNS: text(args.awaitDns),
        LABELS: Object.entries(args.labels ?? {}).map(([key, value]) => `${key}=${value}`),
        TAINTS: (args.taints ?? []).map(({ key, value, effect }) => `${key}=${value ?? ""}:${effect}`),
        SERVING_CERTIFICATES: text(args.servingCertificates),
        DRAIN_SECONDS: args.drainTimeoutSeconds ?? 300,
      },
      timeoutSeconds: 900 + (args.drainTimeoutSeconds ?? 300),
      undo: true,
    },
    stepOptions(seat, args.parent, args.after),
  );
}
