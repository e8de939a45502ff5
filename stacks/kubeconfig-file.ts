import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { LocalScript } from "../components/remote/script";

/** Writes the kubeconfig on the operator's computer, readable by nobody else. The file goes with the stack. */
export function writeKubeconfig(path: string, content: pulumi.Input<string>): pulumi.Output<string> {
  const file = new LocalScript("kubeconfig", {
    script: join(__dirname, "scripts", "kubeconfig.sh"),
    parameters: { KUBECONFIG_FILE: path, KUBECONFIG_CONTENT: content },
    lock: `${path}.lock`,
    timeoutSeconds: 30,
    undo: true,
    progress: false,
  });
  // What such a step prints counts as secret, but the path is what the operator has to read.
  return pulumi.unsecret(file.stdout.apply(() => path));
}
