import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { type Machine, stepOptions } from "../hosts/machine";
import { RemoteScript } from "../remote/script";

/**
 * Waits until the control plane's node is Ready and CoreDNS answers. It asks again and again instead of sleeping: the
 * step ends the moment the cluster serves names, and fails with the reason if it never does.
 */
export function clusterReady(
  name: string,
  controlPlane: Machine,
  parent: pulumi.Resource,
  after: readonly pulumi.Resource[],
): RemoteScript {
  return new RemoteScript(
    `${name}-ready`,
    {
      connection: controlPlane.connection,
      script: join(__dirname, "scripts", "ready.sh"),
      parameters: { NODE_NAME: controlPlane.name },
      timeoutSeconds: 660,
    },
    stepOptions(controlPlane, parent, after),
  );
}
