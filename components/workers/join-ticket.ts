import * as pulumi from "@pulumi/pulumi";
import { discoveryFile } from "../control-plane/control-plane";
import type { Machine } from "../hosts/machine";
import { renderKubeconfig } from "../pki/kubeconfig";
import type { SecretFile } from "../remote/file";
import { type ApiAccess, bootstrapToken } from "./bootstrap-token";

export interface JoinTicketArgs {
  readonly machine: Machine;
  readonly clusterName: string;
  readonly api: ApiAccess;
  readonly parent: pulumi.Resource;
  /** The host that may begin a cluster: as long as it was never installed anew, there is no API server to ask yet. */
  readonly founder?: pulumi.Input<string>;
}

/** What lets a host into the cluster. */
export interface JoinTicket {
  /** Authority, address and token, for the keys' step of the host; the joining step deletes it when it is done. */
  readonly file: SecretFile;
  /** For the joining step: makes the cluster accept the token for a few minutes before every attempt. */
  readonly hooks: pulumi.ResourceHookBinding;
}

export function joinTicket(args: JoinTicketArgs): JoinTicket {
  const { machine, api, founder } = args;
  const isFounder = pulumi.output(founder).apply((name) => name === machine.name);
  const unborn = (machine.connection.generation ?? 1) === 1 ? isFounder : pulumi.output(false);
  const { token, hooks } = bootstrapToken(machine.name, api, args.parent, unborn);
  const content = pulumi.all([api.authority, token]).apply(([authority, text]) =>
    renderKubeconfig({
      clusterName: args.clusterName,
      server: api.server,
      authority,
      userName: "bootstrap",
      credential: { token: text },
    }),
  );
  return { file: { path: discoveryFile, mode: "0600", owner: "root:root", content }, hooks };
}
