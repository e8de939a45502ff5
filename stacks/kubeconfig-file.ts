import { dirname } from "node:path";
import { local } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import { quote } from "../components/remote/quote";

/**
 * Writes the kubeconfig on the operator's computer, readable by nobody else. The file goes with the stack. Plain
 * POSIX shell and no LocalScript: the operator may sit at a computer that has neither flock nor GNU tools.
 */
export function writeKubeconfig(path: string, content: pulumi.Input<string>): void {
  const [file, fresh] = [quote(path), quote(`${path}.new`)];
  new local.Command("kubeconfig", {
    create: `umask 077 && mkdir -p ${quote(dirname(path))} && cat > ${fresh} && mv -f ${fresh} ${file}`,
    delete: `rm -f ${file}`,
    stdin: content,
    addPreviousOutputInEnv: false,
    logging: local.Logging.None,
  });
}
