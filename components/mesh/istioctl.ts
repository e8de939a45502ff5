import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import type { Download } from "../artifacts/types";
import { type Machine, stepOptions } from "../hosts/machine";
import { RemoteScript } from "../remote/script";
import { renderIstioOperator } from "./istio-operator";
import type { MeshSettings } from "./mesh-settings";

export interface IstioctlArgs {
  /** A control plane, from which it is done. */
  readonly seat: Machine;
  readonly settings: MeshSettings;
  /** The program of that version of Istio. */
  readonly program: Download;
  readonly parent: pulumi.Resource;
  readonly after: readonly pulumi.Resource[];
}

/**
 * Istio by its own program, for versions that are older than the charts. It ends when istiod and the gateways run and
 * the webhooks are trusted. What it makes is no resource: a preview shows the document, not the objects. Nothing undoes
 * it: taken out of the program, Istio stays, and `istioctl x uninstall --purge` on the host removes it.
 */
export function installByIstioctl(args: IstioctlArgs): RemoteScript {
  const { seat, settings, program } = args;
  return new RemoteScript(
    "istio",
    {
      connection: seat.connection,
      script: join(__dirname, "scripts", "istioctl.sh"),
      parameters: {
        VERSION: settings.controlPlanes[0].version,
        URL: program.url,
        CHECKSUM_URL: program.checksumUrl,
        NAMESPACE: settings.namespace,
        DOCUMENT: stringify(renderIstioOperator(settings)),
      },
      timeoutSeconds: 1200,
    },
    stepOptions(seat, args.parent, args.after),
  );
}
